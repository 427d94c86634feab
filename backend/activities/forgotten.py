"""Forgotten check-outs: closed with the session, marked so, and paid only when somebody of another household confirms.

Nobody is paid for time that nobody saw. Who came is known, and stays recorded whatever the answer.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from backend.activities.awarding import IN_REVIEW
from backend.activities.check_ins import LEAVES_WITHIN, count_time
from backend.activities.models import Activity, CheckIn, Session
from backend.activities.offline_models import has_unreported_phones
from backend.activities.telling import tell
from backend.activities.turns import in_line
from backend.foundation import trail
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.people.queries import people_by_id

_COUNTS_TIME = or_(Activity.kind == "service", Activity.points_per_hour.is_not(None))


def waiting(limit: int) -> list[UUID]:
    """Activities where somebody did not check out within the hour after a session; every phone has reported."""
    query = (
        select(CheckIn.activity_id)
        .join(Activity, (Activity.office_id == CheckIn.office_id) & (Activity.id == CheckIn.activity_id))
        .join(Session, (Session.office_id == CheckIn.office_id) & (Session.id == CheckIn.session_id))
        .where(Activity.state == "published", _COUNTS_TIME, ~has_unreported_phones())
        .where(CheckIn.checked_out_at.is_(None), CheckIn.state != "undone", Session.ends_at < now() - LEAVES_WITHIN)
    )
    return list(session().scalars(query.distinct().limit(limit)))


def close_over(activity_id: UUID) -> bool:
    """Close what was forgotten at the sessions that ended an hour ago; whether there was any."""
    activity = in_line(activity_id)
    return close_forgotten(activity, at=now(), ended_before=now() - LEAVES_WITHIN) > 0


def close_forgotten(activity: Activity, *, at: datetime, ended_before: datetime | None = None) -> int:
    """Let whoever did not check out have stayed to the end of the session, or until now, and wait in review; how many.

    The caller has locked the activity.
    """
    if activity.kind != "service" and activity.is_fixed:
        return 0
    query = (
        select(CheckIn, Session)
        .join(Session, (Session.office_id == CheckIn.office_id) & (Session.id == CheckIn.session_id))
        .where(CheckIn.activity_id == activity.id, CheckIn.checked_out_at.is_(None), CheckIn.state != "undone")
        .order_by(CheckIn.id)
        .with_for_update(of=CheckIn)
    )
    if ended_before is not None:
        query = query.where(Session.ends_at < ended_before)
    found = session().execute(query, execution_options={"populate_existing": True}).all()
    people = people_by_id(presence.person_id for presence, _ in found)
    for presence, sitting in found:
        presence.before_closing, presence.state = presence.state, "review"
        presence.checked_out_at = max(presence.checked_in_at, min(at, sitting.ends_at))
        count_time(activity, presence, sitting, until=presence.checked_out_at, person=people[presence.person_id])
        if presence.points_due and presence.award_id is None:
            presence.unpaid = presence.unpaid or IN_REVIEW
        after = {"state": "review", "activity": activity.id}
        trail.record("check_ins.close", presence, before={"state": presence.before_closing}, after=after)
    session().flush()
    tell(activity, people.keys(), {"what": "check_out"}, key=f"check_out:{activity.id.hex}:{at.timestamp():.0f}")
    return len(found)
