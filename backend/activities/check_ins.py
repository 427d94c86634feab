"""Arriving and leaving: with one's own phone, by the leader's scan, by card, or ticked by the leader.

Somebody is at a session once, however often and by whomever they are scanned. Who is there is always recorded; only
one's own phone is refused when no place is left, because then somebody at the door should look. A child under 14 for
whom no guardian consents is recorded as present, and as nothing else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, false, func, or_, select, update

from backend.activities.awarding import IN_REVIEW, NO_PLACE, Payroll
from backend.activities.errors import (
    ActivityFull,
    CheckInClosed,
    CheckInNotOpen,
    CheckInUndone,
    NotCheckedIn,
    ScanRequired,
)
from backend.activities.models import Activity, CheckIn, Session, SignUp
from backend.activities.points_rules import minutes_between, points_for
from backend.activities.reviews import needs_another_household
from backend.activities.sign_ups import sign_up_of, take_place
from backend.activities.turns import in_line, side_by_side
from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, said_in_shanghai
from backend.foundation.db import add, insert_once, session
from backend.foundation.errors import Replan
from backend.households.guardians import may_take_part
from backend.people.models import Person
from backend.people.permissions import is_close
from backend.people.persons import selves_of

LEAVES_WITHIN = timedelta(hours=1)  # of the end; who checks out later was seen by nobody when they left


@dataclass(frozen=True)
class Seen:
    """How somebody was recognised at the door."""

    person: Person
    confidence: str  # listed, self, card or scan
    reason: str | None = None  # why a name was ticked
    is_in_doubt: bool = False  # their clock cannot be right, or they show the code themselves: somebody looks
    at: datetime | None = None  # when a phone without a network saw them, by our clock; None: now


def arrive(sitting: Session, seen: Seen, *, recorder: Caller, payroll: Payroll | None = None) -> tuple[CheckIn, bool]:
    """Record that somebody came, and pay fixed points at once, or put them on the payroll; and whether it is new.

    Opens 30 minutes before the session and ends with it; what a phone saw without a network is recorded also when the
    activity has been settled meanwhile. Whose check-in was undone may be seen again by those at the
    door. Raises `CheckInNotOpen`, `CheckInClosed`, and for one's own phone `ScanRequired`, `ActivityFull` or
    `CheckInUndone`.
    """
    existing = presence_of(sitting.id, seen.person.id)
    if existing is not None and not _may_come_again(existing, seen):
        return existing, False
    is_placed = _is_placed(sign_up_of(sitting.activity_id, seen.person.id))
    activity = side_by_side(sitting.activity_id) if is_placed else in_line(sitting.activity_id)
    at = seen.at or now()
    if not _takes_what_was_seen(activity, seen) or (seen.at is None and at >= sitting.ends_at):
        raise CheckInClosed()
    if seen.at is None and at < sitting.opens_at:
        raise CheckInNotOpen(opens=said_in_shanghai(sitting.opens_at), opens_at=sitting.opens_at)
    if seen.confidence == "self" and activity.check_in == "scan":
        raise ScanRequired()
    in_review = seen.is_in_doubt or needs_another_household(
        activity, seen.person, recorder=None if seen.confidence == "self" else recorder
    )
    counts = may_take_part(seen.person)
    arrival = {
        "recorder_id": recorder.person_id,
        "checked_in_at": at,
        "confidence": seen.confidence,
        "reason": seen.reason,
        "state": "review" if in_review else "recorded",
        "points_due": (activity.points_fixed or 0) if activity.is_fixed and counts else 0,
    }
    whose = {"activity_id": activity.id, "session_id": sitting.id, "person_id": seen.person.id}
    presence = _come_again(existing, arrival) if existing else insert_once(CheckIn, **whose, **arrival)
    if presence is None:  # Two phones saw them at the same moment; the other one was first.
        first = presence_of(sitting.id, seen.person.id)
        if first is None:
            raise Replan()
        return first, False
    if counts and not has_place(activity, seen.person, at):
        if seen.confidence == "self":
            raise ActivityFull(capacity=activity.capacity)
        presence.unpaid = NO_PLACE
    elif in_review and presence.points_due:
        presence.unpaid = IN_REVIEW
    _pay(activity, presence, payroll)
    _record("check_ins.arrive", presence, seen, recorder)
    return presence, True


def leave(sitting: Session, seen: Seen, *, recorder: Caller, payroll: Payroll | None = None) -> tuple[CheckIn, bool]:
    """Record that somebody left: the minutes of a service, and points by the hour; and whether that is new.

    Time after the session's end adds nothing. What nobody of another household saw, or somebody remembered long after
    the end, waits in review. Raises `NotCheckedIn`, or `CheckInClosed` once the activity is closed.
    """
    activity = side_by_side(sitting.activity_id)
    at = seen.at or now()
    presence = presence_of(sitting.id, seen.person.id)
    if presence is None or presence.state == "undone":
        raise NotCheckedIn()
    was_seen_to_go = presence.checked_out_at is not None and not presence.left_unseen
    if not was_seen_to_go and not _takes_what_was_seen(activity, seen):
        raise CheckInClosed()
    left_at = max(at, presence.checked_in_at)  # two servers' clocks differ a little
    # What the system closed because nobody saw them leave is corrected by whoever did, until somebody confirmed it.
    was_closed = and_(CheckIn.before_closing.is_not(None), CheckIn.state == "review") if seen.at else false()
    left = session().scalar(
        update(CheckIn)
        .where(CheckIn.id == presence.id, or_(CheckIn.checked_out_at.is_(None), was_closed))
        .values(
            checked_out_at=left_at,
            checked_out_by_id=recorder.person_id,
            state=func.coalesce(CheckIn.before_closing, CheckIn.state),
            before_closing=None,
        )
        .returning(CheckIn.id)
    )
    session().refresh(presence)
    if left is None:
        return presence, False
    if presence.state == "recorded" and presence.unpaid == IN_REVIEW:
        presence.unpaid = None
    count_time(activity, presence, sitting, until=at, person=seen.person)
    is_seen_by_family = seen.confidence != "self" and is_close(recorder, seen.person)
    if seen.is_in_doubt or is_seen_by_family or at > sitting.ends_at + LEAVES_WITHIN:
        presence.state = "review"
    if presence.state == "review" and presence.points_due and presence.award_id is None:
        presence.unpaid = presence.unpaid or IN_REVIEW
    _pay(activity, presence, payroll)
    _record("check_ins.leave", presence, seen, recorder)
    return presence, True


def count_time(activity: Activity, presence: CheckIn, sitting: Session, *, until: datetime, person: Person) -> None:
    """Write down the minutes of a service, and the points due by the hour, for who stayed until then."""
    minutes = minutes_between(presence.checked_in_at, until, starts_at=sitting.starts_at, ends_at=sitting.ends_at)
    if not may_take_part(person):
        minutes = 0
    if activity.kind == "service":
        presence.minutes = minutes
    if not activity.is_fixed:
        presence.points_due, presence.cut_points = earned(activity, minutes), 0


def came_earlier(presence: CheckIn, sitting: Session, seen: Seen) -> None:
    """Another phone had seen them before: that is when they came, as long as nothing was paid for their time."""
    if seen.at is None or seen.is_in_doubt or seen.at >= presence.checked_in_at or presence.state == "undone":
        return
    activity = side_by_side(sitting.activity_id)
    is_paid = presence.serve_id is not None or (presence.award_id is not None and not activity.is_fixed)
    if is_paid:
        return
    presence.checked_in_at = max(seen.at, sitting.opens_at)
    if presence.checked_out_at is not None:
        count_time(activity, presence, sitting, until=presence.checked_out_at, person=seen.person)
    session().flush()


def _takes_what_was_seen(activity: Activity, seen: Seen) -> bool:
    """Is it going on? What was seen without a network while it was is taken after it was settled, too."""
    return activity.state == "published" or (seen.at is not None and activity.state == "settled")


def _pay(activity: Activity, presence: CheckIn, payroll: Payroll | None) -> None:
    paying = payroll or Payroll(now())
    paying.add(activity, presence)
    if payroll is None:
        paying.post()
    else:
        session().flush()


def earned(activity: Activity, minutes: int) -> int:
    """Points of an hourly activity for so many minutes."""
    return points_for(minutes, points_per_hour=activity.points_per_hour or 0, points_max=activity.points_max)


def expected(activity: Activity, sitting: Session, presence: CheckIn) -> int | None:
    """What staying to the end would earn; None where points are fixed."""
    if activity.is_fixed:
        return None
    stay = minutes_between(
        presence.checked_in_at, sitting.ends_at, starts_at=sitting.starts_at, ends_at=sitting.ends_at
    )
    return earned(activity, stay)


def presence_of(session_id: UUID, person_id: UUID) -> CheckIn | None:
    """Where somebody was seen, also under an account that was merged into theirs."""
    theirs = CheckIn.person_id.in_(selves_of(person_id))
    found = session().scalars(select(CheckIn).where(CheckIn.session_id == session_id, theirs))
    return min(found, key=lambda presence: presence.id, default=None)


def _may_come_again(existing: CheckIn, seen: Seen) -> bool:
    """Was it undone, and is it somebody else who sees them now? Raises `CheckInUndone` for one's own phone."""
    was_undone = existing.state == "undone" and existing.times_undone > 0
    if was_undone and seen.confidence == "self":
        raise CheckInUndone()
    return was_undone


def _come_again(existing: CheckIn, arrival: dict[str, Any]) -> CheckIn:
    """The presence that was undone begins anew."""
    nothing_yet = {
        "before_closing": None,
        "cut_points": 0,
        "rule_version": None,
        "checked_out_at": None,
        "checked_out_by_id": None,
        "reviewer_id": None,
        "reviewed_at": None,
    }
    reasons = CheckIn.reason.at_rest(existing, arrival.pop("reason")) | CheckIn.review_reason.at_rest(existing, None)
    came: UUID | None = session().scalar(
        update(CheckIn)
        .where(CheckIn.id == existing.id, CheckIn.state == "undone", CheckIn.times_undone == existing.times_undone)
        .values(**arrival, **nothing_yet, **reasons)
        .returning(CheckIn.id)
    )
    if came is None:  # Another phone at the door was faster.
        raise Replan()
    session().refresh(existing)
    return existing


def _record(act: str, presence: CheckIn, seen: Seen, recorder: Caller) -> None:
    """Whoever was seen by somebody else is on the trail; who came in by themselves did nothing for anybody."""
    if recorder.person_id != seen.person.id:
        after = {"seen": seen.confidence, "state": presence.state, "award": presence.award_id}
        trail.record(act, presence, beneficiary_id=seen.person.id, reason=seen.reason, after=after)


def has_place(activity: Activity, person: Person, at: datetime) -> bool:
    """Who signed up has one; who walks in, or waited, takes one while one is left."""
    theirs = sign_up_of(activity.id, person.id)
    if _is_placed(theirs):
        return True
    is_offered = theirs is not None and theirs.has_a_place
    if not is_offered and not take_place(activity):
        return False
    if theirs is not None:
        theirs.state, theirs.answer_by = "placed", None
    else:
        add(SignUp(activity_id=activity.id, person_id=person.id, state="placed", signed_up_at=at))
    return True


def _is_placed(theirs: SignUp | None) -> bool:
    return theirs is not None and theirs.state == "placed"
