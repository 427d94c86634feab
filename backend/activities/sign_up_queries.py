"""What screens show about sign-ups."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased

from backend.activities.models import Activity, CheckIn, SignUp
from backend.activities.waiting_rules import is_late
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.people.models import Person
from backend.people.persons import selves_of


def shown_sign_ups(places: Sequence[SignUp]) -> list[dict[str, Any]]:
    """Sign-ups with their position on the waiting list, from 1; None for somebody who does not wait."""
    waiting = [place.id for place in places if place.state == "waiting"]
    positions: dict[UUID, int] = {}
    if waiting:
        ranked = select(SignUp.id, _position()).where(SignUp.id.in_(waiting))
        positions = {row.id: row[1] for row in session().execute(ranked)}
    return [
        {
            "id": place.id,
            "state": place.state,
            "position": positions.get(place.id),
            "answer_by": place.answer_by,
            "person_id": place.person_id,
        }
        for place in places
    ]


def mine(by: Caller) -> Any:
    """What somebody signed up to, with the activity."""
    return _with_what_came(select(SignUp, Activity).join(Activity, _of_it())).where(
        SignUp.person_id.in_(selves_of(by.person_id))
    )


def listed_at(activity_id: UUID) -> Any:
    """Who is on the list of an activity, with the person and the activity."""
    of_them = (Person.office_id == SignUp.office_id) & (Person.id == SignUp.person_id)
    return _with_what_came(select(SignUp, Activity, Person).join(Activity, _of_it()).join(Person, of_them)).where(
        SignUp.activity_id == activity_id, SignUp.state != "withdrawn"
    )


def told_of(place: SignUp, activity: Activity, position: int, came: bool) -> dict[str, Any]:
    """One sign-up as a list shows it: whether they stayed away, and whether they gave the place up too late."""
    return {
        "id": place.id,
        "state": place.state,
        "position": position if place.state == "waiting" else None,
        "answer_by": place.answer_by,
        "person_id": place.person_id,
        "party": place.party,
        "signed_up_at": place.signed_up_at,
        "missed": _missed(place, activity, came=came, at=now()),
        "late": place.state == "withdrawn"
        and place.withdrawn_at is not None
        and is_late(place.withdrawn_at, starts_at=activity.starts_at),
    }


def _missed(place: SignUp, activity: Activity, *, came: bool, at: datetime) -> bool:
    """Had they a place, and did they come to none of its sessions? A cancelled activity is missed by nobody."""
    is_over = activity.state != "cancelled" and activity.has_ended(at=at)
    return place.state == "placed" and is_over and not came


def _with_what_came(query: Any) -> Any:
    came = (
        select(CheckIn.id)
        .where(
            CheckIn.office_id == SignUp.office_id,
            CheckIn.activity_id == SignUp.activity_id,
            CheckIn.person_id == SignUp.person_id,
            CheckIn.state != "undone",
        )
        .exists()
    )
    return query.add_columns(_position(), came)


def _of_it() -> Any:
    return (Activity.office_id == SignUp.office_id) & (Activity.id == SignUp.activity_id)


def _position() -> Any:
    ahead = aliased(SignUp)
    return (
        select(func.count())
        .select_from(ahead)
        .where(
            ahead.office_id == SignUp.office_id,
            ahead.activity_id == SignUp.activity_id,
            ahead.state == "waiting",
            tuple_(ahead.signed_up_at, ahead.id) <= tuple_(SignUp.signed_up_at, SignUp.id),
        )
        .correlate(SignUp)
        .scalar_subquery()
    )
