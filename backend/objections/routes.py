"""Endpoints of objections: 我的积分不对."""

from typing import Any
from uuid import UUID

from backend.activities.errors import CheckInNotOpen, PresenceRecorded, SessionNeeded, WrongState
from backend.foundation.admission import allow, requires
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.pages import PageQuery, page, page_of
from backend.households.errors import GuardianConsentNeeded
from backend.objections import answering, objecting
from backend.objections.errors import (
    CorrectionUnavailable,
    NotToBeReopened,
    ObjectionAnswered,
    ObjectionClosed,
    OwnAct,
    OwnObjection,
)
from backend.objections.models import Objection
from backend.objections.queries import find_objection, may_answer, may_look, own, queue_asked_for, shown
from backend.objections.schemas import ObjectionDecisionForm, ObjectionForm, ObjectionQuery, ObjectionView
from backend.people.models import Person

objections = Blueprint("objections", __name__, description="异议")


@objections.post("/objections")
@requires(anybody_here)
@objections.arguments(ObjectionForm)
@objections.creates(ObjectionView)
@refuses(NotFound, ObjectionAnswered)
@transactional
def object_to(form: dict[str, Any]) -> Any:
    """Say that something of mine is wrong: an entry, a check-in, an activity that missed me, a redemption, or other.

    A worker answers by `due_at`. About one thing there is one objection: a repeat answers the open one.
    """
    me, subject = find(Person, caller().person_id), form["subject"]
    objection, is_new = objecting.object_to(
        me, subject_type=subject["type"], subject_id=subject.get("id"), text=form["text"]
    )
    return _one(objection) if is_new else (_one(objection), 200, REPLAYED)


@objections.get("/me/objections")
@requires(anybody_here)
@objections.arguments(PageQuery, location="query")
@objections.response(200, page_of(ObjectionView))
def list_mine(asked: dict[str, Any]) -> dict[str, Any]:
    """What I objected to and what I was answered, newest first."""
    found = page(own(caller().person_id), asked, by=(Objection.id,))
    return {**found, "items": shown(found["items"])}


@objections.get("/objections")
@requires(may_look)
@objections.arguments(ObjectionQuery, location="query")
@objections.response(200, page_of(ObjectionView))
def list_queue(asked: dict[str, Any]) -> dict[str, Any]:
    """What waits for an answer in the areas I work for, the most urgent first; `overdue=true` is what is late."""
    found = page(queue_asked_for(asked, by=caller()), asked, by=(Objection.due_at, Objection.id), newest_first=False)
    return {**found, "items": shown(found["items"])}


@objections.get("/objections/<uuid:objection_id>")
@requires(anybody_here)
@objections.response(200, ObjectionView)
@refuses(NotFound)
def show(objection_id: UUID) -> dict[str, Any]:
    """One objection, to whoever made it and to those who work there."""
    return _one(find_objection(objection_id, by=caller())[0])


@objections.put("/objections/<uuid:objection_id>")
@requires(anybody_here)
@objections.arguments(ObjectionDecisionForm)
@objections.response(200, ObjectionView)
@refuses(NotFound, Forbidden, OwnObjection, OwnAct, ObjectionClosed, NotToBeReopened, CorrectionUnavailable)
@refuses(SessionNeeded, WrongState, CheckInNotOpen, PresenceRecorded, GuardianConsentNeeded)
@transactional
def decide(form: dict[str, Any], objection_id: UUID) -> Any:
    """Answer it, and make good what is missing; or withdraw mine, or have an answer looked at again, once."""
    objection, is_mine = find_objection(objection_id, by=caller())
    decision, said = form["decision"], form.get("answer")
    if decision in ("withdrawn", "reopened"):
        allow(is_mine)
        if decision == "withdrawn":
            return _one(objecting.withdraw(objection))
        return _one(objecting.reopen(objection, text=said))
    if is_mine:
        raise OwnObjection()
    allow(may_answer(caller()))
    correction = answering.Correction(**form["correction"]) if "correction" in form else None
    answered, is_new = answering.answer(
        objection, decider=caller(), decision=decision, said=form["answer"], correction=correction
    )
    return _one(answered) if is_new else (_one(answered), 200, REPLAYED)


def _one(objection: Objection) -> dict[str, Any]:
    return shown([objection])[0]
