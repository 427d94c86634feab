"""Objecting to something of one's own, taking that back, and having an answer looked at once more."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation.clock import now
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Replan
from backend.ledger.drafts import Draft
from backend.objections.errors import NotToBeReopened, ObjectionAnswered, ObjectionClosed
from backend.objections.models import Objection
from backend.objections.subjects import subject_of
from backend.people.models import Person
from backend.people.persons import selves_of

ANSWERED_WITHIN = timedelta(days=7)
REOPENED_WITHIN = timedelta(days=7)

STATES_IN_CHINESE = {"open": "待答复", "upheld": "成立", "rejected": "不成立", "withdrawn": "已撤回"}


def object_to(person: Person, *, subject_type: str, subject_id: UUID | None, text: str) -> tuple[Objection, bool]:
    """Say that something is wrong; the objection, and whether it is new: about one thing there is one open at a time.

    Raises `NotFound` for what is not theirs, `ObjectionAnswered` for what was answered already.
    """
    subject = subject_of(person, subject_type, subject_id)
    first = _about(person, subject_type, subject_id)
    if first is None:
        at = now()
        new = insert_once(
            Objection,
            person_id=person.id,
            subject_type=subject_type,
            subject_id=subject_id,
            area_id=subject.area_id,
            text=text,
            state="open",
            filed_at=at,
            due_at=at + ANSWERED_WITHIN,
        )
        if new is None:  # Their other phone was faster: now there is one to be found.
            raise Replan()
        return new, True
    if first.state != "open":
        raise ObjectionAnswered()
    return first, False


def let_go(person: Person, _actor: str, at: datetime) -> list[Draft]:
    """Somebody is gone: what waits for an answer waits no longer. Nothing is to be posted."""
    theirs = (Objection.person_id.in_(selves_of(person.id)), Objection.state == "open")
    session().execute(update(Objection).where(*theirs).values(state="withdrawn", closed_at=at))
    return []


def withdraw(objection: Objection) -> Objection:
    """Take it back before it is answered; the same again is fine. Raises `ObjectionClosed` for an answered one."""
    withdrawn = session().scalar(
        update(Objection)
        .where(Objection.id == objection.id, Objection.state == "open")
        .values(state="withdrawn", closed_at=now())
        .returning(Objection.id)
    )
    session().refresh(objection)
    if withdrawn is None and objection.state != "withdrawn":
        raise ObjectionClosed(state=STATES_IN_CHINESE[objection.state])
    return objection


def reopen(objection: Objection, *, text: str | None = None) -> Objection:
    """Have an answer looked at again, once and within 7 days of it. A repeat while it is open is fine.

    Raises `NotToBeReopened`.
    """
    at = now()
    if objection.state == "open" and objection.reopened_at is not None:
        return objection
    reopened = session().scalar(
        update(Objection)
        .where(
            Objection.id == objection.id,
            Objection.state.in_(("upheld", "rejected")),
            Objection.reopened_at.is_(None),
            Objection.closed_at >= at - REOPENED_WITHIN,
        )
        .values(state="open", closed_at=None, reopened_at=at, due_at=at + ANSWERED_WITHIN)
        .returning(Objection.id)
    )
    session().refresh(objection)
    if reopened is None:
        raise NotToBeReopened()
    if text:
        objection.again = text
        session().flush()
    return objection


def _about(person: Person, subject_type: str, subject_id: UUID | None) -> Objection | None:
    """What they objected to that thing before and did not take back; everything else may be asked about anew."""
    if subject_id is None:
        return None
    return session().scalar(
        select(Objection)
        .where(
            Objection.person_id.in_(selves_of(person.id)),
            Objection.subject_type == subject_type,
            Objection.subject_id == subject_id,
            Objection.state != "withdrawn",
        )
        .order_by(Objection.id.desc())
        .limit(1)
    )
