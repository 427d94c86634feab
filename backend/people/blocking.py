"""Keeping somebody out of their account, and letting them in again: who, when and why is recorded. Points stay theirs.

A worker decides over people who live in their area, an officer over everybody; nobody over themselves or their own
household, and over those who work for the office only an officer.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Forbidden, NotFound
from backend.people.access_feed import access_changed
from backend.people.assisted_models import Registration
from backend.people.devices import end_devices_of
from backend.people.errors import NotBlocked, OfficerNeeded
from backend.people.home_areas import home_path
from backend.people.models import Person
from backend.people.permissions import is_close, works_over
from backend.people.roles import roles_of
from backend.people.session_models import Block
from backend.places.models import Area, Household

_STAFF = ("worker", "officer", "auditor")


def workers_and_officers(caller: Caller) -> bool:
    return caller.holds("worker", "officer")


def block(person: Person, *, reason: str, by: Caller) -> tuple[Block, bool]:
    """Keep somebody out and end all their logins; the block, and whether it is new.

    Raises `NotFound` for people of another area, `Forbidden` for one's own, `OfficerNeeded`.
    """
    _refuse_unless_theirs_to_decide(person, by)
    new = insert_once(Block, person_id=person.id, reason=reason, blocked_by_id=by.person_id, blocked_at=now())
    if new is None:  # Another worker was faster, or they tapped twice.
        return session().scalars(_open(person.id)).one(), False
    access_changed(person.id)
    end_devices_of(person.id, reason="blocked")
    trail.record("people.block", new, beneficiary_id=person.id, reason=reason)
    return new, True


def unblock(person: Person, *, reason: str, by: Caller) -> Block:
    """Let somebody in again; they log in anew. Raises as `block` does, and `NotBlocked`."""
    _refuse_unless_theirs_to_decide(person, by)
    open_block = session().scalar(_open(person.id))
    if open_block is None:
        raise NotBlocked()
    lifted: Block | None = session().scalar(
        update(Block)
        .where(Block.id == open_block.id, Block.lifted_at.is_(None))
        .values(lifted_at=now(), lifted_by_id=by.person_id, **Block.lift_reason.at_rest(open_block, reason))
        .returning(Block),
        execution_options={"populate_existing": True},
    )
    access_changed(person.id)
    if lifted is None:  # Another worker was faster.
        raise NotBlocked()
    trail.record("people.unblock", lifted, beneficiary_id=person.id, reason=reason)
    return lifted


def is_blocked(person_id: UUID) -> bool:
    return session().scalar(_open(person_id)) is not None


def blocked_people(*, seen_by: Caller) -> Select[Block, Person]:
    """Who is blocked now, as (block, person), among those over whom the caller decides."""
    return (
        select(Block, Person)
        .join(Person, and_(Person.office_id == Block.office_id, Person.id == Block.person_id))
        .outerjoin(Household, and_(Household.office_id == Person.office_id, Household.id == Person.household_id))
        .outerjoin(Registration, and_(Registration.office_id == Person.office_id, Registration.person_id == Person.id))
        .outerjoin(
            Area,
            and_(Area.office_id == Person.office_id, Area.id == func.coalesce(Household.area_id, Registration.area_id)),
        )
        .where(Block.lifted_at.is_(None), _lives_where(seen_by))
    )


def _refuse_unless_theirs_to_decide(person: Person, by: Caller) -> None:
    if not works_over(by, home_path(person)):
        raise NotFound()
    if is_close(by, person):
        raise Forbidden()
    if not by.holds("officer", over="/") and any(role.role in _STAFF for role in roles_of(person.id)):
        raise OfficerNeeded()


def _lives_where(by: Caller) -> ColumnElement[bool]:
    scopes = {grant.scope for grant in by.grants if grant.role in ("worker", "officer")}
    if "/" in scopes:
        return Block.id.is_not(None)
    return or_(*(Area.path.startswith(scope, autoescape=True) for scope in sorted(scopes)))


def _open(person_id: UUID) -> Select[Block]:
    return select(Block).where(Block.person_id == person_id, Block.lifted_at.is_(None))
