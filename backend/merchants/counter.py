"""At the counter: look a code up, hand the goods over, capture. Goods leave once."""

from datetime import datetime

from sqlalchemy import select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, said_in_shanghai
from backend.foundation.db import find, session
from backend.foundation.ids import uuid7
from backend.households.standing import household_today
from backend.ledger import holds
from backend.ledger.drafts import Told
from backend.ledger.errors import AlreadyResolved, HoldExpired
from backend.ledger.posting import post
from backend.merchants.errors import (
    AlreadyCaptured,
    LeftHousehold,
    MoreThanHeld,
    OwnHousehold,
    RedemptionCodeUnknown,
)
from backend.merchants.models import Merchant, Offer, Redemption
from backend.merchants.nearness import is_too_near
from backend.merchants.redeeming import put_back_into_stock
from backend.merchants.worth import fix_the_worth_anew
from backend.people.permissions import serves
from backend.people.persons import person_now
from backend.places.offices import the_book


def by_code(code: str, *, clerk: Caller) -> Redemption:
    """The redemption with that code at the clerk's own merchant; elsewhere it does not exist for them.

    Raises `RedemptionCodeUnknown`.
    """
    typed = code.strip().upper()
    if not typed.isascii() or not typed.isalnum():
        raise RedemptionCodeUnknown()
    redemption = session().scalar(select(Redemption).where(Redemption.code == typed))
    if redemption is None or not serves(clerk, redemption.merchant_id):
        raise RedemptionCodeUnknown()
    return redemption


def capture(code: str, *, clerk: Caller, quantity: int | None = None) -> tuple[Redemption, bool]:
    """Take the held points for the goods; the redemption, and whether this call did it.

    With a smaller `quantity` only so many leave; the rest of the points returns to the wallet. The same clerk asking
    again is told it is done; raises `AlreadyCaptured` for another clerk, `OwnHousehold`, `MoreThanHeld`, `HoldExpired`,
    `LeftHousehold` where the pot pays for somebody who lives there no more, or `AlreadyResolved` for what was
    cancelled or voided.
    """
    redemption = by_code(code, clerk=clerk)
    at = now()
    if redemption.state == "captured" and redemption.clerk_id == clerk.person_id:
        return redemption, False
    if is_too_near(clerk, redemption):
        raise OwnHousehold()
    if redemption.household_id is not None:
        lives_in = person_now(redemption.person_id).household_id
        if household_today(redemption.household_id).id != lives_in:
            raise LeftHousehold()
    fewer = 0 if quantity is None else redemption.quantity - quantity
    if fewer < 0 and redemption.state == "held":
        raise MoreThanHeld(held=redemption.quantity)
    if not hand_over(redemption, clerk=clerk, at=at, fewer=max(0, fewer)):
        return _captured_before(redemption, clerk), False
    return redemption, True


def hand_over(redemption: Redemption, *, clerk: Caller, at: datetime, fewer: int = 0) -> bool:
    """Take the held points for goods that leave now, `fewer` than were held; whether this call did it."""
    each_points = redemption.points // redemption.quantity
    each_fen = redemption.price_fen // redemption.quantity
    captured = session().scalar(
        update(Redemption)
        .where(Redemption.id == redemption.id, Redemption.state == "held", Redemption.expires_at > at)
        .where(Redemption.quantity > fewer)
        .values(
            state="captured",
            captured_at=at,
            clerk_id=clerk.person_id,
            capture_id=uuid7(),
            quantity=Redemption.quantity - fewer,
            points=Redemption.points - fewer * each_points,
            price_fen=Redemption.price_fen - fewer * each_fen,
            returned_quantity=fewer,
            returned_points=fewer * each_points,
        )
        .returning(Redemption.id)
    )
    session().refresh(redemption)
    if captured is None:
        return False
    if fewer:
        put_back_into_stock(redemption, fewer)
    offer, merchant = find(Offer, redemption.offer_id), find(Merchant, redemption.merchant_id)
    assert redemption.capture_id is not None  # noqa: S101  # written by the statement above
    told = Told(
        f"已领取：{offer.name}（{merchant.name}）", f"person:{clerk.person_id}", f"redemption:{redemption.id}", at
    )
    post(
        the_book(),
        holds.capture(
            the_book(),
            hold_id=redemption.hold_id,
            merchant=str(merchant.id),
            points=redemption.points,
            told=told,
            entry_id=redemption.capture_id,
        ),
    )
    if fewer:
        fix_the_worth_anew(redemption)
    trail.record(
        "redemptions.capture",
        redemption,
        beneficiary_id=person_now(redemption.person_id).id,
        before={"state": "held"},
        after={"state": "captured", "entry": redemption.capture_id},
    )
    return True


def _captured_before(redemption: Redemption, clerk: Caller) -> Redemption:
    if redemption.state == "captured":
        if redemption.clerk_id == clerk.person_id:
            return redemption
        assert redemption.captured_at is not None  # noqa: S101  # the table says so
        raise AlreadyCaptured(at=said_in_shanghai(redemption.captured_at), captured_at=redemption.captured_at)
    if redemption.state in ("held", "expired"):
        raise HoldExpired(expired_at=redemption.expires_at)
    raise AlreadyResolved(state=redemption.state)
