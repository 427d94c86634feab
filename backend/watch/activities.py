"""What looks odd at activities."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from backend.activities.models import Activity, CheckIn
from backend.flags.raising import Odd
from backend.foundation.db import session
from backend.people.session_models import Device
from backend.volunteering.models import VolunteerLog
from backend.watch.watch_rules import ONE_PHONE_PEOPLE, OVERLAP_MINUTES, RING_TIMES, too_many_heads


def two_places_at_once(since: datetime) -> Iterator[Odd]:
    """One person at two activities of different places, for longer than it takes to walk."""
    first, second = aliased(CheckIn), aliased(CheckIn)
    here, there = aliased(Activity), aliased(Activity)
    pairs = (
        select(first, second, here)
        .join(second, (second.office_id == first.office_id) & (second.person_id == first.person_id))
        .join(here, (here.office_id == first.office_id) & (here.id == first.activity_id))
        .join(there, (there.office_id == second.office_id) & (there.id == second.activity_id))
        .where(
            first.checked_in_at >= since,
            second.checked_in_at >= since,
            first.activity_id != second.activity_id,
            here.place != there.place,
            or_(
                first.checked_in_at < second.checked_in_at,
                (first.checked_in_at == second.checked_in_at) & (first.id < second.id),
            ),
            first.checked_out_at > second.checked_in_at,
            second.checked_out_at.is_not(None),
            first.state == "recorded",
            second.state == "recorded",
        )
    )
    for one, other, activity in session().execute(pairs):
        left = [each.checked_out_at for each in (one, other) if each.checked_out_at is not None]
        minutes = int((min(left) - other.checked_in_at).total_seconds() // 60)
        if minutes >= OVERLAP_MINUTES:
            facts = {"minutes": minutes, "check_ins": [one.id, other.id]}
            yield _about(activity, "overlap", f"{one.id.hex}:{other.id.hex}", facts, one.person_id)


def mutual_confirming(since: datetime) -> Iterator[Odd]:
    """A confirms B again and again, and B confirms A: presences in review and reports of hours."""
    confirmed: dict[tuple[Any, UUID], list[UUID]] = defaultdict(list)
    reviewed = select(CheckIn.reviewer_id, CheckIn.person_id, CheckIn.activity_id).where(
        CheckIn.reviewed_at >= since, CheckIn.reviewer_id.is_not(None), CheckIn.state == "recorded"
    )
    for reviewer, person, activity_id in session().execute(reviewed):
        confirmed[reviewer, person].append(activity_id)
    approved = select(VolunteerLog.decider_id, VolunteerLog.person_id).where(
        VolunteerLog.decided_at >= since, VolunteerLog.state == "approved"
    )
    for decider, person in session().execute(approved):
        confirmed[decider, person].append(person)
    last = {pair: next((each for each in reversed(seen) if each not in pair), None) for pair, seen in confirmed.items()}
    for (one, other), times in confirmed.items():
        back = confirmed.get((other, one), [])
        where = last[one, other] or last.get((other, one))
        if one < other and len(times) >= RING_TIMES and len(back) >= RING_TIMES and where is not None:
            activity = session().scalars(select(Activity).where(Activity.id == where)).one()
            facts = {"times": len(times), "times_back": len(back)}
            yield _about(activity, "ring", f"{one.hex}:{other.hex}:{since:%Y%m}", facts, one, other)


def one_phone_for_many(since: datetime) -> Iterator[Odd]:
    """Accounts that share an installation and checked in by themselves at one activity."""
    people = func.count(CheckIn.person_id.distinct())
    shared = (
        select(CheckIn.activity_id, Device.installation_id, people.label("people"))
        .join(Device, (Device.office_id == CheckIn.office_id) & (Device.person_id == CheckIn.person_id))
        .where(
            CheckIn.checked_in_at >= since,
            CheckIn.confidence == "self",
            CheckIn.state != "undone",
            Device.installation_id.is_not(None),
            Device.first_used_at <= CheckIn.checked_in_at,
        )
        .group_by(CheckIn.activity_id, Device.installation_id)
        .having(people >= ONE_PHONE_PEOPLE)
    )
    for row in session().execute(shared):
        activity = session().scalars(select(Activity).where(Activity.id == row.activity_id)).one()
        yield _about(activity, "one_phone", f"{activity.id.hex}:{row.installation_id}", {"people": row.people})


def more_check_ins_than_heads(since: datetime) -> Iterator[Odd]:
    """The leader counted clearly fewer people than the system has."""
    came = func.count(CheckIn.person_id.distinct())
    settled = (
        select(Activity, came.label("came"))
        .join(CheckIn, (CheckIn.office_id == Activity.office_id) & (CheckIn.activity_id == Activity.id))
        .where(Activity.state == "settled", Activity.closed_at >= since, Activity.head_count.is_not(None))
        .where(CheckIn.state != "undone")
        .group_by(*Activity.__table__.columns)
    )
    for activity, people in session().execute(settled):
        heads = activity.head_count or 0
        if too_many_heads(check_ins=people, head_count=heads):
            facts = {"check_ins": people, "head_count": heads}
            yield _about(activity, "head_count", activity.id.hex, facts, activity.creator_id)


def _about(activity: Activity, kind: str, key: str, facts: dict[str, Any], *people: UUID) -> Odd:
    return Odd(kind, key, "activity", activity.id, activity.area_id, facts, tuple(people))
