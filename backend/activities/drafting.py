"""Writing an activity and editing it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from backend.activities.errors import (
    ActivityOver,
    CapacityTooLow,
    FixedByNow,
    FundOfOtherArea,
    TimesFixedByNow,
    WrongState,
)
from backend.activities.hosts import hosts_of, write_hosts
from backend.activities.models import STATES_IN_CHINESE, Activity, CheckIn, Session
from backend.activities.of_groups import refuse_of_a_closed_group
from backend.activities.pictures import attachable
from backend.activities.points_rules import default_budget
from backend.activities.publishing import raise_budget
from backend.activities.telling import tell_the_list
from backend.activities.waiting import move_up
from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, said_in_shanghai
from backend.foundation.db import add, find, session
from backend.foundation.errors import Unprocessable
from backend.foundation.ids import uuid7
from backend.foundation.search import searchable
from backend.funds.models import Fund
from backend.groups.models import Group
from backend.places.areas import open_ground, standing
from backend.places.models import Area

# What may still change once people have read it; the budget only rises, times only until somebody came.
_LASTS = {"title", "description", "place", "responsible_person", "capacity", "budget_points", "sessions", "cover_id"}

_PLAIN = (
    "kind",
    "title",
    "description",
    "place",
    "responsible_person",
    "capacity",
    "points_per_hour",
    "points_fixed",
    "points_max",
    "check_in",
    "fund_id",
    "budget_points",
    "cover_id",
    "for_area_id",
)


def draft(form: dict[str, Any], *, creator_id: UUID) -> Activity:
    """Write down an activity; nobody sees it but those who prepare it, and no point moves.

    Raises `NotFound` for a group, area or fund that is not of this office, `AreaClosed`, `GroupClosed`,
    `FundOfOtherArea`, and `Unprocessable` when points have no fund or an hourly activity no maximum.
    """
    area_id = (
        standing(find(Group, form["group_id"]).area_id) if form.get("group_id") else open_ground(form["area_id"])
    ).id
    refuse_of_a_closed_group(form.get("group_id"))
    _look_up(form, by=creator_id)
    starts_at, ends_at = _span(form["sessions"])
    activity = Activity(
        group_id=form.get("group_id"),
        area_id=area_id,
        creator_id=creator_id,
        starts_at=starts_at,
        ends_at=ends_at,
        search=searchable(form["title"], form["place"]),
        **_completed({name: form.get(name) for name in _PLAIN}, sessions=len(form["sessions"]), area_id=area_id),
    )
    add(activity)
    _write_sessions(activity, form["sessions"])
    if form.get("hosts"):
        write_hosts(activity, form["hosts"])
    trail.record("activities.draft", activity, after={"group": activity.group_id, "area": area_id})
    return activity


def edit(activity: Activity, form: dict[str, Any], *, editor: Caller) -> Activity:
    """Change what is given. A draft may change in everything; once published only words, room, a higher budget, and
    until somebody came the times of its sessions. Who signed up is told of another time or place.

    Raises `WrongState`, `FixedByNow`, `TimesFixedByNow`, `ActivityOver` for times that are past, `CapacityTooLow`,
    `FundOfOtherArea`, `BudgetOnlyRises`, `TopUpNeedsWorker`, `BudgetExhausted`, or `Unprocessable` for points without a
    fund.
    """
    if activity.state in ("settled", "cancelled"):
        raise WrongState(state=STATES_IN_CHINESE[activity.state])
    lasting = _LASTS if activity.state == "published" else _LASTS | form.keys() - {"group_id", "area_id"}
    fixed = sorted(name for name in form if name not in lasting and not _is_unchanged(activity, name, form[name]))
    if fixed:
        raise FixedByNow(fields="、".join(fixed))
    if form.get("capacity", activity.capacity) < activity.places_taken:
        raise CapacityTooLow(taken=activity.places_taken)
    _look_up(form, by=editor.person_id)
    wanted_budget = form.get("budget_points", activity.budget_points)
    if activity.state == "draft":
        _rewrite(activity, form)
    else:
        _edit_published(activity, form)
    activity.search = searchable(activity.title, activity.place)
    session().flush()
    if activity.state == "published":
        move_up(activity)
    if activity.state == "published" and wanted_budget != activity.budget_points:
        raise_budget(activity, to=wanted_budget, editor=editor)
    trail.record("activities.edit", activity, after=dict.fromkeys(sorted(form), "given"))
    return activity


def _look_up(form: dict[str, Any], *, by: UUID) -> None:
    """The picture and the area that are named are there. Raises `NotFound`."""
    if form.get("cover_id") is not None:
        attachable(form["cover_id"], purpose="activity", by=by)
    if form.get("for_area_id") is not None:
        find(Area, form["for_area_id"])


def sessions_of(activity_id: UUID) -> list[Session]:
    """The sessions of an activity in the order of their beginning."""
    wanted = select(Session).where(Session.activity_id == activity_id).order_by(Session.starts_at, Session.id)
    return list(session().scalars(wanted))


def _is_unchanged(activity: Activity, name: str, value: Any) -> bool:
    """Does the form only repeat what is so anyway?"""
    if name == "sessions":
        spans = [(span["starts_at"], span["ends_at"]) for span in value]
        return sorted(spans) == [(sitting.starts_at, sitting.ends_at) for sitting in sessions_of(activity.id)]
    if name == "hosts":
        named = sorted((host["group_id"], host["share_percent"]) for host in value)
        return named == sorted((host.group_id, host.share_percent) for host in hosts_of(activity.id))
    if name == "area_id" and activity.group_id is not None and value is None:
        return True
    return bool(getattr(activity, name) == value)


def _edit_published(activity: Activity, form: dict[str, Any]) -> None:
    told = {}
    if "sessions" in form and not _is_unchanged(activity, "sessions", form["sessions"]):
        _move(activity, form["sessions"])
        told["when"] = said_in_shanghai(activity.starts_at)
    if form.get("place", activity.place) != activity.place:
        told["where"] = form["place"]
    for name in _LASTS - {"budget_points", "sessions"}:
        setattr(activity, name, form.get(name, getattr(activity, name)))
    if told:
        tell_the_list(activity, {"what": "changed", **told}, key=f"changed:{uuid7().hex}")


def _move(activity: Activity, spans: list[dict[str, datetime]]) -> None:
    """Other times for the same sessions, in their order: their codes and lists stay what they are."""
    sittings = sessions_of(activity.id)
    came = select(CheckIn.id).where(CheckIn.activity_id == activity.id).limit(1)
    if len(spans) != len(sittings) or session().scalar(came) is not None:
        raise TimesFixedByNow()
    for sitting, span in zip(sittings, sorted(spans, key=lambda span: span["starts_at"]), strict=True):
        sitting.starts_at, sitting.ends_at = span["starts_at"], span["ends_at"]
    activity.starts_at, activity.ends_at = _span(spans)
    if activity.has_ended(at=now()):
        raise ActivityOver()


def _rewrite(activity: Activity, form: dict[str, Any]) -> None:
    now_said = {name: form.get(name, getattr(activity, name)) for name in _PLAIN}
    if {"points_fixed", "points_per_hour"} & form.keys():  # naming one of them takes the other away
        now_said |= {name: form.get(name) for name in ("points_fixed", "points_per_hour")}
    priced = {"points_fixed", "points_per_hour", "points_max", "capacity", "sessions"} & form.keys()
    if priced and "budget_points" not in form:
        now_said["budget_points"] = None
    if {"points_fixed", "points_per_hour"} & form.keys() and "points_max" not in form:
        now_said["points_max"] = None
    if "hosts" in form:
        write_hosts(activity, form["hosts"])
    if "sessions" in form:
        session().execute(delete(Session).where(Session.activity_id == activity.id))
        _write_sessions(activity, form["sessions"])
        activity.starts_at, activity.ends_at = _span(form["sessions"])
    for name, value in _completed(now_said, sessions=len(sessions_of(activity.id)), area_id=activity.area_id).items():
        setattr(activity, name, value)
    activity.needs_worker_at = None  # what a worker was asked to publish has changed


def _completed(said: dict[str, Any], *, sessions: int, area_id: UUID) -> dict[str, Any]:
    """Fill in what follows from the rest: the most per person, and the budget."""
    done = {**said, "description": said["description"] or ""}
    if done["points_per_hour"] is not None and not done["points_max"]:
        raise Unprocessable(errors={"points_max": ["按小时计分需要填写每人每场最高积分"]})
    if done["points_max"] is None:
        done["points_max"] = done["points_fixed"] or 0
    if done["points_fixed"] is not None:
        done["points_max"] = max(done["points_max"], done["points_fixed"])
    if done["budget_points"] is None:
        done["budget_points"] = (
            default_budget(capacity=done["capacity"], points_max=done["points_max"], sessions=sessions)
            if done["points_fixed"] or done["points_per_hour"]
            else 0
        )
    if done["budget_points"] and done["fund_id"] is None:
        raise Unprocessable(errors={"fund_id": ["有积分的活动需要选择资金"]})
    if done["fund_id"] is not None:
        _pay_for_this_area(find(Fund, done["fund_id"]), area_id)
    return done


def _pay_for_this_area(fund: Fund, area_id: UUID) -> None:
    if fund.area_id is None:
        return
    area = standing(fund.area_id)
    if not find(Area, area_id).path.startswith(area.path):
        raise FundOfOtherArea(area=area.name)


def _write_sessions(activity: Activity, sessions: list[dict[str, datetime]]) -> None:
    for span in sorted(sessions, key=lambda span: span["starts_at"]):
        add(Session(activity_id=activity.id, **span))


def _span(sessions: list[dict[str, datetime]]) -> tuple[datetime, datetime]:
    return min(span["starts_at"] for span in sessions), max(span["ends_at"] for span in sessions)
