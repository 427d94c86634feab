"""Points end in 30 or in 7 days: their owner is told once for each, of a household's pot its head.

A look without locks, then a deed per message: it may be repeated, killed half-way and run by several workers at once,
because a message is laid out once per key. A worker that was down catches up, with the nearer notice only.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select

from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import session
from backend.foundation.outbox import laid_out, put
from backend.ledger.accounts import Account
from backend.ledger.expiring import Ending, ending
from backend.ledger.reading import wallet_of
from backend.messages.texts import EXPIRY
from backend.people.models import Person
from backend.places.offices import the_book

FAR, NEAR = 30, 7  # days before the last day
_LOOKED_AT_ONCE = 300


@dataclass(frozen=True)
class ExpiryNotice:
    """What one person is to be told: points of that wallet end on that day."""

    key: str
    person_id: UUID
    wallet: Account
    expires_on: date
    days: int  # which notice: 30 or 7 days before


def due_notices(today: date, limit: int) -> list[ExpiryNotice]:
    """Notices due on that day (Asia/Shanghai) in the office in force that nobody was given yet."""
    due: list[ExpiryNotice] = []
    for batch in ending(the_book(), since=today, until=today + timedelta(days=FAR), at_once=_LOOKED_AT_ONCE):
        notices = _notices(batch, today)
        known = laid_out([notice.key for notice in notices])
        due += [notice for notice in notices if notice.key not in known]
        if len(due) >= limit:
            break
    return due[:limit]


def notify(notice: ExpiryNotice) -> bool:
    """Lay the notice out, with what still lies there; whether there was something new to say."""
    there = wallet_of(the_book(), notice.wallet, today=shanghai_day(now()))
    points = dict(there.expiring).get(notice.expires_on, 0)
    if not points:
        return False
    facts = {
        "points": points,
        "expires_on": notice.expires_on.isoformat(),
        "days": notice.days,
        "wallet": "household" if notice.wallet.kind == "household" else "own",
    }
    return put(notice.key, topic=EXPIRY, person_id=notice.person_id, facts=facts)


def _notices(batch: list[Ending], today: date) -> list[ExpiryNotice]:
    told_of = _told_of_pots({UUID(each.wallet.owner) for each in batch if each.wallet.kind == "household"})
    notices = []
    for each in batch:
        days = NEAR if today >= each.last_day - timedelta(days=NEAR) else FAR
        key = f"expiry:{each.account_id}:{each.last_day}:{days}"
        owner = UUID(each.wallet.owner)
        if each.wallet.kind == "person":
            receivers = {owner: key}
        else:
            receivers = {person.id: f"{key}:{person.id}" for person in told_of.get(owner, ())}
        notices += [
            ExpiryNotice(own_key, person_id, each.wallet, each.last_day, days)
            for person_id, own_key in receivers.items()
        ]
    return notices


def _told_of_pots(household_ids: set[UUID]) -> dict[UUID, list[Person]]:
    """Of each household its head, or without one every grown-up."""
    if not household_ids:
        return {}
    found = session().scalars(
        select(Person)
        .where(
            Person.household_id.in_(household_ids),
            or_(Person.household_role == "head", Person.age_class == "adult"),
        )
        .order_by(Person.id)
    )
    told_of: dict[UUID, list[Person]] = {}
    for person in found:
        if person.household_id is not None:
            told_of.setdefault(person.household_id, []).append(person)
    return {
        household_id: [person for person in members if person.household_role == "head"][:1] or members
        for household_id, members in told_of.items()
    }
