"""Presences that wait for somebody of another household: leaders', helpers', their families', and the recorder's own.

Nobody is refused at the door for being a leader, and nobody pays themselves.
"""

from sqlalchemy import update

from backend.activities.awarding import IN_REVIEW, post_due
from backend.activities.errors import ReviewDecided, SecondHouseholdNeeded
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
from backend.people.roles import holders_of
from backend.people.scopes import over_group


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
    return is_one_of(person, runners)


def decide(presence: CheckIn, *, reviewer: Caller, confirmed: bool, reason: str | None = None) -> CheckIn:
    """Confirm a presence (it is paid as if it had just been recorded) or decline it. The same answer again is fine.

    Raises `SecondHouseholdNeeded` for oneself and one's own household, `ReviewDecided` when it was decided otherwise.
    """
    person = person_now(presence.person_id)
    if is_close(reviewer, person):
        raise SecondHouseholdNeeded()
    activity = in_line(presence.activity_id)  # a closed activity counts what it has given
    state = "recorded" if confirmed else "undone"
    at = now()
    decided = session().scalar(
        update(CheckIn)
        .where(CheckIn.id == presence.id, CheckIn.state == "review")
        .values(
            state=state,
            reviewer_id=reviewer.person_id,
            reviewed_at=at,
            **CheckIn.review_reason.at_rest(presence, reason),
        )
        .returning(CheckIn.id)
    )
    session().refresh(presence)
    if decided is None:
        if presence.reviewer_id is None or presence.state != state:
            raise ReviewDecided()
        return presence
    if presence.unpaid == IN_REVIEW:
        presence.unpaid = None
    if not confirmed and presence.award_id is not None:  # They came, as was known; only how long they stayed was not.
        presence.state, presence.minutes = "recorded", 0
    elif not confirmed:
        presence.unpaid, presence.points_due, presence.minutes = None, 0, 0
    post_due(activity, presence, at=at)
    trail.record(
        "reviews.confirm" if confirmed else "reviews.decline",
        presence,
        beneficiary_id=person.id,
        reason=reason,
        before={"state": "review"},
        after={"state": presence.state, "award": presence.award_id},
    )
    return presence
