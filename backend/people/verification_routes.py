"""Endpoints of verification: one's phone, and being confirmed as a resident by a worker or a head."""

from typing import Any
from uuid import UUID

from flask import current_app

from backend.foundation.admission import allow, requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.clock import now
from backend.foundation.db import done_reading, find, transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.limits import fails_closed
from backend.people import phones
from backend.people.errors import (
    CodeOfOtherOffice,
    ConsentWithdrawn,
    HeadStays,
    HouseholdFull,
    HouseholdHasHead,
    LivesElsewhere,
    MoveTooSoon,
    OwnCase,
    PersonCodeExpired,
    PersonCodeInvalid,
    PolicyChanged,
    UnderFourteen,
)
from backend.people.models import Person
from backend.people.permissions import workers_and_officers, works_over
from backend.people.persons import person_of_code
from backend.people.queries import profile
from backend.people.verification_schemas import FoundPersonView, LookupForm, PhoneForm, PhoneView, VerificationForm
from backend.people.verifying import is_head, verify_resident
from backend.places.models import Area, Household
from backend.wechat.errors import PhoneCodeRefused, WeChatUnavailable

verification = Blueprint("verification", __name__, description="认证")


@verification.post("/me/phone")
@requires(anybody_here)
@verification.arguments(PhoneForm)
@verification.response(200, PhoneView)
@refuses(PhoneCodeRefused, WeChatUnavailable, ConsentWithdrawn, PolicyChanged)
@fails_closed
def verify_phone(form: dict[str, Any]) -> dict[str, Any]:
    """Verify my number with the code of WeChat's phone button; a new number frees the old one.

    Pressing the button agrees to this use of the number, in the words asked with now; who took that back before names
    the version. `waiting`: a worker looks first. Never asked for at login: it costs the office money.
    """
    done_reading()
    # WeChat is asked outside the transaction: its code is good once, and a deed may run again.
    number = current_app.extensions["wechat"].phone_number_of(form["code"])
    return _verify_phone(number, form.get("consent_version"))


@transactional
def _verify_phone(number: str, consent_version: int | None) -> dict[str, Any]:
    state = phones.verify_phone(caller().person_id, number, consent_version=consent_version)
    return {"person": profile(find(Person, caller().person_id)), "state": state}


@verification.post("/people/lookup")
@requires(anybody_here)
@verification.arguments(LookupForm)
@verification.response(200, FoundPersonView)
@refuses(Forbidden, PersonCodeInvalid, PersonCodeExpired, CodeOfOtherOffice)
@fails_closed
def look_up(form: dict[str, Any]) -> dict[str, Any]:
    """Who shows me this code: for workers, officers and heads of households, who may confirm them as a resident."""
    _allow_confirming()
    return _found(person_of_code(form["person_code"], scanned_at=now()))


@verification.post("/people/<uuid:person_id>/verification")
@requires(anybody_here)
@verification.arguments(VerificationForm)
@verification.response(200, FoundPersonView)
@refuses(NotFound, Forbidden, OwnCase, UnderFourteen, HouseholdFull, HouseholdHasHead, HeadStays, LivesElsewhere)
@refuses(MoveTooSoon, PersonCodeInvalid, PersonCodeExpired, CodeOfOtherOffice)
@fails_closed
@transactional
def verify(form: dict[str, Any], person_id: UUID) -> dict[str, Any]:
    """Confirm that somebody lives behind a door: they are a resident from now on, and live there."""
    _allow_confirming()
    return _found(verify_resident(person_id, **form, verifier=caller()))


def _allow_confirming() -> None:
    """Before anything is looked up: nobody else learns whether there is such a person or door."""
    allow(workers_and_officers(caller()) or is_head(caller()))


def _found(person: Person) -> dict[str, Any]:
    home = find(Household, person.household_id) if person.household_id else None
    sees_home = home is not None and (
        home.id == caller().household_id or works_over(caller(), find(Area, home.area_id).path)
    )
    return {
        "id": person.id,
        "name": person.masked_name,
        "verified": person.verified,
        "age_class": person.age_class,
        "has_household": home is not None,
        "household": {"id": home.id, "name": home.door, "role": person.household_role} if home and sees_home else None,
    }
