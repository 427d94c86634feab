"""What the leader's screen shows while people arrive: counts and the last arrivals, asked for every few seconds."""

import hashlib
import json
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select

from backend.activities.models import Activity, CheckIn, Session, SignUp
from backend.foundation.db import session
from backend.people.models import Person

LAST = 5  # arrivals on the screen
ASK_AGAIN_IN = 3  # seconds


def live(activity: Activity, *, sitting: Session | None = None) -> dict[str, Any]:
    """How many signed up, are here, have left, wait in review or for points, and who came last (masked).

    Of one session, or of all of them: then somebody at two sessions is counted twice.
    """
    here = CheckIn.checked_out_at.is_(None)
    counted = select(
        _how_many(CheckIn.state != "undone"),
        _how_many((CheckIn.state != "undone") & here),
        _how_many(CheckIn.state == "review"),
        _how_many(CheckIn.unpaid.is_not(None) & (CheckIn.state == "recorded")),
    ).where(CheckIn.activity_id == activity.id)
    latest = (
        select(CheckIn, Person)
        .join(Person, (Person.office_id == CheckIn.office_id) & (Person.id == CheckIn.person_id))
        .where(CheckIn.activity_id == activity.id, CheckIn.state != "undone")
        .order_by(CheckIn.checked_in_at.desc(), CheckIn.id.desc())
        .limit(LAST)
    )
    if sitting is not None:
        counted, latest = (each.where(CheckIn.session_id == sitting.id) for each in (counted, latest))
    arrived, present, in_review, unpaid = session().execute(counted).one()
    return {
        "signed_up": activity.places_taken,
        "waiting": _waiting(activity.id),
        "arrived": int(arrived),
        "here": int(present),
        "left": int(arrived) - int(present),
        "in_review": int(in_review),
        "unpaid": int(unpaid),
        "latest": [
            {
                "check_in_id": presence.id,
                "name": person.masked_name,
                "checked_in_at": presence.checked_in_at,
                "confidence": presence.confidence,
                "state": presence.state,
            }
            for presence, person in session().execute(latest)
        ],
        "ask_again_in": ASK_AGAIN_IN,
    }


def etag_of(shown: dict[str, Any]) -> str:
    """The same for the same screen."""
    said = json.dumps(shown, default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _how_many(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _waiting(activity_id: UUID) -> int:
    query = select(func.count()).select_from(SignUp)
    return session().scalars(query.where(SignUp.activity_id == activity_id, SignUp.state == "waiting")).one()
