"""Doing again what was done before: publishing a copied activity takes three taps (the old one, copy, publish)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.activities.drafting import draft, sessions_of
from backend.activities.hosts import hosts_of
from backend.activities.models import Activity
from backend.foundation.clock import now

_COPIED = (
    *("group_id", "kind", "title", "description", "place", "responsible_person", "capacity"),
    *("points_per_hour", "points_fixed", "points_max", "check_in", "fund_id", "budget_points"),
    *("cover_id", "for_area_id"),
)
_WEEK = timedelta(weeks=1)


def copy(activity: Activity, *, creator_id: UUID, starts_at: datetime | None = None) -> Activity:
    """A draft like this activity, with all its sessions moved by the same time.

    Without `starts_at` by whole weeks: the next time it is the same weekday and hour (Shanghai has no summer time).
    Raises as `draft` does.
    """
    beginning = starts_at or _same_hour_ahead(activity.starts_at, at=now())
    by = beginning - activity.starts_at
    form: dict[str, Any] = {name: getattr(activity, name) for name in _COPIED}
    if activity.group_id is None:
        form["area_id"] = activity.area_id
    form["hosts"] = [{"group_id": host.group_id, "share_percent": host.share_percent} for host in hosts_of(activity.id)]
    form["sessions"] = [
        {"starts_at": sitting.starts_at + by, "ends_at": sitting.ends_at + by} for sitting in sessions_of(activity.id)
    ]
    return draft(form, creator_id=creator_id)


def _same_hour_ahead(was: datetime, *, at: datetime) -> datetime:
    weeks = max(1, -((was - at) // _WEEK))
    ahead = was + weeks * _WEEK
    return ahead if ahead > at else ahead + _WEEK
