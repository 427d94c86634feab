"""Taking a redemption back: released by its owner or the clock before the goods left, voided by the shop after."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, said_in_shanghai, shanghai_day
from backend.foundation.db import find, session
from backend.foundation.ids import uuid7
from backend.ledger import holds
from backend.ledger.drafts import Draft, Told
from backend.ledger.errors import AlreadyResolved
from backend.ledger.posting import post
from backend.merchants.errors import NotCaptured, OwnHousehold, VoidWindowPassed, VoucherOut
from backend.merchants.models import Offer, Redemption
from backend.merchants.nearness import is_too_near
from backend.merchants.redeeming import put_back_into_stock
from backend.people.models import Person
from backend.people.permissions import owns
from backend.people.persons import person_now, selves_of
from backend.places.offices import the_book

OWNER_MAY_VOID_FOR = timedelta(days=7)


def release(redemption: Redemption, *, by: Caller) -> tuple[Redemption, bool]:
    """Cancel before the goods left; the points are free at once. And whether that is new: a repeat is fine.

    Raises `AlreadyResolved` when it was captured, `VoucherOut` while a shop may have taken its voucher.
    """
    if redemption.state == "held" and redemption.voucher_until is not None and now() < redemption.expires_at:
        raise VoucherOut(until=said_in_shanghai(redemption.expires_at), until_at=redemption.expires_at)
    if _resolve(redemption, "released", actor=f"person:{by.doer_id}", reason="已取消"):
        return redemption, True
    session().refresh(redemption)
    if redemption.state not in ("released", "expired"):
        raise AlreadyResolved(state=redemption.state, captured_at=redemption.captured_at)
    return redemption, False


def let_go(person: Person, actor: str, at: datetime) -> list[Draft]:
    """Somebody is gone: what they had reserved and not fetched is released, as entries to be posted."""
    waiting = select(Redemption).where(Redemption.person_id.in_(selves_of(person.id)), Redemption.state == "held")
    open_ones = session().scalars(waiting.order_by(Redemption.id))
    drafts = [released(each, "released", actor=actor, reason="本人不再使用", at=at) for each in open_ones]
    return [draft for draft in drafts if draft is not None]


def timed_out(limit: int) -> list[UUID]:
    """Holds of the office in force whose time is up and which nobody released yet."""
    late = select(Redemption.id).where(Redemption.state == "held", Redemption.expires_at <= now())
    return list(session().scalars(late.order_by(Redemption.expires_at).limit(limit)))


def expire(redemption_id: UUID) -> bool:
    """Release one hold whose time is up, unless somebody resolved it meanwhile."""
    redemption = find(Redemption, redemption_id)
    if redemption.expires_at > now():
        return False
    return _resolve(redemption, "expired", actor="system:clock", reason="超时未领取，积分退回")


def void(redemption: Redemption, *, by: Caller, reason: str | None = None) -> tuple[Redemption, bool]:
    """Give everything back after a capture; the redemption, and whether this call did it.

    A clerk may on the day itself (Asia/Shanghai), the owner for 7 days, nobody for the own household. Raises
    `NotCaptured`, `VoidWindowPassed`, `OwnHousehold`, or `AlreadyResolved`.
    """
    if redemption.state == "voided":
        return redemption, False
    if is_too_near(by, redemption):
        raise OwnHousehold()
    if redemption.state != "captured" or redemption.captured_at is None or redemption.capture_id is None:
        raise NotCaptured() if redemption.state == "held" else AlreadyResolved(state=redemption.state)
    at = now()
    is_same_day = shanghai_day(at) == shanghai_day(redemption.captured_at)
    is_owner_in_time = owns(by, redemption.merchant_id) and at <= redemption.captured_at + OWNER_MAY_VOID_FOR
    if not is_same_day and not is_owner_in_time:
        raise VoidWindowPassed()
    return redemption, give_back(redemption, by=by, reason=reason, at=at)


def give_back(redemption: Redemption, *, by: Caller, reason: str | None, at: datetime) -> bool:
    """Void what was captured: the points to the wallet they left, the goods into the stock; whether this call did."""
    person = person_now(redemption.person_id)
    capture_id = redemption.capture_id
    refund_id = uuid7()
    voided = session().scalar(
        update(Redemption)
        .where(Redemption.id == redemption.id, Redemption.state == "captured")
        .values(
            state="voided",
            voided_at=at,
            voider_id=by.person_id,
            refund_id=refund_id,
            **Redemption.void_reason.at_rest(redemption, reason),
        )
        .returning(Redemption.id)
    )
    session().refresh(redemption)
    if voided is None or capture_id is None:
        return False
    put_back_into_stock(redemption)
    told = _told("退回", redemption, actor=f"person:{by.person_id}", at=at)
    post(
        the_book(),
        holds.refund(the_book(), capture_id=capture_id, told=told, entry_id=refund_id),
    )
    trail.record(
        "redemptions.void",
        redemption,
        beneficiary_id=person.id,
        reason=reason,
        before={"state": "captured"},
        after={"state": "voided", "entry": refund_id},
    )
    return True


def _resolve(redemption: Redemption, state: str, *, actor: str, reason: str) -> bool:
    draft = released(redemption, state, actor=actor, reason=reason, at=now())
    if draft is None:
        return False
    post(the_book(), draft)
    return True


def released(redemption: Redemption, state: str, *, actor: str, reason: str, at: datetime) -> Draft | None:
    """Release a redemption nobody resolved yet, but for its ledger entry, which is the answer."""
    release_id = uuid7()
    resolved = session().scalar(
        update(Redemption)
        .where(Redemption.id == redemption.id, Redemption.state == "held")
        .values(state=state, released_at=at, release_id=release_id)
        .returning(Redemption.id)
    )
    if resolved is None:
        return None
    session().refresh(redemption)
    put_back_into_stock(redemption)
    told = _told(reason, redemption, actor=actor, at=at)
    return holds.release(the_book(), hold_id=redemption.hold_id, told=told, entry_id=release_id)


def _told(reason: str, redemption: Redemption, *, actor: str, at: datetime) -> Told:
    offer = find(Offer, redemption.offer_id)
    return Told(f"{reason}：{offer.name}", actor, f"redemption:{redemption.id}", at)
