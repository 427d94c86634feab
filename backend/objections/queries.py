"""Objections on a screen: the worker's queue, and one's own."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from backend.activities.models import CheckIn
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.foundation.errors import NotFound
from backend.objections.models import Objection, ObjectionAnswer
from backend.objections.objecting import REOPENED_WITHIN
from backend.people.permissions import scopes_worked_over
from backend.people.persons import selves_of
from backend.people.queries import people_by_id
from backend.places.models import Area


def may_look(caller: Caller) -> bool:
    """Workers and officers, who answer, and auditors."""
    return caller.holds("worker", "officer", "auditor")


def may_answer(caller: Caller) -> bool:
    return caller.holds("worker", "officer")


def own(person_id: UUID) -> Select[Objection]:
    """Somebody's own, under whichever of their accounts."""
    return select(Objection).where(Objection.person_id.in_(selves_of(person_id)))


def laid_before(caller: Caller) -> Select[Objection]:
    """What the caller may read as somebody who works there: of their areas, and what belongs to no area."""
    query = select(Objection)
    paths = scopes_worked_over(caller)
    if "/" in paths or caller.holds("auditor"):
        return query
    mine = select(Area.id).where(or_(*(Area.path.startswith(path, autoescape=True) for path in paths)))
    return query.where(or_(Objection.area_id.is_(None), Objection.area_id.in_(mine)))


def queue_asked_for(asked: dict[str, Any], *, by: Caller) -> Select[Objection]:
    """What waits, or was answered; `overdue` is what should have been answered by now."""
    query = laid_before(by).where(Objection.state == asked["state"])
    if asked.get("area_id"):
        query = query.where(Objection.area_id == asked["area_id"])
    if asked.get("overdue") == "true":
        query = query.where(Objection.state == "open", Objection.due_at < now())
    elif asked.get("overdue") == "false":
        query = query.where(or_(Objection.state != "open", Objection.due_at >= now()))
    return query


def find_objection(objection_id: UUID, *, by: Caller) -> tuple[Objection, bool]:
    """An objection the caller may see, and whether it is their own; any other is as missing as none."""
    theirs = session().scalar(own(by.person_id).where(Objection.id == objection_id))
    if theirs is not None:
        return theirs, True
    found = session().scalar(laid_before(by).where(Objection.id == objection_id)) if may_look(by) else None
    if found is None:
        raise NotFound()
    return found, False


def shown(objections: Sequence[Objection]) -> list[dict[str, Any]]:
    """Objections with their answers and what these corrected; every name is masked."""
    answers = _answers({objection.id for objection in objections})
    given = [answer for those in answers.values() for answer in those]
    people = people_by_id(
        [*(objection.person_id for objection in objections), *(answer.decider_id for answer in given)]
    )
    wanted = select(CheckIn).where(CheckIn.id.in_({answer.check_in_id for answer in given if answer.check_in_id}))
    made_good = {presence.id: presence for presence in session().scalars(wanted)}
    at = now()
    return [
        {
            "id": objection.id,
            "person": {"id": objection.person_id, "name": people[objection.person_id].masked_name},
            "subject": {"type": objection.subject_type, "id": objection.subject_id},
            "area_id": objection.area_id,
            "text": objection.text,
            "state": objection.state,
            "filed_at": objection.filed_at,
            "due_at": objection.due_at,
            "is_overdue": objection.is_overdue(at=at),
            "reopened_at": objection.reopened_at,
            "reopened_text": objection.again,
            "reopens_until": objection.closed_at + REOPENED_WITHIN
            if objection.closed_at and objection.state in ("upheld", "rejected") and objection.reopened_at is None
            else None,
            "answers": [
                {
                    "decision": answer.decision,
                    "answer": answer.answer,
                    "by": people[answer.decider_id].masked_name,
                    "at": answer.decided_at,
                    "correction": {"kind": answer.correction, "check_in": made_good[answer.check_in_id]}
                    if answer.check_in_id
                    else None,
                }
                for answer in answers[objection.id]
            ],
        }
        for objection in objections
    ]


def _answers(objection_ids: set[UUID]) -> dict[UUID, list[ObjectionAnswer]]:
    found: dict[UUID, list[ObjectionAnswer]] = defaultdict(list)
    wanted = select(ObjectionAnswer).where(ObjectionAnswer.objection_id.in_(objection_ids))
    for answer in session().scalars(wanted.order_by(ObjectionAnswer.n)):
        found[answer.objection_id].append(answer)
    return found
