"""Endpoints of a shop: it applies and is decided on, writes its offers, and sees its day."""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import Caller, anybody_here, caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound, Unprocessable
from backend.foundation.pages import PageQuery, page, page_of
from backend.merchants import offering, onboarding
from backend.merchants.days import day_of, redemptions_of
from backend.merchants.errors import MerchantNameTaken, MerchantState, OfferDecided, OwnShop
from backend.merchants.models import Merchant, Offer, Redemption
from backend.merchants.queries import shown_offers, shown_redemptions
from backend.merchants.schemas import RedemptionView
from backend.merchants.shop_schemas import (
    ContractView,
    DayQuery,
    MerchantDecisionForm,
    MerchantForm,
    MerchantQuery,
    OfferDecisionForm,
    OfferEditForm,
    OfferForm,
    ShopCapsForm,
    ShopDayView,
    ShopOfferView,
    ShopRedemptionQuery,
)
from backend.people.permissions import officers, officers_and_auditors, owns, serves, shop_people
from backend.people.persons import selves_of
from backend.people.role_errors import AdultNeeded, RoleHeldOtherwise, VerificationNeeded
from backend.places.errors import AreaClosed
from backend.safety.judged import judged

shops = Blueprint("shops", __name__, description="商户入驻与商品")


def shop_or_staff(by: Caller) -> bool:
    return by.holds("clerk", "owner", "officer", "auditor")


@shops.post("/merchants")
@requires(anybody_here)
@shops.arguments(MerchantForm)
@shops.response(201, ContractView)
@refuses(NotFound, VerificationNeeded, AreaClosed, MerchantNameTaken, AdultNeeded, Unprocessable)
@judged("name", "address", about=Merchant)
def apply(form: dict[str, Any]) -> Merchant:
    """Ask that my shop may take points; an officer decides, and I become its owner."""
    return onboarding.apply(form, applicant=caller())


@shops.get("/me/merchants")
@requires(anybody_here)
@shops.arguments(PageQuery, location="query")
@shops.response(200, page_of(ContractView))
def list_mine(asked: dict[str, Any]) -> dict[str, Any]:
    """The shops I applied for, own or serve."""
    scopes = [grant.scope for grant in caller().grants if grant.role in ("owner", "clerk")]
    served = [UUID(scope.removeprefix("merchant:")) for scope in scopes if scope.startswith("merchant:")]
    mine = or_(Merchant.id.in_(served), Merchant.applicant_id.in_(selves_of(caller().person_id)))
    return page(select(Merchant).where(mine), asked, by=(Merchant.id,))


@shops.get("/office/merchants")
@requires(officers_and_auditors)
@shops.arguments(MerchantQuery, location="query")
@shops.response(200, page_of(ContractView))
def list_all(asked: dict[str, Any]) -> dict[str, Any]:
    """Every merchant with its contract; `state=applied` waits for an officer."""
    query = select(Merchant)
    if asked.get("state"):
        query = query.where(Merchant.state == asked["state"])
    return page(query, asked, by=(Merchant.id,))


@shops.put("/merchants/<uuid:merchant_id>")
@requires(officers)
@shops.arguments(MerchantDecisionForm)
@shops.response(200, ContractView)
@refuses(NotFound, OwnShop, MerchantState, AdultNeeded, RoleHeldOtherwise)
@transactional
def decide(form: dict[str, Any], merchant_id: UUID) -> Any:
    """Approve with a contract share, decline, suspend (what is reserved there is released) or let it go on."""
    decided, is_new = onboarding.decide(find(Merchant, merchant_id, locked=True), by=caller(), **form)
    return decided if is_new else (decided, 200, REPLAYED)


@shops.put("/merchants/<uuid:merchant_id>/caps")
@requires(officers)
@shops.arguments(ShopCapsForm)
@shops.response(200, ContractView)
@refuses(NotFound)
@transactional
def set_caps(form: dict[str, Any], merchant_id: UUID) -> Merchant:
    """How much one person, and everybody together, may redeem at a shop in a day and in a month, from now on."""
    return onboarding.set_caps(find(Merchant, merchant_id, locked=True), form)


@shops.post("/offers")
@requires(shop_people)
@shops.arguments(OfferForm)
@shops.response(201, ShopOfferView)
@refuses(NotFound, Forbidden, MerchantState, Unprocessable)
@judged("name", "description", about=Offer)
def write_offer(form: dict[str, Any]) -> dict[str, Any]:
    """Offer something for points; an officer looks at it before it is live."""
    merchant = _served(form.pop("merchant_id"))
    allow(owns(caller(), merchant.id))
    return _one(offering.offer(merchant, form, author=caller()))


@shops.put("/offers/<uuid:offer_id>")
@requires(shop_people)
@shops.arguments(OfferEditForm)
@shops.response(200, ShopOfferView)
@refuses(NotFound, Forbidden, OfferDecided, Unprocessable)
@judged("name", "description", about=Offer)
def edit_offer(form: dict[str, Any], offer_id: UUID) -> dict[str, Any]:
    """Change stock, limits or times at once; another name, price, word or picture is a new version in review."""
    return _one(offering.edit(_own_offer(offer_id), form, author=caller()))


@shops.delete("/offers/<uuid:offer_id>")
@requires(shop_people)
@shops.response(200, ShopOfferView)
@refuses(NotFound, Forbidden, OfferDecided)
@transactional
def withdraw_offer(offer_id: UUID) -> Any:
    """Offer it no more; whoever reserved it still gets it."""
    withdrawn, is_new = offering.withdraw(_own_offer(offer_id))
    return _one(withdrawn) if is_new else (_one(withdrawn), 200, REPLAYED)


@shops.get("/offers/review")
@requires(officers)
@shops.arguments(PageQuery, location="query")
@shops.response(200, page_of(ShopOfferView))
def list_in_review(asked: dict[str, Any]) -> dict[str, Any]:
    """Offers that wait for an officer, oldest first."""
    found = page(select(Offer).where(Offer.state == "review"), asked, by=(Offer.id,), newest_first=False)
    return {**found, "items": shown_offers(found["items"], to=caller().person_id)}


@shops.put("/offers/<uuid:offer_id>/review")
@requires(officers)
@shops.arguments(OfferDecisionForm)
@shops.response(200, ShopOfferView)
@refuses(NotFound, OwnShop, OfferDecided)
@transactional
def review_offer(form: dict[str, Any], offer_id: UUID) -> Any:
    """Let an offer go live, in place of the version before, or decline it."""
    decided, is_new = offering.decide(
        find(Offer, offer_id), by=caller(), approved=form["decision"] == "approved", reason=form.get("reason")
    )
    return _one(decided) if is_new else (_one(decided), 200, REPLAYED)


@shops.get("/merchants/<uuid:merchant_id>/offers")
@requires(shop_or_staff)
@shops.arguments(PageQuery, location="query")
@shops.response(200, page_of(ShopOfferView))
@refuses(NotFound)
def list_offers_of(asked: dict[str, Any], merchant_id: UUID) -> dict[str, Any]:
    """Everything a shop offers or offered, newest first."""
    merchant = _served(merchant_id)
    found = page(select(Offer).where(Offer.merchant_id == merchant.id), asked, by=(Offer.id,))
    return {**found, "items": shown_offers(found["items"], to=caller().person_id)}


@shops.get("/merchants/<uuid:merchant_id>/today")
@requires(shop_or_staff)
@shops.arguments(DayQuery, location="query")
@shops.response(200, ShopDayView)
@refuses(NotFound)
def show_day(asked: dict[str, Any], merchant_id: UUID) -> dict[str, Any]:
    """The shop's day: captured, voided, what waits, and the month so far; of another day it is the daily closing."""
    return day_of(_served(merchant_id).id, asked.get("day") or shanghai_day(now()))


@shops.get("/merchants/<uuid:merchant_id>/redemptions")
@requires(shop_or_staff)
@shops.arguments(ShopRedemptionQuery, location="query")
@shops.response(200, page_of(RedemptionView))
@refuses(NotFound)
def list_redemptions_of(asked: dict[str, Any], merchant_id: UUID) -> dict[str, Any]:
    """A shop's redemptions, newest first: by state, day, and the last characters of the code."""
    found = page(redemptions_of(_served(merchant_id).id, asked), asked, by=(Redemption.id,))
    return {**found, "items": shown_redemptions(found["items"], to=caller().person_id)}


def _served(merchant_id: UUID) -> Merchant:
    merchant = find(Merchant, merchant_id)
    visible(serves(caller(), merchant.id) or officers_and_auditors(caller()))
    return merchant


def _own_offer(offer_id: UUID) -> Offer:
    current = find(Offer, offer_id, locked=True)
    visible(serves(caller(), current.merchant_id))
    allow(owns(caller(), current.merchant_id))
    return current


def _one(offer: Offer) -> dict[str, Any]:
    return shown_offers([offer], to=caller().person_id)[0]
