"""Agencies (社工机构, 联合会) and what is delegated to them: dated rights, lent by two officers, never passed on.

A *delegation* names one *manager* of the agency. They, and the officers, name the people who hold its role, over its
scope or an area below it, within its dates. Those roles end with it, and give nothing to anybody else.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Forbidden, NotFound, Replan, SecondPersonNeeded, Unprocessable
from backend.people.fitness import refuse_a_past_end, refuse_the_unfit
from backend.people.models import Person
from backend.people.permissions import is_close, officers, officers_and_auditors
from backend.people.role_errors import (
    AgencyNameTaken,
    DelegationDecided,
    DelegationNotInForce,
    OutsideDelegation,
    OwnPeople,
    RequesterNoOfficer,
)
from backend.people.role_models import FITS, Agency, Delegation, Role
from backend.people.roles import grant_role, officers_now, withdraw_role
from backend.people.scopes import Scope, ScopeKinds, scope_of

LONGEST = timedelta(days=3 * 365 + 1)  # three years, whichever of them is a leap year


def open_agency(*, name: str, kind: str, opener_id: UUID) -> Agency:
    """Write down an agency; it may do nothing yet. Raises `AgencyNameTaken`."""
    agency = insert_once(Agency, name=name, kind=kind, opener_id=opener_id, opened_at=now())
    if agency is None:
        raise AgencyNameTaken()
    trail.record("agencies.open", agency, after={"kind": kind})
    return agency


def ask(
    agency: Agency,
    *,
    manager_id: UUID,
    role: str,
    scope: dict[str, Any],
    ends_at: datetime,
    by: Caller,
    kinds: ScopeKinds,
    starts_at: datetime | None = None,
    reason: str | None = None,
) -> tuple[Delegation, bool]:
    """Ask that a role be delegated to an agency for at most three years; an open request answers with itself.

    Raises `NotFound` for the manager or the scope, `OwnPeople` for a manager of one's own household,
    `VerificationNeeded`, `AdultNeeded`, or `Unprocessable` for dates that cannot be.
    """
    at = now()
    refuse_a_past_end(ends_at)
    begins = starts_at or at
    if ends_at > begins + LONGEST:
        raise Unprocessable(errors={"ends_at": ["一次委托最长三年，到期可以重新委托"]})
    manager = find(Person, manager_id)
    over = scope_of(scope["type"], scope.get("id"), kinds)
    if is_close(by, manager):
        raise OwnPeople()
    refuse_the_unfit(manager, role)
    delegation = insert_once(
        Delegation,
        agency_id=agency.id,
        manager_id=manager.id,
        role=role,
        scope_type=over.type,
        scope_id=over.id,
        scope_name=over.name,
        scope=over.path,
        starts_at=begins,
        ends_at=ends_at,
        reason=reason,
        requester_id=by.person_id,
        requested_at=at,
    )
    if delegation is not None:
        after = {"agency": agency.id, "role": role}
        trail.record("delegations.ask", delegation, beneficiary_id=manager.id, reason=reason, after=after)
        return delegation, True
    first = session().scalar(
        select(Delegation).where(
            Delegation.agency_id == agency.id,
            Delegation.manager_id == manager.id,
            Delegation.role == role,
            Delegation.scope == over.path,
            Delegation.state == "requested",
        )
    )
    if first is None:  # It was decided this very moment.
        raise Replan()
    return first, False


def decide(
    delegation: Delegation, *, decider: Caller, approved: bool, reason: str | None = None
) -> tuple[Delegation, bool]:
    """Approve (the manager may name people from then on) or decline; and whether that is new: the same again is fine.

    Raises `SecondPersonNeeded` for the one who asked, the manager, and their households, `DelegationDecided` when it
    was decided the other way or withdrawn, `RequesterNoOfficer` when the first of the two is no officer any more.
    """
    if any(is_close(decider, find(Person, person)) for person in (delegation.requester_id, delegation.manager_id)):
        raise SecondPersonNeeded()
    acting = officers_now()
    if decider.person_id not in acting:
        raise Forbidden()
    state = "approved" if approved else "declined"
    decided = session().scalar(
        update(Delegation)
        .where(Delegation.id == delegation.id, Delegation.state == "requested")
        .values(
            state=state,
            decider_id=decider.person_id,
            decided_at=now(),
            **Delegation.decision_reason.at_rest(delegation, reason),
        )
        .returning(Delegation.id)
    )
    session().refresh(delegation)
    if decided is None and delegation.state != state:
        raise DelegationDecided(state=delegation.state)
    if decided is not None and approved and delegation.requester_id not in acting:
        raise RequesterNoOfficer()
    if decided is not None:
        trail.record(
            "delegations.approve" if approved else "delegations.decline",
            delegation,
            beneficiary_id=delegation.manager_id,
            reason=reason,
            before={"state": "requested"},
            after={"state": state},
        )
    return delegation, decided is not None


def withdraw(delegation: Delegation, *, by: Caller, reason: str | None = None) -> tuple[Delegation, bool]:
    """End a delegation, or a request for one, and every role that was given from it; and whether this call did it.

    An officer alone may, because it only takes away, and so may the manager. Raises `DelegationDecided` when it was
    declined.
    """
    delegation = find(Delegation, delegation.id, locked=True)  # nobody is named from it meanwhile
    if delegation.state == "declined":
        raise DelegationDecided(state=delegation.state)
    if delegation.state == "withdrawn":
        return delegation, False
    before = {"state": delegation.state}
    delegation.state, delegation.withdrawn_at = "withdrawn", now()
    delegation.withdrawn_by_id, delegation.withdrawal_reason = by.person_id, reason
    session().flush()
    given = select(Role).where(Role.delegation_id == delegation.id, Role.withdrawn_at.is_(None)).order_by(Role.id)
    for role in session().scalars(given).all():
        withdraw_role(role, withdrawn_by_id=by.person_id, reason=reason)
        trail.record("roles.withdraw", role, beneficiary_id=role.person_id, reason=reason, before={"role": role.role})
    after = {"state": "withdrawn"}
    trail.record(
        "delegations.withdraw",
        delegation,
        beneficiary_id=delegation.manager_id,
        reason=reason,
        before=before,
        after=after,
    )
    return delegation, True


def grant_from(
    delegation_id: UUID,
    *,
    person_id: UUID,
    role: str,
    scope: dict[str, Any],
    by: Caller,
    kinds: ScopeKinds,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str | None = None,
) -> tuple[Role, bool]:
    """Give somebody the delegated role, over the delegated scope or an area below it, within the delegated dates.

    Without dates they are the delegation's. Raises `NotFound` for a delegation of somebody else's, for the person and
    the scope, `OutsideDelegation`, `OwnPeople`, `DelegationNotInForce`, or what any role raises.
    """
    refuse_a_past_end(ends_at)
    delegation = find(Delegation, delegation_id, locked=True)  # it is not withdrawn meanwhile
    if not is_seen_by(delegation, by):
        raise NotFound()
    if not acts_for(delegation, by):
        raise Forbidden()
    person = find(Person, person_id)
    over = scope_of(scope["type"], scope.get("id"), kinds)
    at = now()
    begins, ends = starts_at, ends_at or delegation.ends_at
    if begins is None and delegation.starts_at > at:
        begins = delegation.starts_at
    if not _is_within(delegation, role=role, over=over, begins=begins or at, ends=ends):
        raise OutsideDelegation()
    if is_close(by, person):
        raise OwnPeople()
    if delegation.state != "approved" or delegation.ends_at <= at:
        raise DelegationNotInForce(state=delegation.state)
    refuse_the_unfit(person, role)
    granted, is_new = grant_role(
        person.id,
        role,
        over,
        granted_by_id=by.person_id,
        starts_at=begins,
        ends_at=ends,
        reason=reason,
        delegation_id=delegation.id,
    )
    if is_new:
        after = {"role": role, "delegation": delegation.id}
        trail.record("roles.grant", granted, beneficiary_id=person.id, reason=reason, after=after)
    return granted, is_new


def acts_for(delegation: Delegation, by: Caller) -> bool:
    """Its manager and the officers name people from a delegation, and may end it."""
    return delegation.manager_id == by.person_id or officers(by)


def is_seen_by(delegation: Delegation, by: Caller) -> bool:
    """Auditors look at it too."""
    return delegation.manager_id == by.person_id or officers_and_auditors(by)


def manages(by: Caller, role: Role) -> bool:
    """Was the role given from a delegation that names them as its manager?"""
    return role.delegation_id is not None and find(Delegation, role.delegation_id).manager_id == by.person_id


def agencies_behind(roles: Iterable[Role]) -> dict[UUID, Agency]:
    """The agencies that roles were given for, by delegation."""
    wanted = {role.delegation_id for role in roles if role.delegation_id is not None}
    if not wanted:
        return {}
    found = session().execute(
        select(Delegation.id, Agency)
        .join(Agency, (Agency.office_id == Delegation.office_id) & (Agency.id == Delegation.agency_id))
        .where(Delegation.id.in_(wanted))
    )
    return {row.id: row.Agency for row in found}


def _is_within(delegation: Delegation, *, role: str, over: Scope, begins: datetime, ends: datetime) -> bool:
    """The same role, the same scope or an area below it, and no day outside."""
    return (
        role == delegation.role
        and role in FITS[over.type]
        and (over.path == delegation.scope or over.path.startswith(delegation.scope))
        and delegation.starts_at <= begins
        and ends <= delegation.ends_at
    )
