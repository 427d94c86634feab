"""Two accounts that may be one person: somebody says so, and a case waits.

The asker opens it by proving to have the other's number, or a worker does who knows the person. It is decided
(`merging`) by somebody else who works over the area of one of the two, never by those concerned.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Replan
from backend.people.errors import OwnCase
from backend.people.models import Person
from backend.people.permissions import is_close
from backend.people.verification_models import PersonMerge


def open_by_phone(asker: Person, holder_id: UUID, *, at: datetime) -> None:
    """The asker has the number of somebody else: a worker will look, once per pair."""
    _open(asker.id, holder_id, opener_id=asker.id, reason=None, at=at)


def open_by_worker(person: Person, other: Person, *, reason: str, opener: Caller) -> tuple[PersonMerge, bool]:
    """Say that two accounts are one person; the case, and whether it is new: a pair has one open case.

    Raises `OwnCase` for oneself and one's own household.
    """
    if is_close(opener, person) or is_close(opener, other):
        raise OwnCase()
    case = _open(person.id, other.id, opener_id=opener.person_id, reason=reason, at=now())
    if case is not None:
        after = {"person": person.id, "other": other.id}
        trail.record("merges.open", case, beneficiary_id=person.id, reason=reason, after=after)
        return case, True
    waiting = select(PersonMerge).where(PersonMerge.pair == _pair(person.id, other.id), PersonMerge.state == "waiting")
    first = session().scalar(waiting)
    if first is None:  # It was decided this very moment.
        raise Replan()
    return first, False


def _open(person_id: UUID, other_id: UUID, *, opener_id: UUID, reason: str | None, at: datetime) -> PersonMerge | None:
    return insert_once(
        PersonMerge,
        person_id=person_id,
        other_id=other_id,
        pair=_pair(person_id, other_id),
        opener_id=opener_id,
        reason=reason,
        opened_at=at,
    )


def _pair(one: UUID, other: UUID) -> bytes:
    return b"".join(sorted((one.bytes, other.bytes)))
