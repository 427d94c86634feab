"""The waiting list: a free place is offered to the first who waits, for a while, and then to the next.

Whoever calls is alone with the activity (`turns.alone`), or in line at it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.activities.errors import OfferOver
from backend.activities.models import Activity, SignUp
from backend.activities.telling import tell
from backend.activities.turns import alone
from backend.activities.waiting_rules import kept_until
from backend.foundation import trail
from backend.foundation.clock import now, said_in_shanghai
from backend.foundation.db import session


def accept(place: SignUp) -> SignUp:
    """Take the place one was offered. Once: a repeat answers the place. Raises `OfferOver` when nothing is offered."""
    activity = alone(place.activity_id)
    session().refresh(place)
    move_up(activity)
    if place.state == "placed":
        return place
    if place.state != "offered":
        raise OfferOver()
    place.state, place.answer_by = "placed", None
    session().flush()
    return place


def move_up(activity: Activity) -> None:
    """Take back what was offered and not answered in time, and offer every free place to who waits, the first first.

    Shortly before the start a place is given at once. Nobody moves up at an activity that takes no sign-ups.
    """
    at = now()
    if not activity.takes_sign_ups(at=at):
        return
    _take_back(activity, at)
    waiting = session().scalars(
        select(SignUp)
        .where(SignUp.activity_id == activity.id, SignUp.state == "waiting")
        .order_by(SignUp.signed_up_at, SignUp.id)
        .limit(activity.places_left)
    )
    answer_by = kept_until(starts_at=activity.starts_at, at=at)
    for place in waiting.all():
        place.state = "placed" if answer_by is None else "offered"
        place.answer_by = answer_by
        activity.places_taken += 1
        tell(activity, {place.person_id}, _news(activity, answer_by), key=_once(place, at))
    session().flush()


def unanswered(limit: int) -> list[UUID]:
    """Activities at which somebody did not answer an offer in time."""
    late = (
        select(SignUp.activity_id)
        .join(Activity, (Activity.office_id == SignUp.office_id) & (Activity.id == SignUp.activity_id))
        .where(SignUp.state == "offered", SignUp.answer_by <= now(), Activity.state == "published")
        .where(Activity.ends_at > now())
    )
    return list(session().scalars(late.distinct().limit(limit)))


def pass_on(activity_id: UUID) -> bool:
    """Give on what was not answered in time."""
    move_up(alone(activity_id))
    return True


def _take_back(activity: Activity, at: datetime) -> None:
    late = session().scalars(
        select(SignUp).where(SignUp.activity_id == activity.id, SignUp.state == "offered", SignUp.answer_by <= at)
    )
    for place in late.all():
        place.state, place.answer_by, place.withdrawn_at = "withdrawn", None, at
        activity.places_taken -= 1
        tell(activity, {place.person_id}, {"what": "offer_over"}, key=_once(place, at))
        trail.record("sign_ups.pass_on", place, before={"state": "offered"}, after={"state": "withdrawn"})
    session().flush()


def _once(place: SignUp, at: datetime) -> str:
    return f"{place.state}:{place.id.hex}:{at.timestamp():.0f}"


def _news(activity: Activity, answer_by: datetime | None) -> dict[str, str]:
    return {"what": "placed"} if answer_by is None else {"what": "offered", "until": said_in_shanghai(answer_by)}
