"""Endpoints of roles: giving, listing, withdrawing, and what a second officer decides."""

from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from backend.foundation.admission import requires
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound, SecondPersonNeeded
from backend.foundation.pages import page, page_of
from backend.people import delegations, granting, role_requests
from backend.people.permissions import officers, officers_and_auditors
from backend.people.role_errors import (
    AdultNeeded,
    DelegationNotInForce,
    LastLeader,
    LastOfficer,
    OutsideDelegation,
    OwnPeople,
    RequestDecided,
    RequesterNoOfficer,
    RoleHeldOtherwise,
    VerificationNeeded,
)
from backend.people.role_models import Role, RoleRequest
from backend.people.role_queries import one_looked_after, roles_asked_for, shown_requests, shown_roles
from backend.people.role_schemas import (
    ReasonQuery,
    RoleDecisionForm,
    RoleForm,
    RoleQuery,
    RoleRequestQuery,
    RoleRequestView,
    RoleView,
)
from backend.people.scopes import ScopeKinds
from backend.places.errors import AreaClosed

roles = Blueprint("roles", __name__, description="角色与授权")


@roles.post("/roles")
@requires(anybody_here)
@roles.arguments(RoleForm)
@roles.creates(RoleView)
@roles.alt_response(202, schema=RoleRequestView, description="an officer: a second officer decides", success=True)
@refuses(NotFound, Forbidden, OwnPeople, OutsideDelegation, AreaClosed)
@refuses(AdultNeeded, VerificationNeeded, RoleHeldOtherwise, DelegationNotInForce)
@transactional
def grant(form: dict[str, Any]) -> Any:
    """Give somebody a role below my own; an officer needs a second officer. With `delegation_id`, from a delegation.

    Asking for a role somebody has answers it with 200.
    """
    form = {name: value for name, value in form.items() if value is not None}
    deed = delegations.grant_from if "delegation_id" in form else granting.grant
    return _answer(*deed(**form, by=caller(), kinds=scope_kinds()), 201)


@roles.get("/roles")
@requires(anybody_here)
@roles.arguments(RoleQuery, location="query")
@roles.response(200, page_of(RoleView))
def list_roles(asked: dict[str, Any]) -> dict[str, Any]:
    """Roles I may give or withdraw, and my own; officers and auditors see all of the office."""
    found = page(roles_asked_for(asked, by=caller(), kinds=scope_kinds()), asked, by=(Role.id,))
    return {**found, "items": shown_roles(found["items"], to=caller())}


@roles.delete("/roles/<uuid:role_id>")
@requires(anybody_here)
@roles.arguments(ReasonQuery, location="query")
@roles.response(200, RoleView)
@roles.alt_response(202, schema=RoleRequestView, description="an officer: a second officer decides", success=True)
@refuses(NotFound, Forbidden, LastOfficer, LastLeader)
@transactional
def withdraw(asked: dict[str, Any], role_id: UUID) -> Any:
    """Withdraw a role below my own, or give up one of mine; another officer's only with a second officer."""
    role = one_looked_after(role_id, by=caller(), kinds=scope_kinds())
    return _answer(*granting.withdraw(role, by=caller(), kinds=scope_kinds(), reason=asked.get("reason")), 200)


@roles.get("/role-requests")
@requires(officers_and_auditors)
@roles.arguments(RoleRequestQuery, location="query")
@roles.response(200, page_of(RoleRequestView))
def list_requests(asked: dict[str, Any]) -> dict[str, Any]:
    """Who is to become an officer, or to be one no longer; `state=requested` is what waits for a second officer."""
    query = select(RoleRequest)
    if asked.get("state"):
        query = query.where(RoleRequest.state == asked["state"])
    found = page(query, asked, by=(RoleRequest.id,))
    return {**found, "items": shown_requests(found["items"], to=caller())}


@roles.put("/role-requests/<uuid:request_id>")
@requires(officers)
@roles.arguments(RoleDecisionForm)
@roles.response(200, RoleRequestView)
@refuses(NotFound, SecondPersonNeeded, RequestDecided, RequesterNoOfficer, LastOfficer, AdultNeeded, RoleHeldOtherwise)
@transactional
def decide(form: dict[str, Any], request_id: UUID) -> Any:
    """Approve or decline what another officer asked for."""
    decided, is_new = role_requests.decide(
        find(RoleRequest, request_id),
        decider=caller(),
        approved=form["decision"] == "approved",
        reason=form.get("reason"),
    )
    (shown,) = shown_requests([decided], to=caller())
    return shown if is_new else (shown, 200, REPLAYED)


def scope_kinds() -> ScopeKinds:
    """How scopes are looked up, as web.py put it together."""
    kinds: ScopeKinds = current_app.extensions["scopes"]
    return kinds


def _answer(outcome: Role | RoleRequest, is_new: bool, status: int) -> Any:
    """A role as it is, or what now waits for a second officer: accepted, and not done."""
    if isinstance(outcome, RoleRequest):
        (request,) = shown_requests([outcome], to=caller())
        return current_app.json.response(RoleRequestView().dump(request)), 202, {} if is_new else REPLAYED
    (role,) = shown_roles([outcome], to=caller())
    return (role, status) if is_new else (role, 200, REPLAYED)
