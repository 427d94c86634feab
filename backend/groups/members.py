"""Leaving a group, and being removed from one. A membership ends and stays; the count follows in the same deed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update

from backend.foundation import outbox, trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.foundation.errors import Forbidden
from backend.groups.applications import memberships_of
from backend.groups.errors import LeaderStays, NoMember
from backend.groups.leading import end_roles, is_led_by
from backend.groups.models import Group, Membership
from backend.messages.texts import GROUP
from backend.people.models import Person
from backend.people.permissions import is_close
from backend.people.persons import person_now, selves_of


def leave(group: Group, person: Person) -> Membership:
    """End one's own membership, and one's roles there with it.

    Raises `NoMember`, or `LeaderStays` for the leader, who hands over first.
    """
    return _end(group, person, why="left", by_id=None)


def remove(group: Group, person_id: UUID, *, by: Caller, reason: str) -> Membership:
    """Remove somebody for a reason that they are told; they may appeal.

    Raises `NotFound`, `NoMember`, `LeaderStays`, and `Forbidden` for oneself and one's household.
    """
    person = person_now(person_id)
    if is_close(by, person):
        raise Forbidden()
    ended = _end(group, person, why="removed", by_id=by.person_id, reason=reason)
    outbox.put(
        f"group_removal:{ended.id}",
        topic=GROUP,
        person_id=person.id,
        facts={"what": "removed", "name": group.name, "group": group.id},
    )
    return ended


def count_out(group_id: UUID, memberships: int) -> None:
    """So many memberships have ended."""
    session().execute(update(Group).where(Group.id == group_id).values(members=Group.members - memberships))


def _end(group: Group, person: Person, *, why: str, by_id: UUID | None, reason: str | None = None) -> Membership:
    group = find(Group, group.id, locked=True)  # whoever hands it over to them at this moment waits, or we do
    accounts = selves_of(person.id)
    ended: Sequence[Membership] = session().scalars(memberships_of(group.id, accounts)).all()
    if not ended:
        raise NoMember()
    if is_led_by(group.id, person):
        raise LeaderStays()
    at = now()
    for membership in ended:
        membership.left_at, membership.left_why, membership.ended_by_id = at, why, by_id
        if reason is not None:
            membership.removal_reason = reason
    session().flush()
    count_out(group.id, len(ended))
    session().refresh(group)
    end_roles(group.id, by_id=by_id, reason="已不是队伍成员", of=accounts)
    trail.record(
        "members.remove" if why == "removed" else "members.leave",
        ended[0],
        beneficiary_id=person.id if why == "removed" else None,
        reason=reason,
        before={"state": "member"},
        after={"state": why, "group": group.id},
    )
    return ended[0]
