"""Endpoints of activities: what everybody sees, and what those who prepare them do."""

from operator import itemgetter
from typing import Any
from uuid import UUID

from flask import Response, current_app

from backend.activities import copying, drafting, publishing, series
from backend.activities.door_codes import door_code
from backend.activities.errors import (
    ActivityOver,
    BudgetOnlyRises,
    CapacityTooLow,
    CheckInClosed,
    FixedByNow,
    FundOfOtherArea,
    HasCheckIns,
    NeedsWorker,
    NotStarted,
    ScanRequired,
    SessionNeeded,
    TimesFixedByNow,
    TopUpNeedsWorker,
    WrongState,
)
from backend.activities.models import Activity
from backend.activities.posters import PAGE, scene_of
from backend.activities.queries import (
    asked_for,
    is_seen_by,
    may_check_in_others,
    may_prepare,
    shown,
    the_session,
)
from backend.activities.schemas import (
    ActivityEditForm,
    ActivityForm,
    ActivityQuery,
    ActivityView,
    CancelForm,
    CodeQuery,
    CodeView,
    CopyForm,
    SeriesForm,
    SeriesView,
    SettleForm,
)
from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import done_reading, find, transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.pages import page, page_of
from backend.groups.errors import GroupClosed
from backend.groups.models import Group
from backend.ledger.errors import BudgetExhausted
from backend.people.permissions import leads, works_over
from backend.places.errors import AreaClosed
from backend.places.models import Area
from backend.safety.judged import judged
from backend.wechat.errors import WeChatUnavailable

activities = Blueprint("activities", __name__, description="活动与报名")


@activities.get("/activities")
@requires(anybody_here)
@activities.arguments(ActivityQuery, location="query")
@activities.response(200, page_of(ActivityView))
@refuses(NotFound)
def list_activities(asked: dict[str, Any]) -> dict[str, Any]:
    """Activities, newest first; `awaiting=worker` is the queue of drafts that a worker has to publish."""
    found = page(asked_for(asked, by=caller()), asked, by=(Activity.starts_at, Activity.id))
    return {**found, "items": shown(found["items"], to=caller())}


@activities.post("/activities")
@requires(anybody_here)
@activities.arguments(ActivityForm)
@activities.response(201, ActivityView)
@refuses(NotFound, Forbidden, AreaClosed, GroupClosed, FundOfOtherArea)
@judged("title", "description", "place", "responsible_person", about=Activity)
def draft(form: dict[str, Any]) -> dict[str, Any]:
    """Write an activity as a draft; nobody else sees it and no point moves before it is published."""
    if form.get("group_id"):
        group = find(Group, form["group_id"])
        allow(leads(caller(), group.id) or works_over(caller(), find(Area, group.area_id).path))
    else:
        allow(works_over(caller(), find(Area, form["area_id"]).path))
    return _one(drafting.draft(form, creator_id=caller().person_id))


@activities.get("/activities/<uuid:activity_id>")
@requires(anybody_here)
@activities.response(200, ActivityView)
@refuses(NotFound)
def show(activity_id: UUID) -> dict[str, Any]:
    """One activity, with my place and what I can do."""
    return _one(_seen(activity_id))


@activities.put("/activities/<uuid:activity_id>")
@requires(anybody_here)
@activities.arguments(ActivityEditForm)
@activities.response(200, ActivityView)
@refuses(NotFound, Forbidden, WrongState, FixedByNow, CapacityTooLow, BudgetOnlyRises, BudgetExhausted)
@refuses(TopUpNeedsWorker, FundOfOtherArea, TimesFixedByNow, ActivityOver)
@judged("title", "description", "place", "responsible_person", about=Activity, edits=itemgetter("activity_id"))
def edit(form: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Edit it. Once published only words, room, a higher budget (the top-up that pays those who wait), and until
    somebody came its times; who signed up is told of another time or place."""
    return _one(drafting.edit(_prepared(activity_id), form, editor=caller()))


@activities.post("/activities/<uuid:activity_id>/publish")
@requires(anybody_here)
@activities.response(200, ActivityView)
@refuses(NotFound, Forbidden, WrongState, ActivityOver, GroupClosed, BudgetExhausted, NeedsWorker)
@transactional
def publish(activity_id: UUID) -> dict[str, Any]:
    """Set the points aside, open the sign-ups, and tell those it is for."""
    return _one(publishing.publish(_prepared(activity_id), publisher=caller()))


@activities.post("/activities/<uuid:activity_id>/copy")
@requires(anybody_here)
@activities.arguments(CopyForm)
@activities.response(201, ActivityView)
@refuses(NotFound, Forbidden, AreaClosed, GroupClosed, FundOfOtherArea)
@transactional
def copy(form: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Make a draft like it, weeks later at the same hour or from `starts_at`; publishing it is one tap more."""
    activity = find(Activity, activity_id)
    may = may_prepare(activity, by=caller())
    visible(may or activity.is_announced)
    allow(may)
    return _one(copying.copy(activity, creator_id=caller().person_id, **form))


@activities.post("/activities/<uuid:activity_id>/series")
@requires(anybody_here)
@activities.arguments(SeriesForm)
@activities.response(201, SeriesView)
@refuses(NotFound, Forbidden, AreaClosed, GroupClosed, FundOfOtherArea)
@transactional
def repeat(form: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """The same every week (or every few) as drafts of one series, some days left out; each is changed by itself."""
    activity = _prepared(activity_id)
    made = series.repeat(activity, creator_id=caller().person_id, **form)
    return {"series_id": activity.series_id, "items": shown(made, to=caller())}


@activities.post("/activities/<uuid:activity_id>/cancel")
@requires(anybody_here)
@activities.arguments(CancelForm)
@activities.response(200, ActivityView)
@refuses(NotFound, Forbidden, WrongState, HasCheckIns)
@judged(about=Activity, edits=itemgetter("activity_id"), reason="cancel_reason")
def cancel(form: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Call it off before anybody came; the points go back to the fund, and who signed up is told."""
    return _one(publishing.cancel(_prepared(activity_id), by=caller(), why=form.get("reason")))


@activities.post("/activities/<uuid:activity_id>/settle")
@requires(anybody_here)
@activities.arguments(SettleForm)
@activities.response(200, ActivityView)
@refuses(NotFound, Forbidden, WrongState, NotStarted)
@judged("report", about=Activity, edits=itemgetter("activity_id"))
def settle(form: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Close it with a short report (活动小结); what was not earned goes back to the fund."""
    return _one(publishing.settle(_prepared(activity_id), by=caller(), **form))


@activities.get("/activities/<uuid:activity_id>/code")
@requires(anybody_here)
@activities.arguments(CodeQuery, location="query")
@activities.response(200, CodeView)
@refuses(NotFound, Forbidden, SessionNeeded, ScanRequired, CheckInClosed)
def show_code(asked: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """The code for the screen at the door; new every 30 seconds."""
    activity = _seen(activity_id)
    allow(may_check_in_others(activity, by=caller()))
    if activity.state != "published":
        raise CheckInClosed()
    if activity.check_in == "scan":
        raise ScanRequired()
    code = door_code(the_session(activity, asked.get("session")))
    return {**vars(code), "url": f"{current_app.extensions['config'].public_url}/q/{code.code}"}


@activities.get("/activities/<uuid:activity_id>/poster")
@requires(anybody_here)
@activities.response(200, {"type": "string", "format": "binary"}, content_type="image/*")
@refuses(NotFound, Forbidden, WeChatUnavailable)
def show_poster(activity_id: UUID) -> Response:
    """The 小程序码 for a poster, a PNG (or JPEG, as WeChat draws it): it opens the activity in the mini-program.

    Its scene is `o=<office>&a=<22 characters>`: POST it to /auth/wechat to log in to that office; `a` is the base64url
    of the 16 bytes of the activity's id, without padding.
    """
    activity = _seen(activity_id)
    allow(may_check_in_others(activity, by=caller()))
    done_reading()
    scene = scene_of(activity_id, office_id=caller().office_id)
    code = current_app.extensions["wechat"].mini_code(scene, page=PAGE)
    kind = "image/png" if code.startswith(b"\x89PNG") else "image/jpeg"
    return Response(code, content_type=kind, headers={"Cache-Control": "private, max-age=86400"})


def _prepared(activity_id: UUID) -> Activity:
    """The activity, locked, for somebody who may prepare it; a draft does not exist for others."""
    activity = find(Activity, activity_id, locked=True)
    may = may_prepare(activity, by=caller())
    visible(may or activity.is_announced)
    allow(may)
    return activity


def _seen(activity_id: UUID) -> Activity:
    activity = find(Activity, activity_id)
    visible(is_seen_by(activity, caller()))
    return activity


def _one(activity: Activity) -> dict[str, Any]:
    return shown([activity], to=caller())[0]
