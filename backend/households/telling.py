"""What the members of a household are told. No name and no door in it: a message is not sealed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from backend.foundation.ids import uuid7
from backend.foundation.outbox import put
from backend.people.models import Person
from backend.people.queries import members_of


def tell(person_ids: Iterable[UUID], what: str, *, about: UUID, **facts: Any) -> None:
    """Lay out what happened for each of them, once for whatever it is about."""
    for person_id in sorted(set(person_ids)):
        put(
            f"household:{what}:{about}:{person_id}",
            topic="household",
            person_id=person_id,
            facts={"what": what} | facts,
        )


def tell_again(person_ids: Iterable[UUID], what: str, **facts: Any) -> None:
    """The same of something that happens as often as it likes."""
    tell(person_ids, what, about=uuid7(), **facts)


def adults_of(household_id: UUID) -> list[Person]:
    """Who reads what the household is told, and elects its head."""
    return [member for member in members_of(household_id) if member.age_class == "adult"]
