"""How much others may spend for somebody: in one go, and on one day (Asia/Shanghai).

A card's PIN, the desk and the head of the household count together; what somebody redeems with their own phone does
not. For a personal code the person is asked on their phone above a limit.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from backend.foundation.clock import shanghai_day, start_of_day
from backend.foundation.db import session
from backend.merchants.errors import AssistedCapReached
from backend.merchants.models import Redemption
from backend.people.models import Person
from backend.people.persons import selves_of

ASSISTED = ("card", "desk", "household")


@dataclass(frozen=True)
class Caps:
    """The limits of the office, in points."""

    a_day: int
    at_once: int
    unconfirmed: int  # what a counter takes for a code without asking the phone it is on
    alone_for_group: int  # what one leader may spend of a group's wallet, unless the group has its own limit


def keep_to_caps(person: Person, points: int, *, channel: str, caps: Caps, at: datetime) -> None:
    """Raises `AssistedCapReached`. What was released or voided counts no more.

    The person's row is ours until the deed ends, so two counters at once see each other.
    """
    if channel not in ASSISTED:
        return
    if points > caps.at_once:
        raise AssistedCapReached(cap="at_once", limit=caps.at_once, left=caps.at_once, points=points)
    session().scalar(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
    spent = session().scalars(
        select(func.coalesce(func.sum(Redemption.points), 0)).where(
            Redemption.person_id.in_(selves_of(person.id)),
            Redemption.channel.in_(ASSISTED),
            Redemption.state.in_(("held", "captured")),
            Redemption.held_at >= start_of_day(shanghai_day(at)),
        )
    )
    left = max(0, caps.a_day - int(spent.one()))
    if points > left:
        raise AssistedCapReached(cap="a_day", limit=caps.a_day, left=left, points=points)
