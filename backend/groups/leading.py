"""Who leads a group, which groups nobody leads, and who is too near to one to decide about it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select

from backend.foundation.callers import Caller
from backend.foundation.db import session
from backend.groups.applications import is_member
from backend.groups.errors import OwnGroup
from backend.groups.models import Group
from backend.people.models import Person
from backend.people.permissions import helps, is_close
from backend.people.queries import people_now
from backend.people.role_models import Role
from backend.people.roles import holders_of, in_force, withdraw_role
from backend.people.scopes import over_group

RUNNING = ("leader", "deputy")


def leaders_of(group: Group, *roles: str) -> Sequence[Person]:
    """The people of today who lead it now, without its deputies unless `roles` says so; each once."""
    held = holders_of(over_group(group.id, group.name), *(roles or ("leader",)))
    return list({person.id: person for person in people_now(held).values()}.values())


def is_led_by(group_id: UUID, person: Person) -> bool:
    """Is this person, under whichever account, its leader?"""
    held = holders_of(over_group(group_id, ""), "leader")
    return any(each.id == person.id for each in people_now(held).values())


def leads_nobody(at: datetime) -> ColumnElement[bool]:
    """What makes a group be without a leader at that instant, for a list of groups."""
    led = select(Role.id).where(
        Role.office_id == Group.office_id, Role.scope_id == Group.id, Role.role == "leader", in_force(at)
    )
    return ~led.exists()


def refuse_own(group: Group, by: Caller) -> None:
    """Nobody decides about a group they belong to, or that they or their household lead. Raises `OwnGroup`."""
    if helps(by, group.id) or is_member(group.id, by.person_id):
        raise OwnGroup()
    if any(is_close(by, leader) for leader in leaders_of(group, *RUNNING)):
        raise OwnGroup()


def end_roles(group_id: UUID, *, by_id: UUID | None, reason: str, of: Sequence[UUID] | None = None) -> None:
    """Withdraw the roles that people (all of them, or those) hold or will hold over the group."""
    wanted = select(Role).where(Role.scope == over_group(group_id, "").path, Role.withdrawn_at.is_(None))
    if of is not None:
        wanted = wanted.where(Role.person_id.in_(of))
    for role in session().scalars(wanted.order_by(Role.id)).all():
        withdraw_role(role, withdrawn_by_id=by_id, reason=reason)
