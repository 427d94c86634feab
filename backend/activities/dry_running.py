"""A dry run: what a rule would have made of what happened, before anybody approves it. Nothing is written."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.activities.models import Activity, CheckIn
from backend.foundation.clock import now, shanghai_day, start_of_day
from backend.foundation.db import session
from backend.funds.available import available_in
from backend.funds.models import Fund
from backend.point_rules.cap_rules import Caps, monday_of


def dry_run(caps: Caps, *, since: date, until: date) -> dict[str, Any]:
    """Cost, who gains and loses, and until when each fund lasts at that pace; by the activities of those days.

    Points are taken in the order of arrival, as they were due before any cap.
    """
    had: dict[tuple[object, ...], int] = defaultdict(int)
    then: dict[UUID, int] = defaultdict(int)
    would: dict[UUID, int] = defaultdict(int)
    funds: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    for person, activity, fund, at, points, due in session().execute(_evidence(since, until)):
        day = shanghai_day(at)
        keys = ((person, "day", day), (person, "week", monday_of(day)), (person, "activity", activity))
        allowed = caps.allow(due, day=had[keys[0]], week=had[keys[1]], activity=had[keys[2]])
        for key in keys:
            had[key] += allowed
        then[person] += points
        would[person] += allowed
        if fund is not None:
            funds[fund][0] += points
            funds[fund][1] += allowed
    differences = [would[person] - then[person] for person in then]
    return {
        "points_then": sum(then.values()),
        "points_now": sum(would.values()),
        "people": len(then),
        "people_gain": sum(each > 0 for each in differences),
        "people_lose": sum(each < 0 for each in differences),
        "most_lost": max([0, *(-each for each in differences)]),
        "funds": _lasting(funds, days=(until - since).days + 1),
    }


def _evidence(since: date, until: date) -> Any:
    return (
        select(
            CheckIn.person_id,
            CheckIn.activity_id,
            Activity.fund_id,
            CheckIn.checked_in_at,
            CheckIn.points,
            CheckIn.points_due + CheckIn.cut_points,
        )
        .join(Activity, (Activity.office_id == CheckIn.office_id) & (Activity.id == CheckIn.activity_id))
        .where(
            CheckIn.state == "recorded",
            CheckIn.checked_in_at >= start_of_day(since),
            CheckIn.checked_in_at < start_of_day(until + timedelta(days=1)),
        )
        .order_by(CheckIn.checked_in_at, CheckIn.id)
    )


def _lasting(funds: dict[UUID, list[int]], *, days: int) -> list[dict[str, Any]]:
    left = available_in(funds)
    names = {row.id: row.name for row in session().execute(select(Fund.id, Fund.name).where(Fund.id.in_(funds)))}
    today = shanghai_day(now())
    return [
        {
            "fund_id": fund,
            "name": names[fund],
            "points_then": spent,
            "points_now": would,
            "available": left[fund],
            "lasts_until": today + timedelta(days=min(left[fund] * days // would, 36_500)) if would else None,
        }
        for fund, (spent, would) in sorted(funds.items())
    ]
