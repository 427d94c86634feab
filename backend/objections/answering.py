"""Answering an objection, and making good what is missing: by somebody who works there and had no hand in it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from backend.activities.check_ins import presence_of
from backend.activities.making_good import make_good
from backend.activities.models import Activity, CheckIn
from backend.activities.undoing import shorten, undo
from backend.foundation import outbox, trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import add, find, session
from backend.foundation.errors import Forbidden
from backend.foundation.ids import uuid7
from backend.foundation.tenancy import office_in_force
from backend.messages.texts import OBJECTION
from backend.objections.errors import CorrectionUnavailable, ObjectionClosed, OwnAct, OwnObjection
from backend.objections.models import Objection, ObjectionAnswer
from backend.objections.objecting import STATES_IN_CHINESE
from backend.objections.subjects import session_to_correct, subject_of
from backend.people.models import Person
from backend.people.permissions import is_close, works_over
from backend.people.persons import person_now
from backend.people.queries import people_now
from backend.places.models import Area

UPHELD = "异议核实后更正"


@dataclass(frozen=True)
class Correction:
    """What is to be made good."""

    kind: str
    session_id: UUID | None = None
    minutes: int | None = None


def answer(
    objection: Objection, *, decider: Caller, decision: str, said: str, correction: Correction | None = None
) -> tuple[Objection, bool]:
    """Uphold or reject an objection, and whether that is new: the same decision of the same worker again is fine.

    Raises `OwnObjection`, `OwnAct` for whoever had a hand in it, `ObjectionClosed` when it was answered otherwise or
    withdrawn, `CorrectionUnavailable`, or what `make_good`, `undo` and
    `shorten` raise; then nothing is answered.
    """
    objection = find(Objection, objection.id, locked=True)  # whoever answers at the same moment waits, and sees this
    person = person_now(objection.person_id)
    if is_close(decider, person):
        raise OwnObjection()
    if objection.state != "open":
        if objection.state != decision or _last_decider(objection) != decider.person_id:
            raise ObjectionClosed(state=STATES_IN_CHINESE[objection.state])
        return objection, False
    _refuse_who_did_it(objection, person, decider)
    at = now()
    objection.state, objection.closed_at = decision, at
    session().flush()
    presence = _corrected(objection, person, correction, decider) if correction else None
    row = ObjectionAnswer(
        office_id=office_in_force(),
        id=uuid7(),
        objection_id=objection.id,
        n=_answers(objection) + 1,
        decision=decision,
        decider_id=decider.person_id,
        decided_at=at,
        correction=correction.kind if correction else None,
        check_in_id=presence.id if presence else None,
    )
    row.answer = said
    add(row)
    outbox.put(
        f"objection:{objection.id}:{row.n}",
        topic=OBJECTION,
        person_id=person.id,
        facts={"objection": objection.id, "decision": decision},
    )
    trail.record(
        "objections.uphold" if decision == "upheld" else "objections.reject",
        objection,
        beneficiary_id=person.id,
        before={"state": "open"},
        after={"state": decision, "check_in": row.check_in_id},
    )
    return objection, True


def _refuse_who_did_it(objection: Objection, person: Person, decider: Caller) -> None:
    hands = subject_of(person, objection.subject_type, objection.subject_id).done_by
    if decider.person_id in hands or any(is_close(decider, each) for each in people_now(hands).values()):
        raise OwnAct()


def _corrected(objection: Objection, person: Person, correction: Correction, decider: Caller) -> CheckIn:
    """Make good a presence that is missing, or take back what was too much of one."""
    sitting = session_to_correct(objection, person, correction.session_id)
    if sitting is None:
        raise CorrectionUnavailable()
    if not works_over(decider, find(Area, find(Activity, sitting.activity_id).area_id).path):
        raise Forbidden()
    if correction.kind == "award_missing":
        return make_good(sitting, person, minutes=correction.minutes, recorder=decider)
    presence = presence_of(sitting.id, person.id)
    if presence is None or presence.state == "undone":
        raise CorrectionUnavailable()
    if correction.minutes is not None:
        return shorten(presence, minutes=correction.minutes, by=decider, reason=UPHELD)
    return undo(presence, by=decider, reason=UPHELD)[0]


def _answers(objection: Objection) -> int:
    given = select(func.count()).select_from(ObjectionAnswer).where(ObjectionAnswer.objection_id == objection.id)
    return session().scalars(given).one()


def _last_decider(objection: Objection) -> UUID | None:
    last = select(ObjectionAnswer.decider_id).where(ObjectionAnswer.objection_id == objection.id)
    return session().scalar(last.order_by(ObjectionAnswer.n.desc()).limit(1))
