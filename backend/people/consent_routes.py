"""Endpoints of policies and agreements: what is asked, what somebody said to it, and taking it back."""

from typing import Any

from backend.foundation.admission import requires
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import transactional
from backend.foundation.errors import ActingForOthersUnavailable, NotFound
from backend.foundation.tenancy import acting_in
from backend.people import consents as deeds
from backend.people import policies as publishing
from backend.people.assisted import assisted
from backend.people.consent_models import Consent, PolicyVersion
from backend.people.consent_queries import shown_consents
from backend.people.consent_schemas import (
    ConsentForm,
    ConsentsView,
    ConsentView,
    PoliciesView,
    PolicyForm,
    PolicyQuery,
    PolicyView,
)
from backend.people.errors import ConsentStays, PolicyChanged
from backend.people.permissions import officers
from backend.people.phones import shown_number
from backend.people.purposes import PURPOSES
from backend.people.withdrawing import withdraw
from backend.places.errors import UnknownOffice
from backend.places.offices import office

consents = Blueprint("consents", __name__, description="隐私：政策与同意")


@consents.get("/policies")
@consents.arguments(PolicyQuery, location="query")
@consents.response(200, PoliciesView)
@refuses(UnknownOffice)
def list_policies(asked: dict[str, Any]) -> dict[str, Any]:
    """What an office asks people to agree to, and in which words; for everybody, without a token."""
    with acting_in(office(asked["office_id"]).id):
        return {"items": [_policy(row) for row in publishing.policies_now()], "next": None}


@consents.post("/policies")
@requires(officers)
@consents.arguments(PolicyForm)
@consents.response(201, PolicyView)
@transactional
def publish(form: dict[str, Any]) -> dict[str, Any]:
    """Publish other words for a purpose; whoever agreed to the ones before is asked again."""
    return _policy(publishing.publish(**form, by=caller()))


@consents.get("/me/consents")
@requires(anybody_here)
@consents.response(200, ConsentsView)
@assisted("read_consents", reads=True)
def list_mine() -> dict[str, Any]:
    """Every purpose, what I said to it last, and what the program is to ask me."""
    return {"items": _mine(), "next": None}


@consents.post("/me/consents")
@requires(anybody_here)
@consents.arguments(ConsentForm)
@consents.creates(ConsentView)
@refuses(PolicyChanged)
@transactional
@assisted("consent", of=Consent)
def agree(form: dict[str, Any]) -> Any:
    """Agree to a purpose, in the words I have read; at the desk a signed paper may stand for it."""
    _refuse_the_household()
    way = deeds.way_of(caller(), on_paper=form.get("paper", False))
    _, is_new = deeds.give(caller().person_id, form["purpose"], form["version"], way=way)
    return _one(form["purpose"]) if is_new else (_one(form["purpose"]), 200, REPLAYED)


@consents.delete("/me/consents/<string:purpose>")
@requires(anybody_here)
@consents.response(200, ConsentView)
@refuses(NotFound, ConsentStays, PolicyChanged)
@transactional
@assisted("withdraw_consent", of=Consent)
def take_back(purpose: str) -> Any:
    """Take an agreement back; what depends on it ends at once."""
    if purpose not in PURPOSES:
        raise NotFound()
    _refuse_the_household()
    _, is_new = withdraw(caller().person_id, purpose, way=deeds.way_of(caller()))
    return _one(purpose) if is_new else (_one(purpose), 200, REPLAYED)


def _refuse_the_household() -> None:
    """A head acts for the family in many things; what somebody agrees to, they say themselves or at the desk."""
    if caller().channel == "household":
        raise ActingForOthersUnavailable()


def _policy(row: PolicyVersion) -> dict[str, Any]:
    purpose = PURPOSES[row.purpose]
    return {
        "purpose": row.purpose,
        "name": purpose.name,
        "depends": purpose.depends,
        "is_required": purpose.is_required,
        "version": row.version,
        "text": row.text,
        "published_at": row.published_at,
    }


def _mine() -> list[dict[str, Any]]:
    me = caller().person_id
    return shown_consents(me, has_phone=shown_number(me) is not None)


def _one(purpose: str) -> dict[str, Any]:
    return next(each for each in _mine() if each["purpose"] == purpose)
