"""Roles: who has which right, over what, from when until when. Every one is given and withdrawn here and nowhere else.

leader, deputy, helper    over a group
clerk, owner              over a merchant
worker                    over an area, or the whole office
officer, auditor          over the whole office

`resident` is none of them: it is what a person is verified as (`Person.verified`), because being known at one's door
is a fact about somebody and not a right that somebody else lends them. Whether somebody *may* give a role is asked in
`granting`; what no grant of any origin may break stands here: nobody under 18, and never an office without an officer.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, update

from backend.foundation.callers import Grant
from backend.foundation.clock import now
from backend.foundation.db import add, session
from backend.foundation.errors import NotFound
from backend.people.access_feed import access_changed
from backend.people.models import Person
from backend.people.role_errors import AdultNeeded, LastOfficer, RoleHeldOtherwise
from backend.people.role_models import Role
from backend.people.scopes import Scope


def grant_role(
    person_id: UUID,
    role: str,
    scope: Scope,
    *,
    granted_by_id: UUID | None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str | None = None,
    delegation_id: UUID | None = None,
) -> tuple[Role, bool]:
    """Give somebody a role from `starts_at` (or now) until `ends_at` (or until it is withdrawn); and whether it is new.

    Asking for what they have answers what they have. Raises `AdultNeeded` or, where they have or will have the role
    for another time than this, `RoleHeldOtherwise`: two periods of one role never overlap.
    """
    at = now()
    _take_turns(person_id)
    held = session().scalars(_overlapping(person_id, role, scope, starts_at=starts_at or at, ends_at=ends_at)).first()
    if held is not None:
        is_the_same = (held.ends_at, held.delegation_id) == (ends_at, delegation_id) and (
            held.holds_at(at) if starts_at is None else held.starts_at == starts_at
        )
        if not is_the_same:
            raise RoleHeldOtherwise(starts_at=held.starts_at, ends_at=held.ends_at)
        return held, False
    granted = add(
        Role(
            person_id=person_id,
            role=role,
            scope_type=scope.type,
            scope_id=scope.id,
            scope_name=scope.name,
            scope=scope.path,
            starts_at=starts_at,
            ends_at=ends_at,
            granted_by_id=granted_by_id,
            granted_at=at,
            reason=reason,
            delegation_id=delegation_id,
        )
    )
    return granted, True


def withdraw_role(role: Role, *, withdrawn_by_id: UUID | None, reason: str | None = None) -> bool:
    """End a role now; whether this call did it. Raises `LastOfficer` for the only officer that an office has."""
    at = now()
    if role.role == "officer" and role.holds_at(at) and is_the_only_holder(role):
        raise LastOfficer()
    access_changed(role.person_id)
    withdrawn = session().scalar(
        update(Role)
        .where(Role.id == role.id, Role.withdrawn_at.is_(None))
        .values(withdrawn_at=at, withdrawn_by_id=withdrawn_by_id, **Role.withdrawal_reason.at_rest(role, reason))
        .returning(Role.id)
    )
    session().refresh(role)
    return withdrawn is not None


def is_the_only_holder(role: Role) -> bool:
    """Does nobody else hold this role over this scope now? True stays true until the deed ends.

    Who asks waits for everybody else who is about to withdraw one of them, and then sees what they left.
    """
    everyone = (
        select(Role)
        .where(Role.scope == role.scope, Role.role == role.role, in_force(now()))
        .order_by(Role.id)  # two who ask at once lock them in one order
        .with_for_update(key_share=True)
    )
    holders = session().scalars(everyone, execution_options={"populate_existing": True}).all()
    return {holder.person_id for holder in holders} <= {role.person_id}


def roles_of(person_id: UUID) -> Sequence[Role]:
    """The roles somebody holds now."""
    return session().scalars(select(Role).where(Role.person_id == person_id, in_force(now())).order_by(Role.id)).all()


def grants_of(person_id: UUID) -> frozenset[Grant]:
    """What somebody may do now, as permissions read it."""
    return frozenset(
        Grant(role.role, role.scope, is_delegated=role.delegation_id is not None) for role in roles_of(person_id)
    )


def holders_of(scope: Scope, *roles: str) -> Sequence[UUID]:
    """Who holds one of the roles over exactly that scope now."""
    return (
        session()
        .scalars(select(Role.person_id).where(Role.scope == scope.path, Role.role.in_(roles), in_force(now())))
        .all()
    )


def officers_now() -> set[UUID]:
    """Who may be one of two officers now."""
    return set(session().scalars(select(Role.person_id).where(Role.role == "officer", in_force(now()))))


def in_force(at: datetime) -> ColumnElement[bool]:
    """What makes a role count at that instant, for every statement that asks: begun, not ended, not withdrawn."""
    return and_(begun_or_to_begin(at), or_(Role.starts_at.is_(None), Role.starts_at <= at))


def begun_or_to_begin(at: datetime) -> ColumnElement[bool]:
    """The same, with those that begin later: for whoever remembers them with their dates."""
    return and_(Role.withdrawn_at.is_(None), or_(Role.ends_at.is_(None), Role.ends_at > at))


def _take_turns(person_id: UUID) -> None:
    """Whoever gives this person a role waits here for who else does. Raises `NotFound` or `AdultNeeded`.

    Two periods that overlap are no unique key, so the person's row is what the two agree on.
    """
    wanted = select(Person).where(Person.id == person_id, Person.parted_at.is_(None)).with_for_update(key_share=True)
    person = session().scalar(wanted, execution_options={"populate_existing": True})
    if person is None:
        raise NotFound()
    if person.age_class != "adult":
        raise AdultNeeded()


def _overlapping(
    person_id: UUID, role: str, scope: Scope, *, starts_at: datetime, ends_at: datetime | None
) -> Select[Role]:
    query = select(Role).where(
        Role.person_id == person_id,
        Role.role == role,
        Role.scope == scope.path,
        Role.withdrawn_at.is_(None),
        or_(Role.ends_at.is_(None), Role.ends_at > starts_at),
    )
    if ends_at is not None:
        query = query.where(or_(Role.starts_at.is_(None), Role.starts_at < ends_at))
    return query.order_by(Role.id)


def rename_scope(scope: Scope) -> None:
    """What the roles over that scope are shown as over; it is another name of the same thing, so no right changes."""
    for role in session().scalars(select(Role).where(Role.scope == scope.path).order_by(Role.id)):
        role.scope_name = scope.name
    session().flush()
