"""What screens show about roles, requests and delegations. What somebody may give or take away, they can list."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, not_, or_, select

from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.foundation.errors import NotFound
from backend.people.delegations import agencies_behind
from backend.people.models import Person
from backend.people.queries import people_by_id
from backend.people.role_models import Agency, Delegation, Role, RoleRequest
from backend.people.roles import grants_of
from backend.people.scopes import ScopeKinds


def roles_looked_after(by: Caller, kinds: ScopeKinds) -> Select[Role]:
    """Roles somebody may look at: their own; of the group they lead, the shop they own, the area they work over.

    Officers and auditors see all of the office, the manager of a delegation what was given from it.
    """
    grants = grants_of(by.person_id)
    if any(grant.role in ("officer", "auditor") for grant in grants):
        return select(Role)
    managed = select(Delegation.id).where(Delegation.manager_id == by.person_id)
    theirs = [Role.person_id == by.person_id, Role.delegation_id.in_(managed)]
    for grant in grants:
        if grant.is_delegated:
            continue  # whoever gives nothing has nothing to look after
        if grant.role in ("leader", "deputy", "owner"):
            theirs.append(Role.scope == grant.scope)
        elif grant.role == "worker":
            theirs += [
                and_(Role.scope_type == name, Role.scope_id.in_(kinds[name].ids_within(grant.scope)))
                for name in ("group", "merchant")
            ]
    return select(Role).where(or_(*theirs))


def one_looked_after(role_id: UUID, *, by: Caller, kinds: ScopeKinds) -> Role:
    """A role somebody may look at; any other does not exist for them. Raises `NotFound`."""
    role = session().scalar(roles_looked_after(by, kinds).where(Role.id == role_id))
    if role is None:
        raise NotFound()
    return role


def roles_asked_for(asked: dict[str, Any], *, by: Caller, kinds: ScopeKinds) -> Select[Role]:
    """Those of them that hold now or will (`current`), or are over (`ended`)."""
    query = roles_looked_after(by, kinds)
    for name in ("person_id", "scope_type", "scope_id", "role", "delegation_id"):
        if asked.get(name):
            query = query.where(getattr(Role, name) == asked[name])
    lasts = and_(Role.withdrawn_at.is_(None), or_(Role.ends_at.is_(None), Role.ends_at > now()))
    return query.where(lasts if asked["state"] == "current" else not_(lasts))


def delegations_asked_for(asked: dict[str, Any], *, by: Caller) -> Select[Delegation]:
    """To officers and auditors all of the office, to anybody else what they manage."""
    query = select(Delegation)
    if not any(grant.role in ("officer", "auditor") for grant in grants_of(by.person_id)):
        query = query.where(Delegation.manager_id == by.person_id)
    for name in ("state", "agency_id"):
        if asked.get(name):
            query = query.where(getattr(Delegation, name) == asked[name])
    return query


def shown_roles(roles: Sequence[Role], *, to: Caller) -> list[dict[str, Any]]:
    """Roles with who holds them, and for which agency."""
    people, agencies = people_by_id(role.person_id for role in roles), agencies_behind(roles)
    return [
        {
            **role.as_read(),
            "person": _named(people[role.person_id], to=to),
            "scope": _scope(role),
            "agency": agencies.get(role.delegation_id) if role.delegation_id else None,
        }
        for role in roles
    ]


def shown_requests(requests: Sequence[RoleRequest], *, to: Caller) -> list[dict[str, Any]]:
    """Requests for officers, with whom they are about."""
    people = people_by_id(request.person_id for request in requests)
    return [
        {
            **request.as_read(),
            "role": "officer",
            "person": _named(people[request.person_id], to=to),
        }
        for request in requests
    ]


def shown_delegations(delegations: Sequence[Delegation], *, to: Caller) -> list[dict[str, Any]]:
    """Delegations, to whom, and over what."""
    people = people_by_id(delegation.manager_id for delegation in delegations)
    wanted = select(Agency).where(Agency.id.in_({delegation.agency_id for delegation in delegations}))
    agencies = {agency.id: agency for agency in session().scalars(wanted)}
    return [
        {
            **delegation.as_read(),
            "agency": agencies[delegation.agency_id],
            "manager": _named(people[delegation.manager_id], to=to),
            "scope": _scope(delegation),
        }
        for delegation in delegations
    ]


def _named(person: Person, *, to: Caller) -> dict[str, Any]:
    """Workers and officers read a name in full; to others it only serves to recognise somebody."""
    is_known = person.id == to.person_id or to.holds("worker", "officer")
    return {"id": person.id, "name": person.name if is_known else person.masked_name}


def _scope(row: Role | Delegation) -> dict[str, Any]:
    return {"type": row.scope_type, "id": row.scope_id, "name": row.scope_name}
