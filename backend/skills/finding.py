"""Finding capable people (能人): suggested by whoever knows them, invited by a worker, listed once they accept.

A decline holds for 90 days. Whoever is listed may withdraw at any time, and a worker may end it with a reason.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import NotFound, Replan
from backend.foundation.search import searchable
from backend.people.models import Person
from backend.people.permissions import is_close
from backend.people.persons import person_now, selves_of
from backend.places.areas import community_of
from backend.skills.errors import CapableDecided, DeclinedLately, OwnSuggestion, SuggestedBefore
from backend.skills.listing import home_of_a_grown_resident, tell
from backend.skills.models import OPEN_STATES, CapablePerson

LEFT_ALONE = timedelta(days=90)  # after a decline

STATES_IN_CHINESE = {
    "suggested": "待社区核实",
    "invited": "已邀请",
    "accepted": "已接受",
    "declined": "已婉拒",
    "dismissed": "未采纳",
    "withdrawn": "已退出",
}


def suggest(person_id: UUID, *, by: Caller, title: str, reason: str) -> tuple[CapablePerson, bool]:
    """Suggest somebody for a skill; and whether it is new: the same finder asking again is answered the open one.

    Raises `NotFound`, `OwnSuggestion`, `NotToBeListed`, `DeclinedLately`, `SuggestedBefore`.
    """
    person = find(Person, person_now(person_id).id, locked=True)  # a decline of this moment is seen below
    if person.parted_at is not None:
        raise NotFound()
    if person.id == by.person_id:
        raise OwnSuggestion()
    home = home_of_a_grown_resident(person)
    at = now()
    _leave_alone(person, title, at=at)
    first = _open(person, title)
    if first is None:
        new = insert_once(
            CapablePerson,
            person_id=person.id,
            finder_id=by.person_id,
            area_id=community_of(home.area_id).id,
            title=title,
            reason=reason,
            search=searchable(title),
            state="suggested",
            shown_as="masked",
            suggested_at=at,
        )
        if new is None:
            raise Replan()
        trail.record("capable_people.suggest", new, beneficiary_id=person.id, after={"state": "suggested"})
        tell(person.id, "suggested", new.id)
        return new, True
    if first.finder_id not in selves_of(by.person_id):
        raise SuggestedBefore()
    return first, False


def invite(capable: CapablePerson, *, worker: Caller) -> CapablePerson:
    """Ask them whether they would like to be listed. Raises `OwnSuggestion`, `CapableDecided`."""
    _refuse_own(capable, worker)
    if _becomes(capable, "invited", before=("suggested",), worker_id=worker.person_id, decided_at=now()):
        _note(capable, "invite", before="suggested")
        tell(person_now(capable.person_id).id, "invited", capable.id)
    return capable


def dismiss(capable: CapablePerson, *, worker: Caller, reason: str | None = None) -> CapablePerson:
    """Not now: nobody is asked. Raises `OwnSuggestion`, `CapableDecided`."""
    _refuse_own(capable, worker)
    at = now()
    if _becomes(
        capable, "dismissed", before=("suggested",), worker_id=worker.person_id, decided_at=at, **_closed(worker, at)
    ):
        _why(capable, reason)
        _note(capable, "dismiss", before="suggested", reason=reason)
        tell(person_now(capable.person_id).id, "dismissed", capable.id)
    return capable


def accept(capable: CapablePerson, *, shown_as: str = "masked") -> CapablePerson:
    """They agree to be listed, under their name or a masked one; the caller is them. Raises `CapableDecided`."""
    if _becomes(capable, "accepted", before=("invited",), accepted_at=now(), shown_as=shown_as):
        _note(capable, "accept", before="invited")
        tell(person_now(capable.person_id).id, "accepted", capable.id)
        tell(person_now(capable.finder_id).id, "found", capable.id)
    return capable


def decline(capable: CapablePerson, *, by: Caller, reason: str | None = None) -> CapablePerson:
    """They would rather not: nobody suggests them for it for 90 days. Raises `CapableDecided`."""
    find(Person, person_now(capable.person_id).id, locked=True)  # whoever suggests them at this moment waits for it
    before = capable.state
    if _becomes(capable, "declined", before=("invited",), **_closed(by, now())):
        _why(capable, reason)
        _note(capable, "decline", before=before, reason=reason)
        tell(person_now(capable.person_id).id, "declined", capable.id)
    return capable


def withdraw(capable: CapablePerson, *, by: Caller, reason: str | None = None) -> CapablePerson:
    """End it, from now on: by themselves at any time, or by a worker with a reason. Raises `CapableDecided`."""
    before = capable.state
    if _becomes(capable, "withdrawn", before=OPEN_STATES, **_closed(by, now())):
        _why(capable, reason)
        _note(capable, "withdraw", before=before, reason=reason)
        tell(person_now(capable.person_id).id, "withdrawn", capable.id)
    return capable


def _refuse_own(capable: CapablePerson, worker: Caller) -> None:
    if is_close(worker, person_now(capable.person_id)):
        raise OwnSuggestion()


def _closed(by: Caller, at: datetime) -> dict[str, Any]:
    return {"closed_by_id": by.person_id, "closed_at": at}


def _becomes(capable: CapablePerson, state: str, *, before: tuple[str, ...], **facts: Any) -> bool:
    """Whether this call did it; the state it is in already is fine. Raises `CapableDecided`."""
    moved = session().scalar(
        update(CapablePerson)
        .where(CapablePerson.id == capable.id, CapablePerson.state.in_(before))
        .values(state=state, **facts)
        .returning(CapablePerson.id)
    )
    session().refresh(capable)
    if moved is None and capable.state != state:
        raise CapableDecided(state=STATES_IN_CHINESE[capable.state])
    return moved is not None


def _why(capable: CapablePerson, reason: str | None) -> None:
    if reason:
        capable.closing = reason
        session().flush()


def _note(capable: CapablePerson, verb: str, *, before: str, reason: str | None = None) -> None:
    trail.record(
        f"capable_people.{verb}",
        capable,
        beneficiary_id=person_now(capable.person_id).id,
        reason=reason,
        before={"state": before},
        after={"state": capable.state},
    )


def _open(person: Person, title: str) -> CapablePerson | None:
    return (
        session()
        .scalars(
            select(CapablePerson)
            .where(
                CapablePerson.person_id.in_(selves_of(person.id)),
                CapablePerson.title == title,
                CapablePerson.state.in_(OPEN_STATES),
            )
            .limit(1)
        )
        .first()
    )


def _leave_alone(person: Person, title: str, *, at: datetime) -> None:
    declined_at = session().scalar(
        select(func.max(CapablePerson.closed_at)).where(
            CapablePerson.person_id.in_(selves_of(person.id)),
            CapablePerson.title == title,
            CapablePerson.state == "declined",
        )
    )
    if declined_at is not None and declined_at + LEFT_ALONE > at:
        until = shanghai_day(declined_at + LEFT_ALONE)
        raise DeclinedLately(days=LEFT_ALONE.days, day=f"{until.year}年{until.month}月{until.day}日", until=until)
