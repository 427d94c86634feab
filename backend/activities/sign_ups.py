"""Taking a place at an activity, alone or as a household, and giving it up."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from backend.activities.errors import AlreadyThere, SignUpsClosed
from backend.activities.models import Activity, CheckIn, SignUp
from backend.activities.turns import alone, in_line
from backend.activities.waiting import move_up
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import NotFound, Replan
from backend.foundation.ids import uuid7
from backend.households.guardians import refuse_without_consent
from backend.ledger.drafts import Draft
from backend.people.models import Person
from backend.people.persons import selves_of

_BEST_FIRST = ("placed", "offered", "waiting", "withdrawn")


def sign_up(activity: Activity, *, person_id: UUID) -> tuple[SignUp, bool]:
    """A place at the activity, or one on its waiting list, and whether it is new: a repeat answers the one they have.

    Raises `SignUpsClosed`, and for a child under 14 `GuardianConsentNeeded`.
    """
    places, is_new = sign_up_together(activity, person_ids=[person_id])
    return places[0], is_new


def sign_up_together(activity: Activity, *, person_ids: Sequence[UUID]) -> tuple[list[SignUp], bool]:
    """Places for people of one household: for all of them, or all of them wait; and whether any is new.

    Who has a place, or waits, keeps it. Raises as `sign_up` does.
    """
    for person in (find(Person, person_id) for person_id in person_ids):
        refuse_without_consent(person)
    activity = in_line(activity.id)
    at = now()  # once it is our turn, so that the list is in the order of turns
    if not activity.takes_sign_ups(at=at):
        raise SignUpsClosed()
    known = {person_id: sign_up_of(activity.id, person_id) for person_id in person_ids}
    party = uuid7() if len(person_ids) > 1 else None
    places, new = [], []
    for person_id, theirs in known.items():
        if theirs is None or theirs.state == "withdrawn":  # else they tapped twice, or had another account before
            theirs = _in_the_list(activity, person_id, at, party)
            new.append(theirs)
        places.append(theirs)
    if new and take_places(activity, len(new)):
        for place in new:
            place.state = "placed"
    session().flush()
    return places, bool(new)


def withdraw(activity: Activity, *, person_id: UUID) -> SignUp:
    """Give a place up; the first who waits is offered it. Shortly before the start it counts as late.

    Raises `NotFound` without one, `AlreadyThere` after check-in.
    """
    activity = alone(activity.id)
    mine = sign_up_of(activity.id, person_id)
    if mine is None:
        raise NotFound()
    came = select(CheckIn.id).where(
        CheckIn.activity_id == activity.id, CheckIn.person_id.in_(selves_of(person_id)), CheckIn.state != "undone"
    )
    if session().scalar(came) is not None:
        raise AlreadyThere()
    if mine.state == "withdrawn":
        return mine
    had_a_place = mine.has_a_place
    mine.state, mine.answer_by, mine.withdrawn_at = "withdrawn", None, now()
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


def take_place(activity: Activity) -> bool:
    """One more place is taken, if one is left."""
    return take_places(activity, 1)


def take_places(activity: Activity, so_many: int) -> bool:
    """So many places are taken, or none: the statement that counts is the statement that decides."""
    taken = session().scalar(
        update(Activity)
        .where(Activity.id == activity.id, Activity.places_taken + so_many <= Activity.capacity)
        .values(places_taken=Activity.places_taken + so_many)
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


def _in_the_list(activity: Activity, person_id: UUID, at: datetime, party: UUID | None) -> SignUp:
    """At the end of the list; also somebody who withdrew and comes back."""
    since = {"state": "waiting", "signed_up_at": at, "party": party}
    place = insert_once(SignUp, activity_id=activity.id, person_id=person_id, **since) or session().scalar(
        update(SignUp)
        .where(SignUp.activity_id == activity.id, SignUp.person_id == person_id, SignUp.state == "withdrawn")
        .values(**since)
        .returning(SignUp)
    )
    if place is None:  # Their other phone was faster: now there is one to be found.
        raise Replan()
    return place
