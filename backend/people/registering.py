"""A worker enters somebody who has no phone: they are a resident by this act."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import add, find, session
from backend.foundation.errors import Forbidden
from backend.foundation.ids import uuid7
from backend.foundation.tenancy import office_in_force
from backend.people.assisted_models import Registration
from backend.people.consents import Way, give, version_now
from backend.people.errors import OwnDesk, UnderFourteen
from backend.people.models import Person
from backend.people.permissions import scopes_worked_over, works_over
from backend.people.persons import new_person
from backend.people.verifying import verify_resident
from backend.places.models import Area


def register(
    *,
    name: str,
    age_class: str,
    reason: str,
    by: Caller,
    household_id: UUID | None = None,
    area_id: UUID | None = None,
    consent: dict[str, Any] | None = None,
) -> Person:
    """Enter somebody without a phone, behind a door if one is named; else they belong to the area.

    Without an area it is the worker's own. `consent` is what they signed: purposes, and that the paper lies at the
    desk. Raises `UnderFourteen`, `NotFound`, `Forbidden` for another area, `OwnDesk`
    for the own household, and what `verify_resident` raises.
    """
    if age_class == "under_14":
        raise UnderFourteen()
    area = find(Area, area_id) if area_id else _own_area(by)
    if not works_over(by, area.path if area else "/"):
        raise Forbidden()
    if household_id is not None and household_id == by.household_id:
        raise OwnDesk()
    person = new_person(name, age_class=age_class, verified="none" if household_id else "resident")
    entered = Registration(
        office_id=office_in_force(),
        id=uuid7(),
        person_id=person.id,
        area_id=area.id if area else None,
        registrar_id=by.person_id,
        registered_at=now(),
    )
    entered.reason = reason
    add(entered)
    if consent is not None:
        _note_what_they_signed(person, consent, by)
    trail.record("people.register", person, beneficiary_id=person.id, reason=reason)
    if household_id is None:
        return person
    return verify_resident(person.id, household_id=household_id, verifier=by, age_class=age_class, reason=reason)


def _note_what_they_signed(person: Person, consent: dict[str, Any], by: Caller) -> None:
    """In the words asked with now: the paper is the office's own."""
    for purpose in dict.fromkeys(consent["purposes"]):
        way = Way("desk", by.person_id, on_paper=consent["paper"])
        give(person.id, purpose, version_now(purpose), way=way)


def _own_area(by: Caller) -> Area | None:
    """The area a worker works over, the first by its path if there are several; None: the whole office."""
    scopes = scopes_worked_over(by)
    if "/" in scopes:
        return None
    return session().scalars(select(Area).where(Area.path.in_(scopes)).order_by(Area.path)).first()
