"""The feed of an office: whose access has changed, so that every server process hears of it within seconds.

Access tokens carry what somebody may do, so a change has to reach whoever believes them. Nobody needs to remember
that: a changed row of what `TELLS` lists is told when it is flushed, and a statement that may change many rows counts
as a change for everybody, unless `access_changed` says for whom. The feed is written when the deed commits, after
everything else: its row is held for that moment only, and a lock that is always the last one meets no deadlock.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, event, func, insert, inspect, select
from sqlalchemy.orm import ORMExecuteState, QueryableAttribute, Session, SessionTransaction

from backend.foundation.clock import now
from backend.foundation.db import inserting, session
from backend.foundation.ids import first_id_at, uuid7
from backend.foundation.tenancy import office_in_force
from backend.people.models import Person
from backend.people.role_models import Role
from backend.people.session_models import AccessChange, AccessFeed, Block, Device

Subject = tuple[UUID | None, UUID | None]  # a person; or with their device, that device only; or nobody: everybody

EVERYBODY: Subject = (None, None)


@dataclass(frozen=True)
class Telling:
    """Which columns of a table a caller is made of, and whose caller that is."""

    columns: frozenset[str]
    about: Callable[[Any], Subject]
    also_when_new: bool


# A new table that gives or takes rights belongs here. Whoever is new has no token yet.
TELLS = {
    Person: Telling(
        frozenset({"household_id", "verified", "merged_into_id", "parted_at"}), lambda person: (person.id, None), False
    ),
    Device: Telling(frozenset({"ended_at"}), lambda device: (device.person_id, device.id), False),
    Role: Telling(
        frozenset({"role", "scope", "starts_at", "ends_at", "withdrawn_at"}), lambda role: (role.person_id, None), True
    ),
    Block: Telling(frozenset({"lifted_at"}), lambda block: (block.person_id, None), True),
}


@dataclass
class _Pending:
    """What one transaction has to tell."""

    subjects: dict[tuple[int, Subject], None] = field(default_factory=dict)
    is_said: bool = False  # by `access_changed` or `devices_ended`
    in_bulk: set[int] = field(default_factory=set)  # offices in which a statement changed nobody knows whom


def access_changed(*person_ids: UUID) -> None:
    """Say whose access a statement changes (`UPDATE … WHERE`, `insert_once`), before or after it, in the same deed."""
    _say([(person_id, None) for person_id in person_ids])


def devices_ended(ended: Iterable[tuple[UUID, UUID]]) -> None:
    """Say which devices a statement ended (person, device); their access tokens end with them."""
    _say(ended)


def reached() -> int:
    """The number of the office's last change; 0 before the first."""
    return session().scalar(select(AccessFeed.number)) or 0


def reached_in(office_id: QueryableAttribute[int]) -> ColumnElement[int]:
    """The same, to be read in one statement with what is true at that number."""
    number = select(func.max(AccessFeed.number)).where(AccessFeed.office_id == office_id).scalar_subquery()
    return func.coalesce(number, 0)


def changes_after(number: int, *, at_most: int) -> Sequence[AccessChange]:
    """The newest changes after that one, in their order."""
    return _newest(AccessChange.number > number, at_most)


def changes_within(age: timedelta, *, at_most: int) -> Sequence[AccessChange]:
    """The newest changes that are not older than that, in their order."""
    return _newest(AccessChange.id > first_id_at(now() - age), at_most)


def _newest(wanted: ColumnElement[bool], at_most: int) -> Sequence[AccessChange]:
    newest_first = select(AccessChange).where(wanted).order_by(AccessChange.number.desc()).limit(at_most)
    return session().scalars(newest_first).all()[::-1]


def _say(subjects: Iterable[Subject]) -> None:
    pending = _pending(session())
    pending.subjects |= dict.fromkeys((office_in_force(), subject) for subject in subjects)
    pending.is_said = True


def _pending(current: Session) -> _Pending:
    pending: _Pending = current.info.setdefault("access_pending", _Pending())
    return pending


@event.listens_for(Session, "before_flush")
def _note_rows(current: Session, *_: Any) -> None:
    for row in (*current.new, *current.dirty, *current.deleted):
        telling = TELLS.get(type(row))
        if telling is None or (row in current.new and not telling.also_when_new):
            continue
        if row in current.dirty and not _changed(row, telling.columns):
            continue
        office_id = row.office_id or office_in_force()
        _pending(current).subjects[office_id, telling.about(row)] = None


def _changed(row: Any, columns: frozenset[str]) -> bool:
    attributes = inspect(row).attrs
    return any(attributes[name].history.has_changes() for name in columns)


@event.listens_for(Session, "do_orm_execute")
def _note_statements(state: ORMExecuteState) -> None:
    if not (state.is_update or state.is_delete or state.is_insert) or state.bind_mapper is None:
        return
    telling = TELLS.get(state.bind_mapper.class_)
    if telling is None or (state.is_insert and not telling.also_when_new):
        return
    values = {getattr(column, "key", column) for column in getattr(state.statement, "_values", None) or ()}
    if not state.is_update or not values or values & telling.columns:
        _pending(state.session).in_bulk.add(office_in_force())


@event.listens_for(Session, "before_commit")
def _write(current: Session) -> None:
    current.flush()  # so that everything is known
    pending = _pending(current)
    if not pending.is_said:
        pending.subjects |= dict.fromkeys((office_id, EVERYBODY) for office_id in pending.in_bulk)
    for office_id in sorted({office_id for office_id, _ in pending.subjects}):
        _write_in(current, office_id, [subject for place, subject in pending.subjects if place == office_id])


def _write_in(current: Session, office_id: int, subjects: list[Subject]) -> None:
    one_row = inserting(AccessFeed).values(office_id=office_id, id=uuid7(), number=len(subjects))
    number = current.scalar(
        one_row.on_conflict_do_update(
            index_elements=["office_id"], set_={"number": AccessFeed.number + len(subjects)}
        ).returning(AccessFeed.number)
    )
    at = now()
    changes = [
        {
            "office_id": office_id,
            "id": uuid7(),
            "number": number - len(subjects) + place,
            "person_id": person_id,
            "device_id": device_id,
            "changed_at": at,
        }
        for place, (person_id, device_id) in enumerate(subjects, 1)
    ]
    current.execute(insert(AccessChange), changes)


def offices_told(current: Session) -> set[int]:
    """The offices whose feed this transaction has written to, while it commits."""
    return {office_id for office_id, _ in _pending(current).subjects}


@event.listens_for(Session, "after_transaction_end")
def _forget(current: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        current.info.pop("access_pending", None)
