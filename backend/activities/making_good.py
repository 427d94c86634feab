"""Recording afterwards that somebody was there whom nobody recorded, or not to the end (补录).

It is a decision of somebody who works over the activity's area, never of the door: the session may be long over. What
is due is paid as any other presence is, from the budget or, once that has gone back, from the fund.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update

from backend.activities.awarding import IN_REVIEW, NO_PLACE, post_due
from backend.activities.check_ins import earned, has_place, presence_of
from backend.activities.errors import CheckInNotOpen, PresenceRecorded, WrongState
from backend.activities.models import STATES_IN_CHINESE, Activity, CheckIn, Session
from backend.activities.reviews import needs_another_household
from backend.activities.turns import in_line
from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, said_in_shanghai
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Replan, Unprocessable
from backend.households.guardians import refuse_without_consent
from backend.people.models import Person

REASON = "异议核实后补录"


def make_good(
    sitting: Session, person: Person, *, minutes: int | None, recorder: Caller, reason: str = REASON
) -> CheckIn:
    """Record that somebody was at that session, for so many minutes where these count, and pay what is due.

    Also for who was declined in a review, and for who was seen to come and not to leave. Raises `WrongState` of a draft
    and a cancelled activity, `CheckInNotOpen` before the beginning, `PresenceRecorded` where nothing is missing, and
    `Unprocessable` without minutes or with more than the session has, and `GuardianConsentNeeded`.
    """
    activity = in_line(sitting.activity_id)
    at = now()
    if activity.state not in ("published", "settled"):
        raise WrongState(state=STATES_IN_CHINESE[activity.state])
    if at < sitting.starts_at:
        raise CheckInNotOpen(opens=said_in_shanghai(sitting.opens_at), opens_at=sitting.opens_at)
    known = presence_of(sitting.id, person.id)
    if known is not None and not _is_wanting(activity, known):
        raise PresenceRecorded()
    refuse_without_consent(person)
    came_at = max(known.checked_in_at, sitting.starts_at) if known else sitting.starts_at
    came = _as_it_was(activity, minutes, since=came_at, until=min(sitting.ends_at, at))
    before = {"state": known.state if known else "missing"}
    presence = (
        _corrected(known, came, recorder, at, reason)
        if known
        else _recorded(sitting, person, came, recorder, activity, reason)
    )
    if presence.award_id is None and presence.points_due:
        is_waiting = IN_REVIEW if presence.state == "review" else None
        presence.unpaid = is_waiting if has_place(activity, person, at) else NO_PLACE
    post_due(activity, presence, at=at)
    after = {"state": presence.state, "award": presence.award_id}
    trail.record("check_ins.make_good", presence, beneficiary_id=person.id, before=before, after=after)
    return presence


def _is_wanting(activity: Activity, known: CheckIn) -> bool:
    """Was it declined, or did nobody see them leave where that counts?"""
    return known.state == "undone" or (known.checked_out_at is None and _counts_time(activity))


def _counts_time(activity: Activity) -> bool:
    return activity.kind == "service" or not activity.is_fixed


def _as_it_was(activity: Activity, minutes: int | None, *, since: datetime, until: datetime) -> dict[str, Any]:
    """What the row says of somebody who stayed so long."""
    if not _counts_time(activity):
        return {"points_due": activity.points_fixed or 0}
    most = int((until - since).total_seconds() // 60)
    if minutes is None or not 1 <= minutes <= most:
        raise Unprocessable(errors={"minutes": [f"请填写实际参加的分钟数，最多 {max(most, 0)} 分钟"]})
    return {
        "checked_out_at": since + timedelta(minutes=minutes),
        "minutes": minutes if activity.kind == "service" else 0,
        "points_due": (activity.points_fixed or 0) if activity.is_fixed else earned(activity, minutes),
    }


def _recorded(
    sitting: Session, person: Person, came: dict[str, Any], recorder: Caller, activity: Activity, reason: str
) -> CheckIn:
    in_review = needs_another_household(activity, person, recorder=recorder)
    presence = insert_once(
        CheckIn,
        activity_id=activity.id,
        session_id=sitting.id,
        person_id=person.id,
        recorder_id=recorder.person_id,
        checked_in_at=sitting.starts_at,
        checked_out_by_id=recorder.person_id if "checked_out_at" in came else None,
        confidence="listed",
        reason=reason,
        state="review" if in_review else "recorded",
        **came,
    )
    if presence is None:  # The leader's phone was faster.
        raise Replan()
    return presence


def _corrected(known: CheckIn, came: dict[str, Any], recorder: Caller, at: datetime, reason: str) -> CheckIn:
    """A presence that a review declined stands after all; one that nobody saw leave gets its end."""
    seen: dict[str, Any] = {"checked_out_by_id": recorder.person_id} if "checked_out_at" in came else {}
    if known.state == "undone":
        seen |= {"state": "recorded", "reviewer_id": recorder.person_id, "reviewed_at": at}
        seen |= CheckIn.review_reason.at_rest(known, reason)
    as_known = (CheckIn.state == known.state, CheckIn.checked_out_at.is_not_distinct_from(known.checked_out_at))
    written: UUID | None = session().scalar(
        update(CheckIn).where(CheckIn.id == known.id, *as_known).values(**came, **seen).returning(CheckIn.id)
    )
    if written is None:
        raise Replan()
    session().refresh(known)
    return known
