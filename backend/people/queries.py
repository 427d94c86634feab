"""What a screen shows about a person."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.db import find, session
from backend.people.consent_queries import needed_of
from backend.people.delegations import agencies_behind
from backend.people.models import Person
from backend.people.phones import shown_number
from backend.people.roles import roles_of
from backend.places.models import Household


def profile(person: Person) -> dict[str, Any]:
    """Somebody as they see themselves."""
    household = find(Household, person.household_id) if person.household_id else None
    number = shown_number(person.id)
    return {
        "id": person.id,
        "display_name": person.name,
        "verified": person.verified,
        "phone": number,
        "elder_mode": person.elder_mode,
        "household": household and {"id": household.id, "name": household.door, "role": person.household_role},
        "roles": shown_roles(person.id),
        "consent_needed": needed_of(person.id, has_phone=number is not None),
    }


def people_by_id(person_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Several people at once, for a list."""
    ids = set(person_ids)
    found = session().scalars(select(Person).where(Person.id.in_(ids))) if ids else ()
    return {person.id: person for person in found}


def people_now(person_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Who those are today: after a merge, the ones they were merged into."""
    found = people_by_id(person_ids)
    heirs = people_by_id(person.merged_into_id for person in found.values() if person.merged_into_id)
    return {each: heirs.get(person.merged_into_id or each, person) for each, person in found.items()}


def members_of(household_id: UUID | None) -> Sequence[Person]:
    """Who lives behind that door."""
    return session().scalars(select(Person).where(Person.household_id == household_id)).all()


def shown_roles(person_id: UUID) -> list[dict[str, Any]]:
    """The roles somebody holds now, with the agency that a role is lent from."""
    roles = roles_of(person_id)
    agencies = agencies_behind(roles)
    return [
        {
            "id": role.id,
            "role": role.role,
            "scope": {"type": role.scope_type, "id": role.scope_id, "name": role.scope_name},
            "starts_at": role.starts_at,
            "ends_at": role.ends_at,
            "agency": agencies.get(role.delegation_id) if role.delegation_id else None,
        }
        for role in roles
    ]
