"""What a screen shows about agreements: of each purpose what somebody said last, and what they are to be asked."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.foundation.db import session
from backend.people.consent_models import Consent, PolicyVersion
from backend.people.consents import GIVEN
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.people.purposes import PURPOSES


def said_by(person_id: UUID) -> dict[str, Consent]:
    """Purpose → what they said last."""
    said = select(Consent).where(Consent.person_id.in_(selves_of(person_id))).order_by(Consent.id)
    return {row.purpose: row for row in session().scalars(said)}


def asked_with() -> dict[str, int]:
    """Purpose → the version that is asked with now."""
    newest = select(PolicyVersion.purpose, func.max(PolicyVersion.version).label("newest")).group_by(
        PolicyVersion.purpose
    )
    return {row.purpose: row.newest for row in session().execute(newest)}


def needed_of(person_id: UUID, *, has_phone: bool) -> list[str]:
    """The purposes somebody is to be asked about: what they need and never agreed to, and what has other words now."""
    said, asked = said_by(person_id), asked_with()
    in_use = {purpose for purpose in PURPOSES if PURPOSES[purpose].is_required} | ({"phone"} if has_phone else set())
    return [purpose for purpose in PURPOSES if purpose in asked and _is_needed(purpose, said, asked, in_use)]


def shown_consents(person_id: UUID, *, has_phone: bool) -> list[dict[str, Any]]:
    """Every purpose, and what they said to it."""
    said, asked = said_by(person_id), asked_with()
    needed = needed_of(person_id, has_phone=has_phone)
    writers = _names([row.actor_id for row in said.values() if row.actor_id])
    return [_shown(purpose, said.get(purpose), asked[purpose], purpose in needed, writers) for purpose in asked]


def _shown(
    purpose: str, said: Consent | None, asked_with: int, is_needed: bool, writers: dict[UUID, str]
) -> dict[str, Any]:
    return {
        "id": said and said.id,
        "purpose": purpose,
        "name": PURPOSES[purpose].name,
        "depends": PURPOSES[purpose].depends,
        "is_required": PURPOSES[purpose].is_required,
        "state": said.state if said else "none",
        "version": said and said.version,
        "current_version": asked_with,
        "is_needed": is_needed,
        "at": said and said.at,
        "channel": said and said.channel,
        "by": writers.get(said.actor_id) if said and said.actor_id else None,
        "on_paper": bool(said and said.on_paper),
    }


def _is_needed(purpose: str, said: dict[str, Consent], asked: dict[str, int], in_use: set[str]) -> bool:
    last = said.get(purpose)
    if last is None:
        return purpose in in_use
    return last.state == GIVEN and last.version < asked[purpose]


def _names(person_ids: list[UUID]) -> dict[UUID, str]:
    found = session().scalars(select(Person).where(Person.id.in_(person_ids))) if person_ids else ()
    return {person.id: person.masked_name for person in found}
