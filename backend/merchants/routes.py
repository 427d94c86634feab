"""Endpoints of merchants: what residents redeem, and what clerks do at the counter."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import REPLAYED, Blueprint, keyed, keyed_unless, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.config import Config
from backend.foundation.db import find, transactional
from backend.foundation.errors import (
    ActingForOthersUnavailable,
    AppError,
    Busy,
    Forbidden,
    NotFound,
    SecondPersonNeeded,
)
from backend.foundation.guesses import guessable
from backend.foundation.limits import fails_closed
from backend.foundation.pages import PageQuery, page, page_of
from backend.foundation.search import matches
from backend.groups.errors import GroupClosed
from backend.households.errors import HeadApprovalNeeded, NoHeadToApprove
from backend.ledger.errors import (
    AlreadyResolved,
    AlreadyReversed,
    BookBroken,
    HoldExpired,
    InsufficientPoints,
    KeyReused,
)
from backend.merchants import confirming, counter, undoing
from backend.merchants.assisted_caps import Caps
from backend.merchants.errors import (
    AlreadyCaptured,
    AssistedCapReached,
    CodeUsed,
    LeftHousehold,
    LimitReached,
    MoreThanHeld,
    NotCaptured,
    OfferClosed,
    OfferNotOpen,
    OwnHousehold,
    OwnShop,
    SecondLeaderFirst,
    ShopCapReached,
    SoldOut,
    VoidWindowPassed,
    VoucherExpired,
    VoucherInvalid,
    VoucherOfOtherShop,
    VoucherOut,
)
from backend.merchants.late_voids import void_late
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
    VoucherResultsView,
    VouchersForm,
)
from backend.merchants.selling import Sale, sell_for_card, sell_for_code
from backend.merchants.vouchers import take
from backend.people.assisted import assisted
from backend.people.errors import (
    CardBlocked,
    CardLocked,
    CardUnknown,
    CodeOfOtherOffice,
    MinorCannotSpend,
    NoHousehold,
    PersonCodeExpired,
    PersonCodeInvalid,
    PhoneNeeded,
    PinWrong,
    ResidentNeeded,
)
from backend.people.permissions import leads, officers, serves, shop_people, shop_people_and_officers
from backend.people.persons import person_now
from backend.people.pins import try_pin

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
@refuses(
    KeyReused,
    NotFound,
    PhoneNeeded,
    MinorCannotSpend,
    OfferClosed,
    OfferNotOpen,
    SoldOut,
    LimitReached,
    InsufficientPoints,
)
@refuses(AssistedCapReached, ResidentNeeded, NoHousehold, HeadApprovalNeeded, NoHeadToApprove)
@refuses(ActingForOthersUnavailable, Forbidden, OwnShop, GroupClosed, SecondLeaderFirst)
@fails_closed
@keyed
@transactional
@assisted("redeem", of=Redemption)
def create(form: dict[str, Any], key: str) -> Any:
    """Redeem an offer: the points go on hold, the code is good for 15 minutes (days for a reserved item).

    A leader or deputy spends for the group with `wallet`; above the group's limit after a second one confirmed it.
    """
    redemption, is_new = redeem(**form, by=caller(), key=key, caps=_caps())
    return _one(redemption) if is_new else (_one(redemption), 200, REPLAYED)


@merchants.get("/redemptions")
@requires(anybody_here)
@merchants.arguments(RedemptionQuery, location="query")
@merchants.response(200, page_of(RedemptionView))
@assisted("read_redemptions", reads=True)
def list_mine(asked: dict[str, Any]) -> dict[str, Any]:
    """My redemptions, newest first."""
    found = page(redemptions_asked_for(asked, of=caller().person_id), asked, by=(Redemption.id,))
    return {**found, "items": shown_redemptions(found["items"], to=caller().person_id)}


@merchants.get("/redemptions/<uuid:redemption_id>")
@requires(anybody_here)
@merchants.response(200, RedemptionView)
@refuses(NotFound)
@assisted("read_redemptions", reads=True)
def show(redemption_id: UUID) -> dict[str, Any]:
    """One redemption, to its owner, to the shop and to those who lead the group that pays."""
    redemption = find(Redemption, redemption_id)
    visible(_is_mine(redemption) or serves(caller(), redemption.merchant_id) or leads(caller(), redemption.group_id))
    return _one(redemption)


@merchants.delete("/redemptions/<uuid:redemption_id>")
@requires(anybody_here)
@merchants.response(200, RedemptionView)
@refuses(NotFound, AlreadyResolved, VoucherOut, BookBroken)
@transactional
@assisted("cancel_redemption", of=Redemption)
def cancel(redemption_id: UUID) -> Any:
    """Cancel before it was handed over; the points are free again at once."""
    redemption = find(Redemption, redemption_id)
    visible(_is_mine(redemption))
    released, is_new = undoing.release(redemption, by=caller())
    return _one(released) if is_new else (_one(released), 200, REPLAYED)


@merchants.post("/redemptions/<uuid:redemption_id>/confirm")
@requires(anybody_here)
@merchants.response(200, RedemptionView)
@refuses(NotFound, HoldExpired, AlreadyResolved)
@transactional
def confirm(redemption_id: UUID) -> Any:
    """Say yes on my phone to what a counter asks for; to say no, cancel it."""
    redemption = find(Redemption, redemption_id)
    visible(_is_mine(redemption))
    confirmed, is_new = confirming.confirm(redemption)
    return _one(confirmed) if is_new else (_one(confirmed), 200, REPLAYED)


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
@merchants.creates(RedemptionView)
@merchants.alt_response(202, schema=RedemptionView, description="Set aside; the customer confirms on the phone.")
@refuses(NotFound, Forbidden, OwnHousehold, AlreadyCaptured, AlreadyResolved, HoldExpired, BookBroken)
@refuses(CardUnknown, CardBlocked, CardLocked, PinWrong, PersonCodeInvalid, PersonCodeExpired, CodeOfOtherOffice)
@refuses(KeyReused, PhoneNeeded, MinorCannotSpend, OfferClosed, SoldOut, LimitReached, InsufficientPoints)
@refuses(OfferNotOpen, ShopCapReached)
@refuses(AssistedCapReached, CodeUsed, LeftHousehold, MoreThanHeld)
@guessable("code", "person_code", "card")
@fails_closed
@keyed_unless("code")
def capture(form: dict[str, Any], key: str | None) -> Any:
    """Take points for goods that leave now, once.

    With the code of a redemption; the same clerk asking again is told that it is done, and when. Or without one, with
    the customer's card and the PIN they type, or the code on their phone: then `offer_id` and an Idempotency-Key are
    needed, and a repeat with the key answers the first result. Above the office's limit for a code the answer is 202:
    the customer confirms on the phone, then the same request with the same key hands over.
    """
    if key is None:
        return _capture(form["code"], form.get("quantity"))
    sale = Sale(form["offer_id"], form.get("quantity", 1), key)
    if "card" in form:  # A PIN is compared before the deed begins: it takes long.
        return _sell(sell_for_card, try_pin(form["card"], form["pin"]), sale)
    return _sell(sell_for_code, form["person_code"], sale)


@transactional
def _capture(code: str, quantity: int | None) -> Any:
    redemption, is_new = counter.capture(code, clerk=caller(), quantity=quantity)
    return (_one(redemption), 200, {} if is_new else REPLAYED)


@transactional
def _sell(deed: Callable[..., tuple[Redemption, bool]], shown: Any, sale: Sale) -> Any:
    redemption, is_new = deed(shown, sale, clerk=caller(), caps=_caps())
    if redemption.state == "held":
        return _one(redemption), 202
    return _one(redemption) if is_new else (_one(redemption), 200, REPLAYED)


@merchants.post("/redemptions/vouchers")
@requires(shop_people)
@merchants.arguments(VouchersForm)
@merchants.response(200, VoucherResultsView)
@refuses(
    VoucherInvalid, VoucherOfOtherShop, VoucherExpired, OwnHousehold, AlreadyCaptured, AlreadyResolved, HoldExpired
)
@refuses(LeftHousehold, BookBroken)
@fails_closed
def upload_vouchers(form: dict[str, Any]) -> dict[str, Any]:
    """What a shop without a network handed over for vouchers: each is captured once, and each has a result.

    Every one is a transaction of its own, so the same upload again goes on where it stopped. A refusal of one is its
    result, by the code it would have alone.
    """
    return {"items": [_taken(n, item) for n, item in enumerate(form["items"])]}


def _taken(n: int, item: dict[str, Any]) -> dict[str, Any]:
    nothing: dict[str, Any] = {"n": n, "redemption_id": None, "captured_at": None, "code": None, "message": None}
    try:
        taken = transactional(take)(item["voucher"], scanned_at=item["scanned_at"], clerk=caller())
    except Busy:
        raise
    except AppError as refusal:
        return nothing | {"result": "refused", "code": refusal.code, "message": refusal.text}
    redemption = taken.redemption
    result = "captured" if taken.is_new else "replayed"
    return nothing | {"result": result, "redemption_id": redemption.id, "captured_at": redemption.captured_at}


@merchants.post("/redemptions/<uuid:redemption_id>/void")
@requires(shop_people_and_officers)
@merchants.arguments(VoidForm)
@merchants.response(200, RedemptionView)
@merchants.alt_response(202, schema=RedemptionView, description="Asked for; a second officer does it.")
@refuses(NotFound, Forbidden, OwnHousehold, NotCaptured, AlreadyResolved, AlreadyReversed, VoidWindowPassed, BookBroken)
@refuses(SecondPersonNeeded)
@transactional
def void(form: dict[str, Any], redemption_id: UUID) -> Any:
    """Take a captured redemption back as a whole: a clerk on the day, the owner for 7 days, later two officers."""
    redemption = find(Redemption, redemption_id)
    is_served = serves(caller(), redemption.merchant_id)
    visible(is_served or officers(caller()) or _is_mine(redemption))
    allow(is_served or officers(caller()))
    if not is_served:
        if redemption.state == "voided":
            return _one(redemption), 200, REPLAYED
        is_done = void_late(redemption, by=caller(), reason=form.get("reason"))
        return _one(redemption), 200 if is_done else 202
    voided, is_new = undoing.void(redemption, by=caller(), reason=form.get("reason"))
    return _one(voided) if is_new else (_one(voided), 200, REPLAYED)


@merchants.get("/late-voids")
@requires(officers)
@merchants.arguments(PageQuery, location="query")
@merchants.response(200, page_of(RedemptionView))
def list_late_voids(asked: dict[str, Any]) -> dict[str, Any]:
    """Redemptions that one officer wants voided and that wait for a second one, oldest first."""
    query = select(Redemption).where(Redemption.void_asked_at.is_not(None), Redemption.state == "captured")
    found = page(query, asked, by=(Redemption.void_asked_at, Redemption.id), newest_first=False)
    return {**found, "items": shown_redemptions(found["items"], to=caller().person_id)}


def _is_mine(redemption: Redemption) -> bool:
    """Also what they redeemed under an account that was merged into theirs."""
    me = caller().person_id
    return redemption.person_id == me or person_now(redemption.person_id).id == me


def _caps() -> Caps:
    config: Config = current_app.extensions["config"]
    return Caps(
        a_day=config.assisted_a_day,
        at_once=config.assisted_at_once,
        unconfirmed=config.unconfirmed_at_most,
        alone_for_group=config.two_needed_above,
    )


def _one(redemption: Redemption) -> dict[str, Any]:
    return shown_redemptions([redemption], to=caller().person_id)[0]
