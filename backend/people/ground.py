"""What people has tied to the ground follows it: roles over an area, delegations, and who lives behind a door."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.db import session
from backend.people.models import Person
from backend.people.role_models import Delegation, Role
from backend.places.models import Area

AT_ONCE = 5_000  # ids in one statement

MERGED = "区域合并，已有同样的职责"


def follow(ground: Mapping[UUID, Area]) -> None:
    """Let what holds over the area of an id hold over the one it belongs to now; what has ended is history and follows.

    Whoever would then have one endless role twice keeps the one they had there, and the other is withdrawn. Of two
    agencies' requests that would become one, the later stays where it was asked for.
    """
    _roles_follow(ground)
    _delegations_follow(ground)


def inhabited(household_ids: Collection[UUID]) -> set[UUID]:
    """Which of these households have people."""
    found: set[UUID] = set()
    ids = list(household_ids)
    for first in range(0, len(ids), AT_ONCE):
        wanted = select(Person.household_id).where(Person.household_id.in_(ids[first : first + AT_ONCE])).distinct()
        found |= {household for household in session().scalars(wanted) if household is not None}
    return found


def _roles_follow(ground: Mapping[UUID, Area]) -> None:
    concerned = {*ground, *(area.id for area in ground.values())}
    wanted = select(Role).where(Role.scope_type == "area", Role.scope_id.in_(concerned)).order_by(Role.id)
    roles = session().scalars(wanted.with_for_update()).all()
    at = now()
    held: set[tuple[UUID, str, UUID]] = set()
    for role in sorted(roles, key=lambda role: _moves(role.scope_id, ground)):  # who is there already, first
        area = ground.get(role.scope_id or UUID(int=0))
        here = (role.person_id, role.role, area.id if area else role.scope_id or UUID(int=0))
        if role.ends_at is None and role.withdrawn_at is None:
            if here in held:
                role.withdrawn_at, role.withdrawal_reason = at, MERGED
            held.add(here)
        if area is not None:
            role.scope_id, role.scope_name, role.scope = area.id, area.name, area.path
    session().flush()


def _delegations_follow(ground: Mapping[UUID, Area]) -> None:
    concerned = {*ground, *(area.id for area in ground.values())}
    wanted = select(Delegation).where(Delegation.scope_type == "area", Delegation.scope_id.in_(concerned))
    delegations = session().scalars(wanted.order_by(Delegation.id).with_for_update()).all()
    asked: set[tuple[UUID, UUID, str, UUID | None]] = set()
    for delegation in sorted(delegations, key=lambda delegation: _moves(delegation.scope_id, ground)):
        area = ground.get(delegation.scope_id or UUID(int=0))
        here = (delegation.agency_id, delegation.manager_id, delegation.role, area.id if area else delegation.scope_id)
        if delegation.state == "requested":
            if here in asked:
                continue
            asked.add(here)
        if area is not None:
            delegation.scope_id, delegation.scope_name, delegation.scope = area.id, area.name, area.path
    session().flush()


def _moves(scope_id: UUID | None, ground: Mapping[UUID, Area]) -> bool:
    """Is it over another area afterwards?"""
    area = ground.get(scope_id) if scope_id else None
    return area is not None and area.id != scope_id
