"""Voiding after the shop's own windows have passed: two officers, the first one asks, the second one does it."""

from sqlalchemy import update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.foundation.errors import SecondPersonNeeded
from backend.ledger.errors import AlreadyResolved
from backend.merchants.errors import NotCaptured, OwnHousehold
from backend.merchants.models import Redemption
from backend.merchants.nearness import is_of_the_shop, is_too_near
from backend.merchants.undoing import give_back
from backend.people.permissions import is_close
from backend.people.persons import person_now


def void_late(redemption: Redemption, *, by: Caller, reason: str | None = None) -> bool:
    """Ask for the void of a captured redemption, or carry out what another officer asked for; whether it is done.

    Raises `NotCaptured`, `AlreadyResolved`, `OwnHousehold` for those near to the customer or to the shop, and
    `SecondPersonNeeded` for the first one again and for their household.
    """
    if is_too_near(by, redemption) or is_of_the_shop(by, redemption.merchant_id):
        raise OwnHousehold()
    if redemption.state != "captured":
        raise NotCaptured() if redemption.state == "held" else AlreadyResolved(state=redemption.state)
    at = now()
    asked = session().scalar(
        update(Redemption)
        .where(Redemption.id == redemption.id, Redemption.state == "captured", Redemption.void_asker_id.is_(None))
        .values(void_asker_id=by.person_id, void_asked_at=at)
        .returning(Redemption.id)
    )
    session().refresh(redemption)
    if asked is not None:
        trail.record(
            "redemptions.ask_void",
            redemption,
            beneficiary_id=person_now(redemption.person_id).id,
            reason=reason,
            after={"state": "captured"},
        )
        return False
    if redemption.void_asker_id is not None and is_close(by, person_now(redemption.void_asker_id)):
        raise SecondPersonNeeded()
    if not give_back(redemption, by=by, reason=reason, at=at):
        raise AlreadyResolved(state=redemption.state)
    return True
