"""Endpoints of agencies (社工机构, 联合会) and of what is delegated to them."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound, SecondPersonNeeded
from backend.foundation.pages import PageQuery, page, page_of
from backend.people import delegations
from backend.people.permissions import officers
from backend.people.role_errors import (
    AdultNeeded,
    AgencyNameTaken,
    DelegationDecided,
    OwnPeople,
    RequesterNoOfficer,
    VerificationNeeded,
)
from backend.people.role_models import Agency, Delegation
from backend.people.role_queries import delegations_asked_for, shown_delegations
from backend.people.role_routes import scope_kinds
from backend.people.role_schemas import (
    AgencyForm,
    AgencyView,
    DelegationForm,
    DelegationQuery,
    DelegationView,
    ReasonQuery,
    RoleDecisionForm,
)
from backend.places.errors import AreaClosed

agencies = Blueprint("agencies", __name__, description="社工机构与委托")


@agencies.post("/agencies")
@requires(officers)
@agencies.arguments(AgencyForm)
@agencies.response(201, AgencyView)
@refuses(AgencyNameTaken)
@transactional
def open_one(form: dict[str, Any]) -> Agency:
    """Write down an agency or the federation; what it may do is delegated to it."""
    return delegations.open_agency(**form, opener_id=caller().person_id)


@agencies.get("/agencies")
@requires(anybody_here)
@agencies.arguments(PageQuery, location="query")
@agencies.response(200, page_of(AgencyView))
def list_agencies(asked: dict[str, Any]) -> dict[str, Any]:
    """The agencies that act, or acted, for the office."""
    return page(select(Agency), asked, by=(Agency.id,))


@agencies.post("/agencies/<uuid:agency_id>/delegations")
@requires(officers)
@agencies.arguments(DelegationForm)
@agencies.creates(DelegationView)
@refuses(NotFound, OwnPeople, AdultNeeded, VerificationNeeded, AreaClosed)
@transactional
def delegate(form: dict[str, Any], agency_id: UUID) -> Any:
    """Ask that a role be delegated to an agency; a second officer decides."""
    form = {name: value for name, value in form.items() if value is not None}
    asked, is_new = delegations.ask(find(Agency, agency_id), **form, by=caller(), kinds=scope_kinds())
    return _shown(asked) if is_new else (_shown(asked), 200, REPLAYED)


@agencies.get("/delegations")
@requires(anybody_here)
@agencies.arguments(DelegationQuery, location="query")
@agencies.response(200, page_of(DelegationView))
def list_delegations(asked: dict[str, Any]) -> dict[str, Any]:
    """Delegations I manage; officers and auditors see all. `state=requested` is what waits for a second officer."""
    found = page(delegations_asked_for(asked, by=caller()), asked, by=(Delegation.id,))
    return {**found, "items": shown_delegations(found["items"], to=caller())}


@agencies.put("/delegations/<uuid:delegation_id>")
@requires(officers)
@agencies.arguments(RoleDecisionForm)
@agencies.response(200, DelegationView)
@refuses(NotFound, SecondPersonNeeded, DelegationDecided, RequesterNoOfficer)
@transactional
def decide(form: dict[str, Any], delegation_id: UUID) -> Any:
    """Approve or decline a delegation another officer asked for."""
    decided, is_new = delegations.decide(
        find(Delegation, delegation_id),
        decider=caller(),
        approved=form["decision"] == "approved",
        reason=form.get("reason"),
    )
    return _shown(decided) if is_new else (_shown(decided), 200, REPLAYED)


@agencies.delete("/delegations/<uuid:delegation_id>")
@requires(anybody_here)
@agencies.arguments(ReasonQuery, location="query")
@agencies.response(200, DelegationView)
@refuses(NotFound, Forbidden, DelegationDecided)
@transactional
def withdraw(asked: dict[str, Any], delegation_id: UUID) -> Any:
    """End a delegation and, in the same moment, every role that was given from it."""
    delegation = find(Delegation, delegation_id)
    visible(delegations.is_seen_by(delegation, caller()))
    allow(delegations.acts_for(delegation, caller()))
    ended, is_new = delegations.withdraw(delegation, by=caller(), reason=asked.get("reason"))
    return _shown(ended) if is_new else (_shown(ended), 200, REPLAYED)


def _shown(delegation: Delegation) -> dict[str, Any]:
    (shown,) = shown_delegations([delegation], to=caller())
    return shown
