"""Several groups hold an activity together: each has a share of its budget, and all their leaders run it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from backend.activities.host_rules import shared_out
from backend.activities.models import Activity, ActivityHost, CheckIn
from backend.activities.of_groups import refuse_of_a_closed_group
from backend.foundation.callers import Caller
from backend.foundation.db import add, find, session
from backend.foundation.errors import Unprocessable
from backend.groups.models import Group

RUN_IT = ("leader", "deputy")
STAND_AT_ITS_DOOR = (*RUN_IT, "helper")


def write_hosts(activity: Activity, hosts: Sequence[dict[str, Any]]) -> None:
    """The other groups that hold it, instead of those named before; the first group has what they leave.

    Raises `NotFound`, `GroupClosed`, and `Unprocessable` for shares that leave the first group nothing.
    """
    named = [host["group_id"] for host in hosts]
    if activity.group_id is None and named:
        raise Unprocessable(errors={"hosts": ["社区自己的活动没有共同主办的队伍，请选择一支队伍作为主办"]})
    if len(set(named)) < len(named) or activity.group_id in named:
        raise Unprocessable(errors={"hosts": ["同一支队伍只能填写一次，主办队伍不用再填"]})
    if sum(host["share_percent"] for host in hosts) >= 100:
        raise Unprocessable(errors={"hosts": ["各队份额之和要小于 100，余下的归主办队伍"]})
    session().execute(delete(ActivityHost).where(ActivityHost.activity_id == activity.id))
    for host in hosts:
        refuse_of_a_closed_group(find(Group, host["group_id"]).id)
        add(ActivityHost(activity_id=activity.id, **host))


def hosts_of(activity_id: UUID) -> list[ActivityHost]:
    """The other groups that hold it, the largest share first."""
    query = select(ActivityHost).where(ActivityHost.activity_id == activity_id)
    return list(session().scalars(query.order_by(ActivityHost.share_percent.desc(), ActivityHost.id)))


def is_run_by_a_host(activity: Activity, *, by: Caller, roles: Sequence[str]) -> bool:
    """Have they one of the roles in another group that holds it? Asked only of who has such a role somewhere."""
    groups = groups_of(by, *roles) - {activity.group_id}
    if not groups:
        return False
    query = select(ActivityHost.id).where(ActivityHost.activity_id == activity.id, ActivityHost.group_id.in_(groups))
    return session().scalar(query.limit(1)) is not None


def groups_of(by: Caller, *roles: str) -> set[UUID | None]:
    """The groups in which somebody has one of the roles."""
    return {UUID(grant.scope.removeprefix("group:")) for grant in by.grants if grant.role in roles}


def shown_hosts(activities: Sequence[Activity]) -> dict[UUID, list[dict[str, Any]]]:
    """Of activities that several groups hold: each group with its share of the budget, and of what was awarded."""
    ids = [activity.id for activity in activities]
    query = (
        select(ActivityHost, Group.name)
        .join(Group, (Group.office_id == ActivityHost.office_id) & (Group.id == ActivityHost.group_id))
        .where(ActivityHost.activity_id.in_(ids))
        .order_by(ActivityHost.share_percent.desc(), ActivityHost.id)
    )
    others: dict[UUID, list[Any]] = defaultdict(list)
    for host, name in session().execute(query):
        others[host.activity_id].append((host, name))
    if not others:
        return {}
    first = {activity.id: activity.group_id for activity in activities if activity.id in others}
    of_first = select(Group.id, Group.name).where(Group.id.in_(first.values()))
    names = {row.id: row.name for row in session().execute(of_first)}
    awarded = _awarded(list(others))
    return {
        activity.id: _shares(activity, names[activity.group_id], others[activity.id], awarded.get(activity.id, 0))
        for activity in activities
        if activity.id in others
    }


def _shares(activity: Activity, name: str, others: Sequence[Any], awarded: int) -> list[dict[str, Any]]:
    percents = [100 - sum(host.share_percent for host, _ in others), *(host.share_percent for host, _ in others)]
    named = [(activity.group_id, name), *((host.group_id, its_name) for host, its_name in others)]
    budget, spent = shared_out(activity.budget_points, percents), shared_out(awarded, percents)
    return [
        {
            "group": {"id": group_id, "name": its_name},
            "share_percent": percent,
            "budget_points": part,
            "awarded_points": given,
        }
        for (group_id, its_name), percent, part, given in zip(named, percents, budget, spent, strict=True)
    ]


def _awarded(activity_ids: Sequence[UUID]) -> dict[UUID, int]:
    query = (
        select(CheckIn.activity_id, func.sum(CheckIn.points))
        .where(CheckIn.activity_id.in_(activity_ids))
        .group_by(CheckIn.activity_id)
    )
    return {activity_id: int(points) for activity_id, points in session().execute(query)}
