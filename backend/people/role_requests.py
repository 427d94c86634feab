"""Officers by two: one officer asks that somebody become one, or be one no longer, and a second one decides."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Forbidden, Replan, SecondPersonNeeded
from backend.foundation.tenancy import office_in_force
from backend.people.models import Person
from backend.people.permissions import is_close
from backend.people.role_errors import RequestDecided, RequesterNoOfficer, RoleHeldOtherwise
from backend.people.role_models import Role, RoleRequest
from backend.people.roles import grant_role, officers_now, roles_of, withdraw_role
from backend.people.scopes import Scope, over_office
from backend.places.offices import office


def ask_for_officer(
    person: Person,
    over: Scope,
    *,
    requester_id: UUID,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str | None = None,
) -> tuple[Role | RoleRequest, bool]:
    """Ask that somebody become an officer; whoever is one already answers with that, an open request with itself.

    Raises `RoleHeldOtherwise` for an officer of other dates than these.
    """
    held = next((role for role in roles_of(person.id) if (role.role, role.scope) == ("officer", over.path)), None)
    if held is not None:
        if held.ends_at != ends_at or starts_at not in (None, held.starts_at):
            raise RoleHeldOtherwise(starts_at=held.starts_at, ends_at=held.ends_at)
        return held, False
    return _ask(person.id, "grant", requester_id, starts_at=starts_at, ends_at=ends_at, reason=reason)


def ask_to_withdraw(role: Role, *, requester_id: UUID, reason: str | None = None) -> tuple[RoleRequest, bool]:
    """Ask that somebody be an officer no longer; an open request answers with itself."""
    return _ask(role.person_id, "withdrawal", requester_id, role_id=role.id, reason=reason)


def decide(
    request: RoleRequest, *, decider: Caller, approved: bool, reason: str | None = None
) -> tuple[RoleRequest, bool]:
    """Approve (the role is given or withdrawn) or decline; and whether that is new: the same again is fine.

    Raises `SecondPersonNeeded` for the one who asked, the one it is about, and their households, `RequestDecided` when
    it was decided the other way, `RequesterNoOfficer` when the first of the two is no officer any more, and
    `LastOfficer`, `AdultNeeded` or `RoleHeldOtherwise` as the role itself does.
    """
    if any(is_close(decider, find(Person, person_id)) for person_id in (request.requester_id, request.person_id)):
        raise SecondPersonNeeded()
    officers = officers_now()
    if decider.person_id not in officers:
        raise Forbidden()
    state = "approved" if approved else "declined"
    decided = session().scalar(
        update(RoleRequest)
        .where(RoleRequest.id == request.id, RoleRequest.state == "requested")
        .values(
            state=state,
            decider_id=decider.person_id,
            decided_at=now(),
            **RoleRequest.decision_reason.at_rest(request, reason),
        )
        .returning(RoleRequest.id)
    )
    session().refresh(request)
    if decided is None:
        if request.state != state:
            raise RequestDecided(state=request.state)
        return request, False
    if approved:
        if request.requester_id not in officers:
            raise RequesterNoOfficer()
        _carry_out(request, decider_id=decider.person_id)
    trail.record(
        "role_requests.approve" if approved else "role_requests.decline",
        request,
        beneficiary_id=request.person_id,
        reason=reason,
        before={"state": "requested"},
        after={"state": state, "action": request.action, "role": request.role_id},
    )
    return request, True


def _carry_out(request: RoleRequest, *, decider_id: UUID) -> None:
    if request.action == "withdrawal":
        assert request.role_id is not None  # noqa: S101  # the table says so
        withdraw_role(find(Role, request.role_id), withdrawn_by_id=decider_id, reason=request.reason)
        return
    granted, _ = grant_role(
        request.person_id,
        "officer",
        over_office(office(office_in_force())),
        granted_by_id=decider_id,
        starts_at=request.starts_at,
        ends_at=request.ends_at,
        reason=request.reason,
    )
    request.role_id = granted.id
    session().flush()


def _ask(
    person_id: UUID,
    action: str,
    requester_id: UUID,
    *,
    role_id: UUID | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str | None = None,
) -> tuple[RoleRequest, bool]:
    request = insert_once(
        RoleRequest,
        action=action,
        person_id=person_id,
        role_id=role_id,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        requester_id=requester_id,
        requested_at=now(),
    )
    if request is not None:
        after = {"action": action, "role": role_id}
        trail.record("role_requests.ask", request, beneficiary_id=person_id, reason=reason, after=after)
        return request, True
    first = session().scalar(
        select(RoleRequest).where(
            RoleRequest.person_id == person_id, RoleRequest.action == action, RoleRequest.state == "requested"
        )
    )
    if first is None:  # It was decided this very moment.
        raise Replan()
    return first, False
