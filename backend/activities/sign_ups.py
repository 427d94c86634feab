"""Taking a place at an activity and giving it up; the waiting list moves up by itself."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.orm.attributes import set_committed_value

from backend.activities.errors import AlreadyThere, SignUpsClosed
from backend.activities.models import Activity, CheckIn, SignUp
from backend.activities.turns import alone, in_line
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import NotFound, Replan
from backend.households.guardians import refuse_without_consent
from backend.ledger.drafts import Draft
from backend.people.models import Person
from backend.people.persons import selves_of

_BEST_FIRST = ("placed", "offered", "waiting", "withdrawn")


def sign_up(activity: Activity, *, person_id: UUID) -> tuple[SignUp, bool]:
    """A place at the activity, or one on its waiting list, and whether it is new: a repeat answers the one they have.

    Raises `SignUpsClosed`, and for a child under 14 `GuardianConsentNeeded`.
    """
    refuse_without_consent(find(Person, person_id))
    activity = in_line(activity.id)
    at = now()  # once it is our turn, so that the list is in the order of turns
    if not activity.takes_sign_ups(at=at):
        raise SignUpsClosed()
    theirs = sign_up_of(activity.id, person_id)
    if theirs is not None and theirs.state != "withdrawn":  # they tapped twice, or had another account before
        return theirs, False
    place = insert_once(
        SignUp, activity_id=activity.id, person_id=person_id, state="waiting", signed_up_at=at
    ) or _taken_up_again(activity, person_id, at)
    if place is None:  # Their other phone was faster: now there is one to be found.
        raise Replan()
    if take_place(activity):
        place.state = "placed"
        session().flush()
    return place, True


def withdraw(activity: Activity, *, person_id: UUID) -> SignUp:
    """Give a place up; the first who waits gets it. Raises `NotFound` without one, `AlreadyThere` after check-in."""
    activity = alone(activity.id)
    mine = sign_up_of(activity.id, person_id)
    if mine is None:
        raise NotFound()
    came = select(CheckIn.id).where(
        CheckIn.activity_id == activity.id, CheckIn.person_id.in_(selves_of(person_id)), CheckIn.state != "undone"
    )
    if session().scalar(came) is not None:
        raise AlreadyThere()
    had_a_place = mine.state == "placed"
    mine.state = "withdrawn"
    session().flush()
    if had_a_place:
        activity.places_taken -= 1
        move_up(activity)
    return mine


def let_go(person: Person, _: str, at: datetime) -> list[Draft]:
    """Somebody is gone: their places at what has not ended are free for others. Nothing of it is the ledger's."""
    theirs = select(SignUp.activity_id).where(SignUp.person_id.in_(selves_of(person.id)), SignUp.state != "withdrawn")
    ahead = select(Activity.id).where(Activity.id.in_(theirs), Activity.state == "published", Activity.ends_at > at)
    for activity_id in session().scalars(ahead.order_by(Activity.id)).all():
        with suppress(AlreadyThere, NotFound):
            withdraw(find(Activity, activity_id), person_id=person.id)
    return []


def move_up(activity: Activity) -> None:
    """Give free places to those who wait, the first first; the caller is alone with the activity."""
    waiting = session().scalars(
        select(SignUp)
        .where(SignUp.activity_id == activity.id, SignUp.state == "waiting")
        .order_by(SignUp.signed_up_at, SignUp.id)
        .limit(activity.places_left)
    )
    for place in waiting:
        place.state = "placed"
        activity.places_taken += 1
    session().flush()


def take_place(activity: Activity) -> bool:
    """One more place is taken, if one is left: the statement that counts is the statement that decides."""
    taken = session().scalar(
        update(Activity)
        .where(Activity.id == activity.id, Activity.places_taken < Activity.capacity)
        .values(places_taken=Activity.places_taken + 1)
        .returning(Activity.places_taken)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        return False
    set_committed_value(activity, "places_taken", taken)
    return True


def sign_up_of(activity_id: UUID, person_id: UUID) -> SignUp | None:
    """The sign-up somebody has there, if any; also under an account that was merged into theirs."""
    theirs = SignUp.person_id.in_(selves_of(person_id))
    found = session().scalars(select(SignUp).where(SignUp.activity_id == activity_id, theirs))
    return min(found, key=lambda place: (_BEST_FIRST.index(place.state), place.id), default=None)


def position(place: SignUp) -> int | None:
    """The place on the waiting list, from 1; None for somebody who does not wait."""
    if place.state != "waiting":
        return None
    ahead = (
        select(func.count())
        .select_from(SignUp)
        .where(
            SignUp.activity_id == place.activity_id,
            SignUp.state == "waiting",
            tuple_(SignUp.signed_up_at, SignUp.id) < (place.signed_up_at, place.id),
        )
    )
    return session().scalars(ahead).one() + 1


def _taken_up_again(activity: Activity, person_id: UUID, at: datetime) -> SignUp | None:
    """Somebody who withdrew and comes back waits at the end."""
    return session().scalar(
        update(SignUp)
        .where(SignUp.activity_id == activity.id, SignUp.person_id == person_id, SignUp.state == "withdrawn")
        .values(state="waiting", signed_up_at=at)
        .returning(SignUp)
    )
