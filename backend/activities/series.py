"""Recurring activities: the same one every week, or every few weeks, as drafts that are edited one by one."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from backend.activities.copying import copy
from backend.activities.models import Activity
from backend.foundation.clock import shanghai_day
from backend.foundation.db import session
from backend.foundation.ids import uuid7


def repeat(
    activity: Activity, *, creator_id: UUID, times: int, weeks: int = 1, skip: Collection[date] = ()
) -> list[Activity]:
    """The next so many as drafts of one series, at the same hour; days in `skip` (Asia/Shanghai) are left out.

    Each is an activity of its own: what is changed or cancelled in one leaves the others alone. Raises as `draft` does.
    """
    activity.series_id = activity.series_id or uuid7()
    session().flush()
    made: list[Activity] = []
    begins = activity.starts_at
    while len(made) < times:
        begins += timedelta(weeks=weeks)
        if shanghai_day(begins) in skip:
            continue
        another = copy(activity, creator_id=creator_id, starts_at=begins)
        another.series_id = activity.series_id
        made.append(another)
    session().flush()
    return made
