"""What screens show about activities: one query per kind of row, whatever the length of the list."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from backend.activities.errors import SessionNeeded
from backend.activities.hosts import RUN_IT, STAND_AT_ITS_DOOR, groups_of, is_run_by_a_host, shown_hosts
from backend.activities.models import Activity, ActivityHost, CheckIn, Session, SignUp
from backend.activities.pictures import addresses_of
from backend.activities.sign_up_queries import shown_sign_ups
from backend.foundation.callers import Caller
from backend.foundation.clock import now, start_of_day
from backend.foundation.db import find, session
from backend.foundation.errors import NotFound
from backend.foundation.search import matches
from backend.groups.models import Group
from backend.ledger.accounts import Lot, budget_account
from backend.ledger.reading import balances_of
from backend.people.permissions import helps, leads, works_over
from backend.people.persons import selves_of
from backend.places.models import Area, Household
from backend.places.offices import the_book


def asked_for(asked: dict[str, Any], *, by: Caller) -> Select[Activity]:
    """Activities by area, group, day, kind and words. Drafts only for those who prepare them."""
    query = select(Activity)
    at = now()
    state = asked.get("state") or ("draft" if asked.get("awaiting") else None)
    prepared_by_them = run_by(by, "leader", "deputy")
    if state == "draft":
        query = query.where(Activity.state == "draft", prepared_by_them)
    elif state == "cancelled":
        announced = Activity.published_at.is_not(None)
        query = query.where(Activity.state == "cancelled", or_(announced, prepared_by_them))
    elif state == "ended":
        query = query.where(Activity.state == "published", Activity.ends_at <= at)
    elif state == "published":
        query = query.where(Activity.state == "published", Activity.ends_at > at)
    elif state:
        query = query.where(Activity.state == state)
    else:
        # Said this way round the newest are read as they lie by their beginning; by state they would all be sorted.
        query = query.where(Activity.state.not_in(("draft", "cancelled")))
    if asked.get("awaiting"):
        query = query.where(Activity.needs_worker_at.is_not(None))
    query = query.where(or_(meant_for(by), prepared_by_them))
    for name in ("group_id", "series_id", "kind"):
        if asked.get(name):
            query = query.where(getattr(Activity, name) == asked[name])
    if asked.get("area_id"):
        path = find(Area, asked["area_id"]).path
        query = query.where(Activity.area_id.in_(select(Area.id).where(Area.path.startswith(path, autoescape=True))))
    if day := asked.get("day"):
        begins = start_of_day(day)
        query = query.where(
            Activity.id.in_(
                select(Session.activity_id).where(
                    Session.starts_at < begins + timedelta(days=1), Session.ends_at > begins
                )
            )
        )
    if q := asked.get("q"):
        query = query.where(matches(Activity.search, q))
    return query


def shown(activities: Sequence[Activity], *, to: Caller) -> list[dict[str, Any]]:
    """Activities as the caller sees them, with their own place and what they can do."""
    ids = [activity.id for activity in activities]
    sessions = _sessions(ids)
    groups = _named(Group.id, Group.name, of={activity.group_id for activity in activities if activity.group_id})
    areas = _named(Area.id, Area.path, of={activity.area_id for activity in activities})
    mine = selves_of(to.person_id)
    sign_ups = _mine(SignUp, ids, mine)
    places = {place["id"]: place for place in shown_sign_ups(list(sign_ups.values()))}
    check_ins = _mine(CheckIn, ids, mine)
    left = _points_left(activities)
    covers, photos = addresses_of(activities)
    hosts = shown_hosts(activities)
    at = now()
    return [
        {
            **{column.key: getattr(activity, column.key) for column in Activity.__table__.columns},
            "state": "ended" if activity.state == "published" and activity.has_ended(at=at) else activity.state,
            "group": groups.get(activity.group_id),
            "sessions": sessions[activity.id],
            "places_left": activity.places_left,
            "points_left": left[activity.id],
            "hosts": hosts.get(activity.id, []),
            "cover": covers.get(activity.id),
            "photos": photos.get(activity.id, []),
            "my": _my(sign_ups.get(activity.id), check_ins.get(activity.id), places),
            "can": _can(
                activity,
                sessions[activity.id],
                sign_ups.get(activity.id),
                areas[activity.area_id].path,
                {host["group"]["id"] for host in hosts.get(activity.id, [])},
                to=to,
                at=at,
            ),
        }
        for activity in activities
    ]


def meant_for(by: Caller) -> ColumnElement[bool]:
    """Activities for everybody, and those for an area in which the caller lives."""
    home, target = aliased(Area), aliased(Area)
    lives_there = (
        select(Household.id)
        .join(home, (home.office_id == Household.office_id) & (home.id == Household.area_id))
        .join(target, target.office_id == Household.office_id)
        .where(
            Household.office_id == Activity.office_id,
            Household.id == by.household_id,
            target.id == Activity.for_area_id,
            func.substr(home.path, 1, func.length(target.path)) == target.path,
        )
    )
    return or_(Activity.for_area_id.is_(None), lives_there.exists())


def is_seen_by(activity: Activity, by: Caller) -> bool:
    """Does it exist for them: announced and meant for where they live, or theirs to prepare?"""
    if may_prepare(activity, by=by):
        return True
    if not activity.is_announced:
        return False
    if activity.for_area_id is None or may_check_in_others(activity, by=by):
        return True
    return session().scalar(select(Activity.id).where(Activity.id == activity.id, meant_for(by))) is not None


def may_prepare(activity: Activity, *, by: Caller) -> bool:
    """May they edit, publish, cancel and settle it: leaders of the groups that hold it, a worker, an officer."""
    if leads(by, activity.group_id) or works_over(by, find(Area, activity.area_id).path):
        return True
    return is_run_by_a_host(activity, by=by, roles=RUN_IT)


def may_check_in_others(activity: Activity, *, by: Caller) -> bool:
    """Do they stand at the door: the group's leaders and helpers, a worker of the area, an officer."""
    if helps(by, activity.group_id) or works_over(by, find(Area, activity.area_id).path):
        return True
    return is_run_by_a_host(activity, by=by, roles=STAND_AT_ITS_DOOR)


def the_session(activity: Activity, session_id: UUID | None) -> Session:
    """The session named, or the only one. Raises `SessionNeeded`, or `NotFound` for another activity's."""
    if session_id is not None:
        sitting = find(Session, session_id)
        if sitting.activity_id != activity.id:
            raise NotFound()
        return sitting
    sittings = _sessions([activity.id])[activity.id]
    if len(sittings) != 1:
        raise SessionNeeded()
    return sittings[0]


def run_by(by: Caller, *roles: str) -> Any:
    """The activities of groups in which they have one of the roles, and of areas they work over."""
    groups = groups_of(by, *roles)
    paths = [grant.scope for grant in by.grants if grant.role in ("worker", "officer")]
    within = [
        Activity.area_id.in_(select(Area.id).where(Area.path.startswith(path, autoescape=True))) for path in paths
    ]
    held_with_others = select(ActivityHost.activity_id).where(ActivityHost.group_id.in_(groups))
    return or_(Activity.group_id.in_(groups), Activity.id.in_(held_with_others), *within)


def _sessions(activity_ids: Sequence[UUID]) -> dict[UUID, list[Session]]:
    found: dict[UUID, list[Session]] = defaultdict(list)
    wanted = select(Session).where(Session.activity_id.in_(activity_ids)).order_by(Session.starts_at, Session.id)
    for sitting in session().scalars(wanted):
        found[sitting.activity_id].append(sitting)
    return found


def _named(key: Any, *columns: Any, of: set[UUID]) -> dict[UUID | None, Any]:
    """What a list shows of rows of another kind."""
    return {row.id: row for row in session().execute(select(key, *columns).where(key.in_(of)))}


def _mine(model: Any, activity_ids: Sequence[UUID], mine: Sequence[UUID]) -> dict[UUID, Any]:
    """The caller's row per activity; of several sessions' check-ins the latest."""
    wanted = select(model).where(and_(model.activity_id.in_(activity_ids), model.person_id.in_(mine)))
    # Sorted here: asked to sort by id, SQLite walks through everybody's rows in that order.
    return {row.activity_id: row for row in sorted(session().scalars(wanted), key=lambda row: row.id)}


def _points_left(activities: Sequence[Activity]) -> dict[UUID, int]:
    places = {
        activity.id: (budget_account(str(activity.id)), Lot.undated(str(activity.fund_id)))
        for activity in activities
        if activity.fund_id
    }
    found = balances_of(the_book(), list(places.values())) if places else {}
    return {activity.id: found.get(places.get(activity.id), 0) for activity in activities}  # type: ignore[arg-type]


def _my(place: SignUp | None, presence: CheckIn | None, places: dict[UUID, Any]) -> dict[str, Any] | None:
    if place is None and presence is None:
        return None
    return {"sign_up": places[place.id] if place else None, "check_in": presence}


def _can(
    activity: Activity,
    sessions: list[Session],
    place: SignUp | None,
    path: str,
    hosts: set[UUID],
    *,
    to: Caller,
    at: datetime,
) -> list[str]:
    acts = []
    if activity.takes_sign_ups(at=at):
        acts.append("withdraw" if place is not None and place.state != "withdrawn" else "sign_up")
        if place is not None and place.state == "offered":
            acts.append("accept")
        if activity.check_in == "self" and any(sitting.opens_at <= at < sitting.ends_at for sitting in sessions):
            acts.append("check_in")
    if leads(to, activity.group_id) or works_over(to, path) or groups_of(to, *RUN_IT) & hosts:
        acts += {
            "draft": ["edit", "publish", "cancel"],
            "published": ["edit", "cancel", "settle", "show_code", "check_in_others"],
        }.get(activity.state, [])
        acts.append("copy")
    elif (helps(to, activity.group_id) or groups_of(to, "helper") & hosts) and activity.state == "published":
        acts += ["show_code", "check_in_others"]
    return acts
