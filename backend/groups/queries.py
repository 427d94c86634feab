"""Groups on a screen: lists of them, of who belongs to them, and of what waits for somebody. Each list asks the
database a fixed number of times, however long it is.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import load_only

from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, session
from backend.foundation.search import is_found_by, matches
from backend.groups.appeals import WITHIN_DAYS
from backend.groups.filing_models import Filing
from backend.groups.filing_rules import confirmation_opens
from backend.groups.leading import leads_nobody
from backend.groups.life_models import GroupChange
from backend.groups.models import Application, Group, Membership
from backend.people.models import Person
from backend.people.permissions import leads, scopes_worked_over, works_over
from backend.people.persons import selves_of
from backend.people.queries import people_now
from backend.people.role_models import Role
from backend.people.roles import in_force
from backend.people.scopes import over_group
from backend.places.areas import within
from backend.places.models import Area

_RANK = ("leader", "deputy", "helper")


def runs(group: Group, *, by: Caller) -> bool:
    """Do they lead it, or work over its area?"""
    return leads(by, group.id) or works_for(group, by=by)


def works_for(group: Group, *, by: Caller) -> bool:
    """A worker of its area, or an officer."""
    return works_over(by, find(Area, group.area_id).path)


def groups_asked_for(asked: dict[str, Any], *, by: Caller) -> Select[Group]:
    """Groups of the office; dissolved ones only where they are asked for."""
    query = select(Group)
    if asked.get("stage"):
        query = query.where(Group.stage == asked["stage"])
    else:
        query = query.where(Group.stage != "dissolved")
    if q := asked.get("q"):
        query = query.where(matches(Group.search, q))
    for name in ("category", "level"):
        if asked.get(name):
            query = query.where(getattr(Group, name) == asked[name])
    if asked.get("area_id"):
        query = query.where(Group.area_id.in_(within(find(Area, asked["area_id"]).path)))
    if asked.get("without_leader") == "true":
        query = query.where(leads_nobody(now()))
    if asked.get("confirmation"):
        query = query.where(_confirmation_is(asked["confirmation"]))
    if asked.get("mine") == "true":
        belongs = select(Membership.group_id).where(
            Membership.person_id.in_(selves_of(by.person_id)), Membership.left_at.is_(None)
        )
        query = query.where(Group.id.in_(belongs))
    return query


def _confirmation_is(which: str) -> ColumnElement[bool]:
    """Overdue: nobody confirmed it in time; due: it is open now, and its last day has not passed."""
    today = shanghai_day(now())
    if which == "overdue":
        return Group.confirm_due_on < today
    return Group.confirm_due_on.between(today, today.replace(month=12, day=31)) & (confirmation_opens(today) <= today)


def members_asked_for(group: Group, *, q: str | None) -> Select[Membership]:
    """Who belongs to it now. Names are sealed, so those of one group are opened to find one of them in it."""
    query = select(Membership).where(Membership.group_id == group.id, Membership.left_at.is_(None))
    if not q:
        return query
    everybody = session().execute(
        select(Membership.id, Person)
        .join(Person, (Person.office_id == Membership.office_id) & (Person.id == Membership.person_id))
        .where(Membership.group_id == group.id, Membership.left_at.is_(None))
        .options(load_only(Person.name_sealed))
    )
    return query.where(Membership.id.in_([row[0] for row in everybody if is_found_by(row[1].name, q)]))


def shown_members(group: Group, memberships: Sequence[Membership], *, in_full: bool) -> list[dict[str, Any]]:
    """Members with their role, under the name they have today; masked unless `in_full`."""
    people = people_now(membership.person_id for membership in memberships)
    held = session().execute(
        select(Role.person_id, Role.role).where(
            Role.scope == over_group(group.id, group.name).path,
            Role.person_id.in_({person.id for person in people.values()}),
            in_force(now()),
        )
    )
    roles: dict[UUID, list[str]] = {}
    for person_id, role in held:
        roles.setdefault(person_id, []).append(role)
    return [
        {
            "id": membership.id,
            "person_id": person.id,
            "name": person.name if in_full else person.masked_name,
            "role": min(roles[person.id], key=_RANK.index) if person.id in roles else None,
            "joined_at": membership.joined_at,
        }
        for membership in memberships
        for person in (people[membership.person_id],)
    ]


def shown_ending(membership: Membership) -> dict[str, Any]:
    """A membership that has ended, to whom it concerns."""
    names = ("id", "group_id", "person_id", "left_at", "left_why")
    ended = {name: getattr(membership, name) for name in names}
    is_removed = membership.left_at is not None and membership.left_why == "removed"
    until = membership.left_at + timedelta(days=WITHIN_DAYS) if is_removed and membership.left_at else None
    return ended | {"reason": membership.removal_reason, "appeals_until": until}


def shown_application(application: Application, person: Person) -> dict[str, Any]:
    fields = ("id", "group_id", "person_id", "state", "applied_at", "reason")
    shown = {name: getattr(application, name) for name in fields}
    return shown | {"note": application.note or "", "name": person.name}


def laid_before(
    by: Caller, *, column: Any, leads: bool = True, also: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """Which rows, by the column that names their group, somebody sees as leader, worker, officer or auditor.

    Not as a leader without `leads`; `also` is what they see besides, as the person concerned.
    """
    roles = ("leader", "deputy") if leads else ()
    own = [UUID(grant.scope.removeprefix("group:")) for grant in by.grants if grant.role in roles]
    seen: list[ColumnElement[bool]] = [column.in_(own)]
    paths = ["/"] if by.holds("auditor") else scopes_worked_over(by)
    if "/" in paths:
        seen.append(column.is_not(None))
    elif paths:
        areas = select(Area.id).where(or_(*(Area.path.startswith(path, autoescape=True) for path in paths)))
        seen.append(column.in_(select(Group.id).where(Group.area_id.in_(areas))))
    return or_(*seen) if also is None else or_(also, *seen)


def may_see(group: Group, *, by: Caller) -> bool:
    """What concerns the group: those who run it, and auditors."""
    return by.holds("auditor") or runs(group, by=by)


def groups_by_id(group_ids: set[UUID]) -> dict[UUID, Group]:
    """Several at once, for a list."""
    return {group.id: group for group in session().scalars(select(Group).where(Group.id.in_(group_ids)))}


def with_group(rows: Sequence[Any], fields: Sequence[str], people: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Rows of a list with the group they belong to, and with those people by their masked names of today."""
    groups = groups_by_id({row.group_id for row in rows})
    named = people_now(
        person_id for row in rows for who in people if (person_id := getattr(row, f"{who}_id")) is not None
    )

    def masked(person_id: UUID | None) -> dict[str, Any] | None:
        return {"id": named[person_id].id, "name": named[person_id].masked_name} if person_id else None

    return [
        {name: getattr(row, name) for name in fields}
        | {who: masked(getattr(row, f"{who}_id")) for who in people}
        | {"group": {"id": row.group_id, "name": groups[row.group_id].name}}
        for row in rows
    ]


def shown_filings(filings: Sequence[Filing]) -> list[dict[str, Any]]:
    """Filings in a list."""
    fields = (
        *("id", "name", "category", "venue", "charter_version", "charter", "state", "reason"),
        *("drafted_at", "submitted_at", "reviewed_at", "decided_at", "due_on"),
    )
    filed = {filing.group_id for filing in filings if filing.state == "filed"}
    numbers = {
        each.id: each.filing_number
        for each in session().execute(select(Group.id, Group.filing_number).where(Group.id.in_(filed)))
    }
    today = shanghai_day(now())
    return [
        shown
        | {
            "is_overdue": filing.is_overdue(today=today),
            "filing_number": numbers[filing.group_id] if filing.state == "filed" else None,
        }
        for filing, shown in zip(
            filings, with_group(filings, fields, ("submitter", "reviewer", "decider")), strict=True
        )
    ]


def shown_changes(changes: Sequence[GroupChange]) -> list[dict[str, Any]]:
    """The history of a group; its leaders by their masked names of today."""
    leaders = {
        UUID(said) for each in changes if each.what == "leader" for said in (each.from_text, each.to_text) if said
    }
    named = {str(person_id): person.masked_name for person_id, person in people_now(leaders).items()}
    return [
        {
            "id": each.id,
            "what": each.what,
            "before": named.get(each.from_text or "", each.from_text),
            "after": named.get(each.to_text, each.to_text),
            "changed_at": each.changed_at,
        }
        for each in changes
    ]


def removals(membership_ids: set[UUID]) -> dict[UUID, Membership]:
    """Memberships that appeals are about."""
    found = session().scalars(select(Membership).where(Membership.id.in_(membership_ids)))
    return {membership.id: membership for membership in found}
