"""Endpoints of the door: checking in and out, who was there, and who waits for review."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import select

from backend.activities import check_ins, reviews, undoing
from backend.activities.awarding import wallets_for
from backend.activities.check_ins import Seen
from backend.activities.door_codes import session_of
from backend.activities.errors import (
    ActivityFull,
    CheckInClosed,
    CheckInNotOpen,
    CheckInUndone,
    CodeOfOtherActivity,
    DoorCodeExpired,
    DoorCodeInvalid,
    NotCheckedIn,
    ReviewDecided,
    ScanRequired,
    SecondHouseholdNeeded,
    SessionNeeded,
    UndoNeedsWorker,
)
from backend.activities.live import etag_of, live
from backend.activities.models import Activity, CheckIn, Session
from backend.activities.queries import may_check_in_others, may_prepare, run_by, the_session
from backend.activities.schemas import (
    CheckedInView,
    CheckInForm,
    CodeQuery,
    ConfirmAllForm,
    ConfirmedView,
    LiveView,
    PresenceView,
    ReviewForm,
    ShortenForm,
    UndoForm,
)
from backend.foundation.acting import acting_with
from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound, Unprocessable
from backend.foundation.guesses import guessable
from backend.foundation.pages import PageQuery, page, page_of
from backend.ledger.errors import AwardExpired
from backend.ledger.reading import wallet_of
from backend.people.cards import person_of_card
from backend.people.errors import CardBlocked, CardUnknown, CodeOfOtherOffice
from backend.people.models import Person
from backend.people.persons import person_now, person_of_code
from backend.places.offices import the_book

BELIEVED_FOR = timedelta(minutes=10)  # how long a scan may take to reach us and still be judged by its own instant
BELIEVED_AHEAD = timedelta(minutes=2)  # a phone's clock further ahead than this is looked at by somebody

door = Blueprint("door", __name__, description="签到与签退")


@door.post("/check-ins")
@requires(anybody_here)
@door.arguments(CheckInForm)
@door.creates(CheckedInView)
@refuses(NotFound, Forbidden, DoorCodeInvalid, DoorCodeExpired, CodeOfOtherActivity, CodeOfOtherOffice, SessionNeeded)
@refuses(CheckInNotOpen, CheckInClosed, ActivityFull, ScanRequired, NotCheckedIn, CardUnknown, CardBlocked)
@refuses(CheckInUndone)
@guessable("code", "person_code", "card")
@transactional
def check_in(form: dict[str, Any]) -> Any:
    """Check in (or out) with the code on the screen, or check somebody else in at the door. Once by nature."""
    at = now()
    scanned_at = form.get("scanned_at", at)
    sitting, seen = _at_the_door(form, scanned_at if at - BELIEVED_FOR <= scanned_at <= at else at)
    if scanned_at > at + BELIEVED_AHEAD:
        seen = replace(seen, is_in_doubt=True)
    shows_a_card = seen.confidence == "card" and seen.person.id != caller().person_id
    with acting_with(seen.person.id, "card") if shows_a_card else nullcontext():
        if form["direction"] == "in":
            presence, is_new = check_ins.arrive(sitting, seen, recorder=caller())
        else:
            presence, is_new = check_ins.leave(sitting, seen, recorder=caller())
    answer = _answer(sitting, seen, presence)
    return (answer, 201) if is_new else (answer, 200, REPLAYED)


@door.get("/activities/<uuid:activity_id>/check-ins")
@requires(anybody_here)
@door.arguments(PageQuery, location="query")
@door.response(200, page_of(PresenceView))
@refuses(NotFound, Forbidden)
def list_check_ins(asked: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Who was there, latest first, for those at the door."""
    activity = find(Activity, activity_id)
    runs_the_door = may_check_in_others(activity, by=caller())
    visible(activity.is_announced or may_prepare(activity, by=caller()))
    allow(runs_the_door)
    query = _with_person().where(CheckIn.activity_id == activity.id)
    return page(query, asked, by=(CheckIn.checked_in_at, CheckIn.id), shown=_presence)


@door.get("/activities/<uuid:activity_id>/live")
@requires(anybody_here)
@door.arguments(CodeQuery, location="query")
@door.response(200, LiveView)
@door.alt_response(304, description="The screen is as it was.")
@refuses(NotFound, Forbidden)
def show_live(asked: dict[str, Any], activity_id: UUID) -> Any:
    """Counts and the last arrivals for the leader's screen; ask again with `If-None-Match`: 304 is nothing new."""
    activity = find(Activity, activity_id)
    visible(activity.is_announced or may_prepare(activity, by=caller()))
    allow(may_check_in_others(activity, by=caller()))
    sitting = the_session(activity, asked["session"]) if "session" in asked else None
    shown = live(activity, sitting=sitting)
    tag = etag_of(shown)
    if request.if_none_match.contains(tag):
        return Response(status=304, headers={"ETag": f'"{tag}"'})
    return shown, 200, {"ETag": f'"{tag}"'}


@door.get("/reviews")
@requires(anybody_here)
@door.arguments(PageQuery, location="query")
@door.response(200, page_of(PresenceView))
def list_reviews(asked: dict[str, Any]) -> dict[str, Any]:
    """Check-ins that wait for somebody of another household, of the activities whose door I may stand at."""
    of_it = (Activity.office_id == CheckIn.office_id) & (Activity.id == CheckIn.activity_id)
    my_doors = run_by(caller(), "leader", "deputy", "helper")
    query = _with_person().join(Activity, of_it).where(CheckIn.state == "review", my_doors)
    return page(query, asked, by=(CheckIn.id,), newest_first=False, shown=_presence)


@door.put("/reviews/<uuid:check_in_id>")
@requires(anybody_here)
@door.arguments(ReviewForm)
@door.response(200, PresenceView)
@refuses(NotFound, Forbidden, SecondHouseholdNeeded, ReviewDecided)
@transactional
def decide_review(form: dict[str, Any], check_in_id: UUID) -> dict[str, Any]:
    """Confirm or decline a check-in that waits; confirmed, it is paid like any other."""
    presence = find(CheckIn, check_in_id)
    runs_the_door = may_check_in_others(find(Activity, presence.activity_id), by=caller())
    visible(runs_the_door or presence.person_id == caller().person_id)
    allow(runs_the_door)
    decided = reviews.decide(
        presence, reviewer=caller(), confirmed=form["decision"] == "confirmed", reason=form.get("reason")
    )
    return _presence((decided, find(Person, decided.person_id)))


@door.post("/activities/<uuid:activity_id>/reviews/confirm")
@requires(anybody_here)
@door.arguments(ConfirmAllForm)
@door.response(200, ConfirmedView)
@refuses(NotFound, Forbidden)
@transactional
def confirm_all(form: dict[str, Any], activity_id: UUID) -> dict[str, int]:
    """Confirm at once everybody whom nobody saw leave; shorten single ones before, or decline them."""
    activity = find(Activity, activity_id)
    visible(activity.is_announced or may_prepare(activity, by=caller()))
    allow(may_prepare(activity, by=caller()))
    confirmed, left = reviews.confirm_all_unseen(activity, reviewer=caller(), reason=form.get("reason"))
    return {"confirmed": confirmed, "left": left}


@door.post("/check-ins/<uuid:check_in_id>/undo")
@requires(anybody_here)
@door.arguments(UndoForm)
@door.response(200, PresenceView)
@refuses(NotFound, Forbidden, SecondHouseholdNeeded, UndoNeedsWorker, AwardExpired)
@transactional
def undo_check_in(form: dict[str, Any], check_in_id: UUID) -> Any:
    """Take a check-in back, with what it earned; the record stays. Once by nature."""
    presence, is_new = undoing.undo(_at_my_door(check_in_id), by=caller(), reason=form["reason"])
    answer = _presence((presence, find(Person, presence.person_id)))
    return answer if is_new else (answer, 200, REPLAYED)


@door.post("/check-ins/<uuid:check_in_id>/shorten")
@requires(anybody_here)
@door.arguments(ShortenForm)
@door.response(200, PresenceView)
@refuses(NotFound, Forbidden, SecondHouseholdNeeded, UndoNeedsWorker, AwardExpired, Unprocessable)
@transactional
def shorten_check_in(form: dict[str, Any], check_in_id: UUID) -> dict[str, Any]:
    """Let somebody have stayed for fewer minutes: minutes and points are taken back and counted anew."""
    presence = undoing.shorten(_at_my_door(check_in_id), by=caller(), **form)
    return _presence((presence, find(Person, presence.person_id)))


def _at_my_door(check_in_id: UUID) -> CheckIn:
    """A check-in of an activity that I prepare: who only helps at its door does not take back."""
    presence = find(CheckIn, check_in_id)
    activity = find(Activity, presence.activity_id)
    is_mine = presence.person_id == caller().person_id
    visible(is_mine or may_check_in_others(activity, by=caller()))
    allow(may_prepare(activity, by=caller()))
    return presence


def _at_the_door(form: dict[str, Any], scanned_at: datetime) -> tuple[Session, Seen]:
    if "code" in form:
        sitting = session_of(form["code"], activity_id=form.get("activity_id"))
        # Who can show the code could check in from home: somebody else looks at it.
        shows_the_code = may_check_in_others(find(Activity, sitting.activity_id), by=caller())
        return sitting, Seen(find(Person, caller().person_id), "self", is_in_doubt=shows_the_code)
    activity = find(Activity, form["activity_id"])
    runs_the_door = may_check_in_others(activity, by=caller())
    visible(activity.is_announced or may_prepare(activity, by=caller()))
    sitting = the_session(activity, form.get("session_id"))
    if "person_code" in form:
        seen = Seen(person_of_code(form["person_code"], scanned_at=scanned_at), "scan", form.get("reason"))
    elif "card" in form:
        seen = Seen(person_of_card(form["card"]), "card", form.get("reason"))
    else:
        seen = Seen(person_now(form["person_id"]), "listed", form["reason"])
    allow(runs_the_door)
    return sitting, seen


def _answer(sitting: Session, seen: Seen, presence: CheckIn) -> dict[str, Any]:
    wallet = wallet_of(the_book(), wallets_for([seen.person])[seen.person.id], today=shanghai_day(now()))
    answer = {
        "check_in": presence,
        "points": presence.points,
        "minutes": presence.minutes,
        "balance": wallet.available,
    }
    waits = check_ins.expected(find(Activity, presence.activity_id), sitting, presence)
    if waits is not None and presence.checked_out_at is None:
        answer["expected"] = waits
    if presence.unpaid is not None:
        answer["unpaid"] = presence.unpaid
    return answer


def _with_person() -> Any:
    return select(CheckIn, Person).join(
        Person, (Person.office_id == CheckIn.office_id) & (Person.id == CheckIn.person_id)
    )


def _presence(row: Any) -> dict[str, Any]:
    presence, person = row
    columns: dict[str, Any] = presence.as_read()
    return columns | {"name": person.masked_name, "left_unseen": presence.left_unseen}
