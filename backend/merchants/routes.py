"""Endpoints of merchants: what residents redeem, and what clerks do at the counter."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.api import REPLAYED, Blueprint, allow, keyed, refuses, requires, visible
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.guesses import guessable
from backend.foundation.limits import fails_closed
from backend.foundation.pages import page, page_of
from backend.foundation.search import matches
from backend.ledger.errors import (
    AlreadyResolved,
    AlreadyReversed,
    BookBroken,
    HoldExpired,
    InsufficientPoints,
    KeyReused,
)
from backend.merchants import counter, undoing
from backend.merchants.errors import (
    AlreadyCaptured,
    LimitReached,
    NotCaptured,
    OfferClosed,
    OwnHousehold,
    SoldOut,
    VoidWindowPassed,
)
from backend.merchants.models import Merchant, Offer, Redemption
from backend.merchants.queries import offers_asked_for, redemptions_asked_for, shown_offers, shown_redemptions
from backend.merchants.redeeming import redeem
from backend.merchants.schemas import (
    CaptureForm,
    MerchantView,
    OfferQuery,
    OfferView,
    RedemptionForm,
    RedemptionQuery,
    RedemptionView,
    ShopQuery,
    VoidForm,
)
from backend.people.errors import MinorCannotSpend, PhoneNeeded
from backend.people.permissions import serves, shop_people
from backend.people.persons import person_now

merchants = Blueprint("merchants", __name__, description="商户与兑换")


@merchants.get("/merchants")
@requires(anybody_here)
@merchants.arguments(ShopQuery, location="query")
@merchants.response(200, page_of(MerchantView))
def list_merchants(asked: dict[str, Any]) -> dict[str, Any]:
    """The shops that take points."""
    query = select(Merchant).where(Merchant.state == "active")
    if q := asked.get("q"):
        query = query.where(matches(Merchant.search, q))
    return page(query, asked, by=(Merchant.id,), newest_first=False)


@merchants.get("/offers")
@requires(anybody_here)
@merchants.arguments(OfferQuery, location="query")
@merchants.response(200, page_of(OfferView))
def list_offers(asked: dict[str, Any]) -> dict[str, Any]:
    """What points can be redeemed for, cheapest first."""
    found = page(offers_asked_for(asked), asked, by=(Offer.price_points, Offer.id), newest_first=False)
    return {**found, "items": shown_offers(found["items"], to=caller().person_id)}


@merchants.post("/redemptions")
@requires(anybody_here)
@merchants.arguments(RedemptionForm)
@merchants.creates(RedemptionView)
@refuses(KeyReused, NotFound, PhoneNeeded, MinorCannotSpend, OfferClosed, SoldOut, LimitReached, InsufficientPoints)
@fails_closed
@keyed
@transactional
def create(form: dict[str, Any], key: str) -> Any:
    """Redeem an offer: the points go on hold, the code is good for 15 minutes (days for a reserved item)."""
    redemption, is_new = redeem(**form, by=caller(), key=key)
    return _one(redemption) if is_new else (_one(redemption), 200, REPLAYED)


@merchants.get("/redemptions")
@requires(anybody_here)
@merchants.arguments(RedemptionQuery, location="query")
@merchants.response(200, page_of(RedemptionView))
def list_mine(asked: dict[str, Any]) -> dict[str, Any]:
    """My redemptions, newest first."""
    found = page(redemptions_asked_for(asked, of=caller().person_id), asked, by=(Redemption.id,))
    return {**found, "items": shown_redemptions(found["items"], to=caller().person_id)}


@merchants.get("/redemptions/<uuid:redemption_id>")
@requires(anybody_here)
@merchants.response(200, RedemptionView)
@refuses(NotFound)
def show(redemption_id: UUID) -> dict[str, Any]:
    """One redemption, to its owner and to the shop."""
    redemption = find(Redemption, redemption_id)
    visible(_is_mine(redemption) or serves(caller(), redemption.merchant_id))
    return _one(redemption)


@merchants.delete("/redemptions/<uuid:redemption_id>")
@requires(anybody_here)
@merchants.response(200, RedemptionView)
@refuses(NotFound, AlreadyResolved, BookBroken)
@transactional
def cancel(redemption_id: UUID) -> Any:
    """Cancel before it was handed over; the points are free again at once."""
    redemption = find(Redemption, redemption_id)
    visible(_is_mine(redemption))
    released, is_new = undoing.release(redemption, by=caller())
    return _one(released) if is_new else (_one(released), 200, REPLAYED)


@merchants.get("/redemptions/by-code/<string:code>")
@requires(shop_people)
@merchants.response(200, RedemptionView)
@refuses(NotFound)
@guessable("code")
def look_up(code: str) -> dict[str, Any]:
    """What to hand over for this code, before capturing it."""
    return _one(counter.by_code(code, clerk=caller()))


@merchants.post("/redemptions/capture")
@requires(shop_people)
@merchants.arguments(CaptureForm)
@merchants.response(200, RedemptionView)
@refuses(NotFound, OwnHousehold, AlreadyCaptured, AlreadyResolved, HoldExpired, BookBroken)
@guessable("code")
@fails_closed
@transactional
def capture(form: dict[str, Any]) -> Any:
    """Capture a code: the goods leave once. The same clerk asking again is told that it is done, and when."""
    redemption, is_new = counter.capture(form["code"], clerk=caller())
    return _one(redemption) if is_new else (_one(redemption), 200, REPLAYED)


@merchants.post("/redemptions/<uuid:redemption_id>/void")
@requires(shop_people)
@merchants.arguments(VoidForm)
@merchants.response(200, RedemptionView)
@refuses(NotFound, Forbidden, OwnHousehold, NotCaptured, AlreadyResolved, AlreadyReversed, VoidWindowPassed, BookBroken)
@transactional
def void(form: dict[str, Any], redemption_id: UUID) -> Any:
    """Take a captured redemption back as a whole: a clerk on the day, the owner for 7 days."""
    redemption = find(Redemption, redemption_id)
    visible(serves(caller(), redemption.merchant_id) or _is_mine(redemption))
    allow(serves(caller(), redemption.merchant_id))
    voided, is_new = undoing.void(redemption, by=caller(), reason=form.get("reason"))
    return _one(voided) if is_new else (_one(voided), 200, REPLAYED)


def _is_mine(redemption: Redemption) -> bool:
    """Also what they redeemed under an account that was merged into theirs."""
    me = caller().person_id
    return redemption.person_id == me or person_now(redemption.person_id).id == me


def _one(redemption: Redemption) -> dict[str, Any]:
    return shown_redemptions([redemption], to=caller().person_id)[0]
