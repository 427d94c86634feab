"""Two per cent of redemptions are called back. Who denies one raises a flag about the shop."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.flags.raising import Odd, raise_flag
from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.merchants.models import Merchant, Redemption
from backend.people.permissions import is_close
from backend.people.persons import person_now
from backend.watch.errors import CalledBack, OwnCallBack
from backend.watch.models import CallBack
from backend.watch.watch_rules import LOOKS_BACK, is_sampled


def drawn(limit: int, *, at: datetime | None = None) -> list[UUID]:
    """Captured redemptions of the last weeks that the lot fell on and that are not on the list yet."""
    since = (at or now()) - LOOKS_BACK
    on_the_list = select(CallBack.id).where(
        CallBack.office_id == Redemption.office_id, CallBack.redemption_id == Redemption.id
    )
    query = select(Redemption.id).where(
        Redemption.state == "captured", Redemption.captured_at >= since, ~on_the_list.exists()
    )
    return [each for each in session().scalars(query.order_by(Redemption.id)) if is_sampled(each)][:limit]


def draw(redemption_id: UUID) -> bool:
    """Put it on the list; whether that is new."""
    redemption = find(Redemption, redemption_id)
    row = insert_once(
        CallBack, redemption_id=redemption.id, person_id=person_now(redemption.person_id).id, drawn_at=now()
    )
    return row is not None


def answer(call: CallBack, *, by: Caller, outcome: str, note: str | None = None) -> tuple[CallBack, bool]:
    """Write down what the customer said; whoever was not reached may be asked again. And whether it is new.

    Raises `OwnCallBack` for oneself and the own household, `CalledBack` when another outcome is there.
    """
    call = find(CallBack, call.id, locked=True)
    if is_close(by, person_now(call.person_id)):
        raise OwnCallBack()
    if call.outcome == outcome:
        return call, False
    if call.outcome not in (None, "not_reached"):
        raise CalledBack()
    before = {"state": call.outcome or "open"}
    call.outcome, call.note, call.caller_id, call.called_at = outcome, note, by.person_id, now()
    session().flush()
    if outcome == "denied":
        redemption = find(Redemption, call.redemption_id)
        merchant = find(Merchant, redemption.merchant_id)
        people = tuple(each for each in (redemption.person_id, redemption.clerk_id) if each is not None)
        facts = {"redemption": redemption.id}
        raise_flag(Odd("called_back", redemption.id.hex, "merchant", merchant.id, merchant.area_id, facts, people))
    trail.record("call_backs.answer", call, beneficiary_id=call.person_id, before=before, after={"state": outcome})
    return call, True
