"""Asking to be filed (备案): a draft that keeps whatever is written, handed in once nothing is missing."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from backend.foundation import trail
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import add, find, session
from backend.groups.charters import CURRENT
from backend.groups.errors import AlreadyFiled, FilingDecided, FilingIncomplete, GroupClosed
from backend.groups.filing_models import STATES_IN_CHINESE, Filing
from backend.groups.filing_rules import Asked, Missing, missing, name_key, working_days_after
from backend.groups.history import change_stage
from backend.groups.leading import leaders_of
from backend.groups.models import Group, Membership
from backend.groups.policies import policy
from backend.people.models import Person

OPEN = ("draft", "submitted", "reviewed", "returned")


def draft(group: Group, form: dict[str, Any], *, drafter_id: UUID) -> tuple[Filing, bool]:
    """Write down what is given, complete or not, and keep it; the group's open filing, and whether it is new.

    Raises `AlreadyFiled`, `GroupClosed`, or `FilingDecided` while somebody looks at what was handed in.
    """
    group = find(Group, group.id, locked=True)
    if not group.is_open:
        raise GroupClosed()
    if group.filed_at is not None or group.stage == "filed":
        raise AlreadyFiled()
    filing = session().scalar(select(Filing).where(Filing.group_id == group.id, Filing.state.in_(OPEN)))
    is_new = filing is None
    if filing is None:
        filing = add(
            Filing(
                group_id=group.id,
                name=group.name,
                category=group.category,
                venue=group.venue or "",
                charter="",
                drafter_id=drafter_id,
                drafted_at=now(),
            )
        )
    if filing.state in ("submitted", "reviewed"):
        raise FilingDecided(state=STATES_IN_CHINESE[filing.state])
    for name, value in form.items():
        setattr(filing, name, value)
    session().flush()
    if is_new:
        trail.record("filings.draft", filing, after={"group": group.id})
    return filing, is_new


def submit(filing: Filing, *, submitter_id: UUID) -> tuple[Filing, bool]:
    """Hand it in, once everything is there; and whether that is new. The community answers by `due_on`.

    Raises `FilingIncomplete` with everything that is missing, `FilingDecided` or `GroupClosed`.
    """
    group = held_with_group(filing)
    if filing.state == "submitted":
        return filing, False
    if filing.state not in ("draft", "returned"):
        raise FilingDecided(state=STATES_IN_CHINESE[filing.state])
    refuse_incomplete(filing, group)
    at, before = now(), filing.state
    due_on = working_days_after(shanghai_day(at), policy().review_days)
    filing.state, filing.submitter_id, filing.submitted_at = "submitted", submitter_id, at
    filing.due_on = due_on
    filing.reviewer_id = filing.reviewed_at = filing.decider_id = filing.decided_at = filing.reason = None
    session().flush()
    if group.stage == "circle":
        change_stage(group, "forming")
    trail.record("filings.submit", filing, before={"state": before}, after={"state": "submitted", "group": group.id})
    return filing, True


def withdraw(filing: Filing) -> tuple[Filing, bool]:
    """Take it back before it is decided; and whether that is new. Raises `FilingDecided`."""
    group = held_with_group(filing, open_group=False)
    if filing.state == "withdrawn":
        return filing, False
    if filing.state not in OPEN:
        raise FilingDecided(state=STATES_IN_CHINESE[filing.state])
    before = filing.state
    filing.state, filing.due_on = "withdrawn", None
    session().flush()
    if group.stage == "forming":
        change_stage(group, "circle")
    trail.record("filings.withdraw", filing, before={"state": before}, after={"state": "withdrawn"})
    return filing, True


def held_with_group(filing: Filing, *, open_group: bool = True) -> Group:
    """The group, and the filing as it is now; both stay so until the deed ends. Raises `GroupClosed`."""
    group = find(Group, filing.group_id, locked=True)
    session().refresh(filing)
    if open_group and not group.is_open:
        raise GroupClosed()
    return group


def refuse_incomplete(filing: Filing, group: Group) -> None:
    """Raises `FilingIncomplete` for what cannot be filed as it stands."""
    found = what_is_missing(filing, group)
    if found:
        raise FilingIncomplete(
            missing="；".join(each.text for each in found),
            items=[{"code": each.code, "text": each.text} for each in found],
        )


def what_is_missing(filing: Filing, group: Group) -> list[Missing]:
    """Everything that the filing or its group still lacks."""
    return missing(
        Asked(
            name=filing.name,
            is_name_taken=_is_taken(filing.name, group),
            venue=filing.venue,
            has_charter=filing.charter_version == CURRENT,
            members=_adult_residents(group.id),
            members_needed=policy().members_at_least,
            leaders=sum(_is_fit(leader) for leader in leaders_of(group)),
        )
    )


def _is_taken(name: str, group: Group) -> bool:
    """Does another filed group have that name, whatever its blanks and letter case?"""
    others = select(Group.name).where(Group.id != group.id, Group.stage.in_(("filed", "suspended")))
    return name_key(name) in {name_key(other) for other in session().scalars(others)}


def _adult_residents(group_id: UUID) -> int:
    """Members of today who are adults known at their door, each person once whatever accounts they had."""
    today = aliased(Person)
    counted = (
        select(func.count(today.id.distinct()))
        .select_from(Membership)
        .join(Person, (Person.office_id == Membership.office_id) & (Person.id == Membership.person_id))
        .join(
            today,
            (today.office_id == Person.office_id) & (today.id == func.coalesce(Person.merged_into_id, Person.id)),
        )
        .where(
            Membership.group_id == group_id,
            Membership.left_at.is_(None),
            today.verified == "resident",
            today.age_class == "adult",
        )
    )
    return session().scalars(counted).one()


def _is_fit(leader: Person) -> bool:
    return leader.verified == "resident" and leader.age_class == "adult"
