"""Who is told what happens to an activity. Messages lie in the outbox with their cause, one per key for ever.

A group's activity is announced to its members; a community's own to whoever came to something there in the last ninety
days. A change of time or place, and a cancellation, is told to everybody on the list.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from backend.activities.models import Activity, ActivityHost, CheckIn, SignUp
from backend.foundation import outbox
from backend.foundation.clock import now, said_in_shanghai
from backend.foundation.db import session
from backend.groups.models import Membership
from backend.messages.texts import ACTIVITY

CAME_LATELY = timedelta(days=90)


def announce(activity: Activity) -> None:
    """Tell those it is for that the activity can be signed up to; once per activity."""
    people = set(session().scalars(_its_people(activity))) - {activity.publisher_id}
    news = {"what": "published", "when": said_in_shanghai(activity.starts_at)}
    tell(activity, people, news, key=f"published:{activity.id}")


def tell_the_list(activity: Activity, news: dict[str, Any], *, key: str) -> None:
    """Tell everybody who has a place or waits for one."""
    listed = select(SignUp.person_id).where(SignUp.activity_id == activity.id, SignUp.state != "withdrawn")
    tell(activity, set(session().scalars(listed)), news, key=key)


def tell(activity: Activity, people: Collection[UUID], news: dict[str, Any], *, key: str) -> None:
    """Tell so many people the same, once per person and key."""
    facts = news | {"activity": activity.id, "title": activity.title}
    outbox.put_all({f"activity:{key}:{person.hex}": person for person in people}, topic=ACTIVITY, facts=facts)


def _its_people(activity: Activity) -> Select[UUID]:
    if activity.group_id is not None:
        others = select(ActivityHost.group_id).where(ActivityHost.activity_id == activity.id)
        theirs = or_(Membership.group_id == activity.group_id, Membership.group_id.in_(others))
        return select(Membership.person_id).where(theirs, Membership.left_at.is_(None))
    return (
        select(CheckIn.person_id)
        .join(Activity, (Activity.office_id == CheckIn.office_id) & (Activity.id == CheckIn.activity_id))
        .where(Activity.area_id == activity.area_id, CheckIn.checked_in_at > now() - CAME_LATELY)
        .where(CheckIn.state == "recorded")
        .distinct()
    )
