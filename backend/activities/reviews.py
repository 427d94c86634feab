"""Presences that wait for somebody of another household: leaders', helpers', their families', and the recorder's own.

Nobody is refused at the door for being a leader, and nobody pays themselves.
"""

from datetime import datetime

from sqlalchemy import case, or_, select, update

from backend.activities.awarding import IN_REVIEW, Payroll
from backend.activities.errors import ReviewDecided, SecondHouseholdNeeded
from backend.activities.hosts import hosts_of
from backend.activities.models import Activity, CheckIn
from backend.activities.turns import in_line
from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.groups.models import Group
from backend.people.models import Person
from backend.people.permissions import is_close
from backend.people.persons import is_one_of, person_now
from backend.people.queries import people_by_id
from backend.people.roles import holders_of
from backend.people.scopes import over_group

# They came, as was known; only how long they stayed is in doubt.
_CAME = or_(CheckIn.award_id.is_not(None), CheckIn.before_closing == "recorded")


def needs_another_household(activity: Activity, person: Person, *, recorder: Caller | None) -> bool:
    """Is this one of those who run the activity, of their households, or of the household that records them?

    No `recorder` where somebody came in with their own phone and the code at the door.
    """
    if recorder is not None and is_close(recorder, person):
        return True
    runners = {runner for runner in (activity.creator_id, activity.publisher_id) if runner is not None}
    if activity.group_id is not None:
        group = find(Group, activity.group_id)
        runners |= set(holders_of(over_group(group.id, group.name), "leader", "deputy", "helper"))
        for host in hosts_of(activity.id):
            runners |= set(holders_of(over_group(host.group_id, ""), "leader", "deputy", "helper"))
    return is_one_of(person, runners)


def decide(presence: CheckIn, *, reviewer: Caller, confirmed: bool, reason: str | None = None) -> CheckIn:
    """Confirm a presence (it is paid as if it had just been recorded) or decline it. The same answer again is fine.

    Who is declined because nobody saw them leave was there all the same: their time counts nothing.
    Raises `SecondHouseholdNeeded` for oneself and one's own household, `ReviewDecided` when it was decided otherwise.
    """
    person = person_now(presence.person_id)
    if is_close(reviewer, person):
        raise SecondHouseholdNeeded()
    activity = in_line(presence.activity_id)  # a closed activity counts what it has given
    at = now()
    if not _answered(presence, reviewer, confirmed=confirmed, reason=reason, at=at):
        if presence.reviewer_id is None or presence.state != ("recorded" if confirmed else "undone"):
            raise ReviewDecided()
        return presence
    payroll = Payroll(at)
    payroll.add(activity, presence)
    payroll.post()
    _record(presence, person, confirmed=confirmed, reason=reason)
    return presence


def confirm_all_unseen(activity: Activity, *, reviewer: Caller, reason: str | None = None) -> tuple[int, int]:
    """Confirm everybody of an activity whom nobody saw leave, except oneself and one's own household.

    How many were confirmed, and how many wait for somebody else.
    """
    activity = in_line(activity.id)
    waiting = (
        session()
        .scalars(
            select(CheckIn)
            .where(CheckIn.activity_id == activity.id, CheckIn.state == "review", CheckIn.before_closing == "recorded")
            .order_by(CheckIn.checked_in_at, CheckIn.id)
        )
        .all()
    )
    people = people_by_id(presence.person_id for presence in waiting)
    at = now()
    payroll = Payroll(at)
    payroll.know(people.values())
    confirmed = 0
    for presence in waiting:
        person = people[presence.person_id]
        if is_close(reviewer, person) or not _answered(presence, reviewer, confirmed=True, reason=reason, at=at):
            continue
        payroll.add(activity, presence)
        _record(presence, person, confirmed=True, reason=reason)
        confirmed += 1
    payroll.post()
    return confirmed, len(waiting) - confirmed


def _answered(presence: CheckIn, reviewer: Caller, *, confirmed: bool, reason: str | None, at: datetime) -> bool:
    """Write the answer down if nobody has answered yet, with what is due by it."""
    decided = session().scalar(
        update(CheckIn)
        .where(CheckIn.id == presence.id, CheckIn.state == "review")
        .values(
            state="recorded" if confirmed else case((_CAME, "recorded"), else_="undone"),
            reviewer_id=reviewer.person_id,
            reviewed_at=at,
            **CheckIn.review_reason.at_rest(presence, reason),
        )
        .returning(CheckIn.id)
    )
    session().refresh(presence)
    if decided is None:
        return False
    if presence.unpaid == IN_REVIEW:
        presence.unpaid = None
    if confirmed:
        return True
    presence.minutes = 0
    if presence.award_id is None and (presence.before_closing != "recorded" or not _is_paid_for_coming(presence)):
        presence.unpaid, presence.points_due = None, 0
    return True


def _is_paid_for_coming(presence: CheckIn) -> bool:
    return find(Activity, presence.activity_id).is_fixed


def _record(presence: CheckIn, person: Person, *, confirmed: bool, reason: str | None) -> None:
    trail.record(
        "reviews.confirm" if confirmed else "reviews.decline",
        presence,
        beneficiary_id=person.id,
        reason=reason,
        before={"state": "review"},
        after={"state": presence.state, "award": presence.award_id},
    )
