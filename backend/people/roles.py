"""Granting and asking for roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select

from backend.foundation.clock import now
from backend.foundation.db import add, session
from backend.people.models import Role
from backend.places.models import Area, Office


@dataclass(frozen=True)
class Scope:
    """Where a role holds: what a grant compares, and what a person reads."""

    type: str
    id: UUID | None
    name: str
    path: str


def over_office(office: Office) -> Scope:
    return Scope("office", None, office.name, "/")


def over_area(area: Area) -> Scope:
    return Scope("area", area.id, area.name, area.path)


def over_group(group_id: UUID, name: str) -> Scope:
    return Scope("group", group_id, name, f"group:{group_id}")


def over_merchant(merchant_id: UUID, name: str) -> Scope:
    return Scope("merchant", merchant_id, name, f"merchant:{merchant_id}")


def grant_role(
    person_id: UUID, role: str, scope: Scope, *, granted_by_id: UUID | None, ends_at: datetime | None = None
) -> Role:
    """Give somebody a role from now on, until `ends_at` or until it is withdrawn."""
    return add(
        Role(
            person_id=person_id,
            role=role,
            scope_type=scope.type,
            scope_id=scope.id,
            scope_name=scope.name,
            scope=scope.path,
            granted_by_id=granted_by_id,
            granted_at=now(),
            ends_at=ends_at,
        )
    )


def roles_of(person_id: UUID) -> Sequence[Role]:
    """The roles somebody holds now."""
    return session().scalars(_in_force().where(Role.person_id == person_id).order_by(Role.id)).all()


def holders_of(scope: Scope, *roles: str) -> Sequence[UUID]:
    """Who holds one of the roles over exactly that scope."""
    query = _in_force().where(Role.scope == scope.path, Role.role.in_(roles))
    return [role.person_id for role in session().scalars(query)]


def _in_force() -> Select[Role]:
    return select(Role).where(Role.withdrawn_at.is_(None), or_(Role.ends_at.is_(None), Role.ends_at > now()))
