"""Appealing against a removal: asked once by whoever was removed, answered in time by a worker without a hand in it."""

from datetime import timedelta

from sqlalchemy import select

from backend.foundation import outbox, trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Replan
from backend.groups.applications import join
from backend.groups.errors import AppealDecided, AppealTooLate, NoMember, OwnRemoval
from backend.groups.filing_rules import working_days_after
from backend.groups.leading import refuse_own
from backend.groups.member_models import Appeal
from backend.groups.models import Group, Membership
from backend.groups.policies import policy
from backend.messages.texts import GROUP
from backend.people.models import Person
from backend.people.permissions import is_close
from backend.people.persons import person_now, selves_of

WITHIN_DAYS = 15  # after the removal


def appeal(group: Group, person: Person, *, text: str) -> tuple[Appeal, bool]:
    """Say that one's last removal from the group was wrong; and whether that is new.

    Raises `NoMember` for whoever was not removed, and `AppealTooLate`.
    """
    removal = session().scalar(
        select(Membership)
        .where(
            Membership.group_id == group.id,
            Membership.person_id.in_(selves_of(person.id)),
            Membership.left_why == "removed",
        )
        .order_by(Membership.id.desc())
        .limit(1)
    )
    if removal is None or removal.left_at is None:
        raise NoMember()
    first = session().scalar(select(Appeal).where(Appeal.membership_id == removal.id))
    if first is not None:
        return first, False
    at = now()
    if at > removal.left_at + timedelta(days=WITHIN_DAYS):
        raise AppealTooLate(days=WITHIN_DAYS)
    filed = insert_once(
        Appeal,
        membership_id=removal.id,
        group_id=group.id,
        person_id=person.id,
        text=text,
        state="open",
        filed_at=at,
        due_on=working_days_after(shanghai_day(at), policy().appeal_days),
    )
    if filed is None:  # Their other phone was faster: now there is one to be found.
        raise Replan()
    trail.record("appeals.file", filed, after={"group": group.id, "membership": removal.id})
    return filed, True


def decide(appealed: Appeal, *, decider: Caller, upheld: bool, said: str) -> tuple[Appeal, bool]:
    """Uphold (they are a member again) or reject, with an answer; and whether that is new: the same again is fine.

    Raises `OwnGroup`, `OwnRemoval` for whoever removed them and their household, `AppealDecided` or `GroupClosed`.
    """
    group = find(Group, appealed.group_id, locked=True)
    session().refresh(appealed)
    person = person_now(appealed.person_id)
    if is_close(decider, person):
        raise OwnRemoval()
    state = "upheld" if upheld else "rejected"
    if appealed.state != "open":
        if appealed.state != state:
            raise AppealDecided(state=appealed.state)
        return appealed, False
    refuse_own(group, decider)
    removal = find(Membership, appealed.membership_id)
    if removal.ended_by_id is not None and is_close(decider, person_now(removal.ended_by_id)):
        raise OwnRemoval()
    appealed.answer = said
    appealed.state, appealed.decider_id, appealed.decided_at = state, decider.person_id, now()
    session().flush()
    if upheld:
        join(group.id, person.id)
    outbox.put(
        f"group_appeal:{appealed.id}",
        topic=GROUP,
        person_id=person.id,
        facts={"what": f"appeal_{state}", "name": group.name, "group": group.id},
    )
    trail.record(
        "appeals.uphold" if upheld else "appeals.reject",
        appealed,
        beneficiary_id=person.id,
        before={"state": "open"},
        after={"state": state, "group": group.id},
    )
    return appealed, True
