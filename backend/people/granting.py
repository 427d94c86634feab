"""Giving and withdrawing roles: nobody above their own, nobody to themselves or their family.

Whoever grants is asked for their grants anew, inside the deed: who lost a role a moment ago appoints nobody with it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find
from backend.foundation.errors import Forbidden
from backend.people import role_requests
from backend.people.delegations import manages
from backend.people.fitness import refuse_a_past_end, refuse_the_unfit
from backend.people.models import Person
from backend.people.permissions import gives, is_close, may_grant
from backend.people.role_errors import LastLeader, OwnPeople
from backend.people.role_models import Role, RoleRequest
from backend.people.roles import grant_role, grants_of, is_the_only_holder, withdraw_role
from backend.people.scopes import ScopeKinds, scope_of


def grant(
    *,
    person_id: UUID,
    role: str,
    scope: dict[str, Any],
    by: Caller,
    kinds: ScopeKinds,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str | None = None,
) -> tuple[Role | RoleRequest, bool]:
    """Give somebody a role and say whether it is new; of an officer only a request comes, for a second officer.

    Raises `NotFound` for the person or the scope, `Forbidden` above one's own, `OwnPeople` for oneself and one's
    household, `VerificationNeeded`, `AdultNeeded`, `RoleHeldOtherwise`, or `Unprocessable` for an end that has passed.
    """
    refuse_a_past_end(ends_at)
    grants = grants_of(by.person_id)
    if not any(gives(mine, role) for mine in grants):
        raise Forbidden()
    person = find(Person, person_id)
    over = scope_of(scope["type"], scope.get("id"), kinds)
    if not may_grant(grants, role, over=over):
        raise Forbidden()
    if is_close(by, person):
        raise OwnPeople()
    refuse_the_unfit(person, role)
    if role == "officer":
        return role_requests.ask_for_officer(
            person, over, requester_id=by.person_id, starts_at=starts_at, ends_at=ends_at, reason=reason
        )
    granted, is_new = grant_role(
        person.id, role, over, granted_by_id=by.person_id, starts_at=starts_at, ends_at=ends_at, reason=reason
    )
    if is_new:
        trail.record("roles.grant", granted, beneficiary_id=person.id, reason=reason, after={"role": role})
    return granted, is_new


def withdraw(
    role: Role, *, by: Caller, kinds: ScopeKinds, reason: str | None = None
) -> tuple[Role | RoleRequest, bool]:
    """End a role one may see, and say whether that is new; of another officer only a request comes.

    Everybody may give up their own, except the only officer of the office (`LastOfficer`) and the only leader of a
    group (`LastLeader`: hand over first). Raises `Forbidden` above one's own.
    """
    is_mine = role.person_id == by.person_id
    if not is_mine and not manages(by, role):
        over = scope_of(role.scope_type, role.scope_id, kinds)
        if not may_grant(grants_of(by.person_id), role.role, over=over):
            raise Forbidden()
    at = now()
    if role.withdrawn_at is not None or (role.ends_at is not None and role.ends_at <= at):
        return role, False
    if role.role == "officer" and not is_mine:
        return role_requests.ask_to_withdraw(role, requester_id=by.person_id, reason=reason)
    if role.role == "leader" and is_mine and role.holds_at(at) and is_the_only_holder(role):
        raise LastLeader()
    is_withdrawn = withdraw_role(role, withdrawn_by_id=by.person_id, reason=reason)
    if is_withdrawn:
        trail.record("roles.withdraw", role, beneficiary_id=role.person_id, reason=reason, before={"role": role.role})
    return role, is_withdrawn
