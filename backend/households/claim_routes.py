"""Endpoints of households: claiming a door, deciding it, and who lives there."""

from typing import Any
from uuid import UUID

from flask import current_app

from backend.foundation.admission import requires
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound, Unprocessable
from backend.foundation.limits import fails_closed
from backend.foundation.pages import page, page_of
from backend.households import claims, guardians, members
from backend.households.claim_models import HouseholdClaim
from backend.households.claim_queries import claims_to_see, find_household, shown_claims, shown_household
from backend.households.claim_schemas import (
    DeathForm,
    DeathView,
    DependantForm,
    GuardianConsentForm,
    GuardianConsentView,
    HouseholdClaimDecisionForm,
    HouseholdClaimForm,
    HouseholdClaimQuery,
    HouseholdClaimView,
    HouseholdMemberForm,
    HouseholdView,
    LeftView,
    TakenOutView,
)
from backend.households.deaths import record_death
from backend.households.errors import (
    ChildPolicyChanged,
    ClaimDecided,
    ClaimNeedsPhone,
    ClaimOpen,
    GuardianSpeaks,
    LivesThere,
    MemberExists,
    NotUnderFourteen,
)
from backend.households.guardian_models import GuardianConsent
from backend.households.standing import household_today
from backend.people.assisted import assisted
from backend.people.errors import (
    HeadStays,
    HouseholdFull,
    HouseholdHasHead,
    LivesElsewhere,
    MoveTooSoon,
    OwnCase,
    UnderFourteen,
)
from backend.people.models import Person
from backend.people.permissions import workers_and_officers
from backend.people.role_errors import LastOfficer
from backend.places.errors import AreaClosed, DoorTaken

households = Blueprint("households", __name__, description="庭户")


@households.post("/households")
@requires(anybody_here)
@households.arguments(HouseholdClaimForm)
@households.creates(HouseholdClaimView)
@refuses(NotFound, AreaClosed, ClaimNeedsPhone, ClaimOpen, LivesThere)
@fails_closed
@transactional
def claim(form: dict[str, Any]) -> Any:
    """Say that I live behind a door; a worker, or the head of that household, confirms. One at a time."""
    claimed, is_new = claims.claim(**form, by=caller())
    return _one(claimed) if is_new else (_one(claimed), 200, REPLAYED)


@households.get("/household-claims")
@requires(anybody_here)
@households.arguments(HouseholdClaimQuery, location="query")
@households.response(200, page_of(HouseholdClaimView))
def list_claims(asked: dict[str, Any]) -> dict[str, Any]:
    """My claims, those of my household if I am its head, and those of the areas I work over; newest first."""
    found = page(claims_to_see(caller(), state=asked.get("state")), asked, by=(HouseholdClaim.id,))
    return {**found, "items": shown_claims(found["items"], to=caller())}


@households.put("/household-claims/<uuid:claim_id>")
@requires(anybody_here)
@households.arguments(HouseholdClaimDecisionForm)
@households.response(200, HouseholdClaimView)
@refuses(NotFound, Forbidden, OwnCase, ClaimDecided, UnderFourteen, HouseholdFull, HouseholdHasHead, HeadStays)
@refuses(LivesElsewhere, MoveTooSoon, GuardianSpeaks, ChildPolicyChanged, AreaClosed, DoorTaken)
@transactional
def decide(form: dict[str, Any], claim_id: UUID) -> dict[str, Any]:
    """Confirm or decline a claim (a worker, or the head for somebody who claimed by themselves), or withdraw mine."""
    return _one(claims.decide(claim_id, **form, by=caller()))


@households.get("/households/<uuid:household_id>")
@requires(anybody_here)
@households.response(200, HouseholdView)
@refuses(NotFound)
def show(household_id: UUID) -> dict[str, Any]:
    """Who lives there, to themselves and to the workers of the area; for everybody else there is no such household."""
    return shown_household(find_household(household_id, by=caller()), to=caller())


@households.post("/households/<uuid:household_id>/members")
@requires(anybody_here)
@households.arguments(DependantForm)
@households.creates(HouseholdClaimView)
@refuses(NotFound, Forbidden, OwnCase, UnderFourteen, GuardianSpeaks, ChildPolicyChanged, MemberExists, HouseholdFull)
@refuses(HeadStays, MoveTooSoon, Unprocessable)
@transactional
def enter(form: dict[str, Any], household_id: UUID) -> Any:
    """Enter a dependant without a phone: by the head it waits for a worker, by a worker it is confirmed at once."""
    entered, is_new = members.enter(household_today(household_id), **form, by=caller())
    return _one(entered) if is_new else (_one(entered), 200, REPLAYED)


@households.put("/households/<uuid:household_id>/members/<uuid:person_id>")
@requires(anybody_here)
@households.arguments(HouseholdMemberForm)
@households.response(200, TakenOutView)
@refuses(NotFound, Forbidden, OwnCase, HeadStays, UnderFourteen)
@transactional
def change(form: dict[str, Any], household_id: UUID, person_id: UUID) -> Person:
    """Say that a member lives here no more (the head, a worker), or is in another class of age (a worker)."""
    home, reason = household_today(household_id), form["reason"]
    if "age_class" in form:
        return members.grow_up(home, person_id, by=caller(), age_class=form["age_class"], reason=reason)
    return members.take_out(home, person_id, by=caller(), reason=reason)


@households.delete("/households/<uuid:household_id>/members/mine")
@requires(anybody_here)
@households.response(200, LeftView)
@refuses(NotFound, HeadStays)
@transactional
def leave(household_id: UUID) -> dict[str, Any]:
    """Live there no more. My own points go along, the pot stays."""
    if household_today(household_id).id != caller().household_id:
        raise NotFound()
    return {"household_id": members.leave(by=caller())}


@households.post("/households/<uuid:household_id>/members/<uuid:person_id>/consents")
@requires(anybody_here)
@households.arguments(GuardianConsentForm)
@households.response(201, GuardianConsentView)
@refuses(NotFound, GuardianSpeaks, NotUnderFourteen, ChildPolicyChanged)
@transactional
@assisted("guardian_consent", of=GuardianConsent)
def consent(form: dict[str, Any], household_id: UUID, person_id: UUID) -> dict[str, Any]:
    """Consent, as a guardian, that a child under 14 takes part; at the desk a worker writes it down for me."""
    return _consent("given", household_id, person_id, form["policy_version"])


@households.delete("/households/<uuid:household_id>/members/<uuid:person_id>/consents")
@requires(anybody_here)
@households.response(200, GuardianConsentView)
@refuses(NotFound, GuardianSpeaks, NotUnderFourteen, ChildPolicyChanged)
@transactional
@assisted("guardian_consent", of=GuardianConsent)
def withdraw_consent(household_id: UUID, person_id: UUID) -> dict[str, Any]:
    """Take it back: the child takes no place any more, and where it is it is recorded as present only."""
    return _consent("withdrawn", household_id, person_id, guardians.POLICY_VERSION)


@households.post("/people/<uuid:person_id>/death")
@requires(workers_and_officers)
@households.arguments(DeathForm)
@households.response(201, DeathView)
@refuses(NotFound, OwnCase, Unprocessable, LastOfficer)
@transactional
def record_one(form: dict[str, Any], person_id: UUID) -> dict[str, Any]:
    """Record that somebody died: their points go to the household's pot, without a household to the charity pool."""
    parting = record_death(person_id, **form, by=caller(), let_go=current_app.extensions["let_go"])
    fields = ("id", "person_id", "died_on", "household_id")
    return {name: getattr(parting, name) for name in fields} | {"recorded_at": parting.parted_at}


def _consent(said: str, household_id: UUID, person_id: UUID, policy_version: str) -> dict[str, Any]:
    home, child = household_today(household_id), find(Person, person_id)
    if caller().household_id != home.id or child.household_id != home.id:
        raise NotFound()
    if caller().channel == "household":  # the head for somebody without a phone: a guardian speaks by themselves
        raise GuardianSpeaks()
    written = guardians.say(
        child,
        guardian=find(Person, caller().person_id),
        said=said,
        policy_version=policy_version,
        recorder_id=caller().doer_id,
    )
    return {column.key: getattr(written, column.key) for column in GuardianConsent.__table__.columns}


def _one(claimed: HouseholdClaim) -> dict[str, Any]:
    return shown_claims([claimed], to=caller())[0]
