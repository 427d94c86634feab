"""The annual confirmation (年度确认): the leader reports a year, a worker confirms it, or gives it back to be mended.

It opens on 1 January and is due on 31 March of the next year; what is not confirmed then is
listed, and may be suspended.
"""

from typing import Any

from sqlalchemy import select

from backend.foundation import outbox, trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import add, find, session
from backend.foundation.errors import SecondPersonNeeded
from backend.foundation.ids import uuid7
from backend.foundation.tenancy import office_in_force
from backend.groups.errors import ConfirmationDecided, ConfirmationNotOpen, GroupClosed, NotFiled
from backend.groups.filing_rules import confirmation_due, confirmation_opens
from backend.groups.leading import leaders_of, refuse_own
from backend.groups.life_models import Confirmation
from backend.groups.models import Group
from backend.messages.texts import GROUP
from backend.people.models import Person
from backend.people.permissions import is_close
from backend.people.persons import person_now


def report(group: Group, form: dict[str, Any], *, reporter: Person) -> tuple[Confirmation, bool]:
    """Say how the year was; and whether that is new: until it is confirmed it may be said again, better.

    The year is the one before the day on which it is due. Raises `NotFiled`, `GroupClosed` or `ConfirmationNotOpen`.
    """
    group = find(Group, group.id, locked=True)
    if group.stage == "dissolved":
        raise GroupClosed()
    if group.confirm_due_on is None:
        raise NotFiled()
    at = now()
    opens_on = confirmation_opens(group.confirm_due_on)
    if shanghai_day(at) < opens_on:
        raise ConfirmationNotOpen(opens_on=opens_on.isoformat())
    year = group.confirm_due_on.year - 1
    said = session().scalar(select(Confirmation).where(Confirmation.group_id == group.id, Confirmation.year == year))
    is_new = said is None
    said = said or Confirmation(office_id=office_in_force(), id=uuid7(), group_id=group.id, year=year)
    said.state, said.reporter_id, said.reported_at = "reported", reporter.id, at
    said.members, said.activities, said.changes = group.members, form["activities"], form["changes"]
    said.decider_id = said.decided_at = said.reason = None
    add(said)
    trail.record("confirmations.report", said, after={"state": "reported", "group": group.id})
    return said, is_new


def decide(
    confirmation: Confirmation, *, decider: Caller, confirmed: bool, reason: str | None = None
) -> tuple[Confirmation, bool]:
    """Confirm the year, or give it back with a reason; and whether that is new: the same again is fine.

    Raises `OwnGroup`, `SecondPersonNeeded` for whoever reported it, `ConfirmationDecided` or `GroupClosed`.
    """
    group = find(Group, confirmation.group_id, locked=True)
    session().refresh(confirmation)
    refuse_own(group, decider)
    state = "confirmed" if confirmed else "returned"
    if confirmation.state != "reported":
        if confirmation.state != state:
            raise ConfirmationDecided(state=confirmation.state)
        return confirmation, False
    if is_close(decider, person_now(confirmation.reporter_id)):
        raise SecondPersonNeeded()
    if group.stage == "dissolved":
        raise GroupClosed()
    confirmation.state, confirmation.reason = state, reason
    confirmation.decider_id, confirmation.decided_at = decider.person_id, now()
    if confirmed:
        group.confirm_due_on = confirmation_due(confirmation.year + 1)
    session().flush()
    for leader in leaders_of(group):
        outbox.put(
            f"confirmation:{confirmation.id}:{leader.id}:{state}:{confirmation.reported_at:%Y%m%d%H%M%S}",
            topic=GROUP,
            person_id=leader.id,
            facts={"what": f"year_{state}", "name": group.name, "group": group.id},
        )
    trail.record(
        "confirmations.confirm" if confirmed else "confirmations.return",
        confirmation,
        reason=reason,
        before={"state": "reported"},
        after={"state": state, "group": group.id},
    )
    return confirmation, True
