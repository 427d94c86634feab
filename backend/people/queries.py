"""What a screen shows about a person."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.db import find, session
from backend.people.delegations import agencies_behind
from backend.people.models import Person
from backend.people.role_models import Agency, Role
from backend.people.roles import roles_of
from backend.places.models import Household


def profile(person: Person) -> dict[str, Any]:
    """Somebody as they see themselves."""
    household = find(Household, person.household_id) if person.household_id else None
    roles = roles_of(person.id)
    agencies = agencies_behind(roles)
    return {
        "id": person.id,
        "display_name": person.name,
        "verified": person.verified,
        "elder_mode": person.elder_mode,
        "household": household and {"id": household.id, "name": household.door, "role": person.household_role},
        "roles": [_shown(role, agencies) for role in roles],
    }


def people_by_id(person_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Several people at once, for a list."""
    found = session().scalars(select(Person).where(Person.id.in_(set(person_ids))))
    return {person.id: person for person in found}


def _shown(role: Role, agencies: dict[UUID, Agency]) -> dict[str, Any]:
    return {
        "id": role.id,
        "role": role.role,
        "scope": {"type": role.scope_type, "id": role.scope_id, "name": role.scope_name},
        "starts_at": role.starts_at,
        "ends_at": role.ends_at,
        "agency": agencies.get(role.delegation_id) if role.delegation_id else None,
    }
