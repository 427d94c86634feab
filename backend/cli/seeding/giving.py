"""Gifts: to the pot of one's household, and to the charity pool."""

from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select

from backend.cli.seeding.beginning import DAYS, began_at, communities, residents_of
from backend.cli.seeding.shops import spendable
from backend.cli.seeding.sizes import Size
from backend.foundation.clock import as_of
from backend.foundation.db import session
from backend.foundation.ids import uuid7
from backend.foundation.tenancy import office_in_force
from backend.ledger import drafts
from backend.ledger.accounts import CHARITY_POOL, household_pot
from backend.ledger.posting import post_many
from backend.people.gifts import REASONS
from backend.people.models import Gift
from backend.places.offices import the_book

EACH = 20  # of so many people who could, one gives
AT_ONCE = 50


def is_there() -> bool:
    return session().scalars(select(Gift.id).limit(1)).first() is not None


def make(size: Size, dice: Random) -> None:
    """In the last days of the history one in twenty gives 5 points or more of what they have left."""
    end = began_at() + timedelta(days=DAYS - 2)
    rows: list[dict[str, Any]] = []
    for area in communities():
        people = residents_of(area)
        left = spendable(people, until=end)
        homes = {person.id: person.household_id for person in people}
        for person_id in dice.sample(list(left), len(left) // EACH):
            if left[person_id] >= 5:
                home = homes[person_id] if dice.random() < 0.6 else None
                rows.append({"person_id": person_id, "household_id": home, "points": dice.randint(5, left[person_id])})
    for first in range(0, len(rows), AT_ONCE):
        _give(rows[first : first + AT_ONCE], at_minute=first, size=size)


def _give(rows: list[dict[str, Any]], *, at_minute: int, size: Size) -> None:
    at = began_at() + timedelta(days=DAYS - 2, minutes=at_minute % 1000)
    with as_of(at):
        posted = []
        for row in rows:
            to = "household" if row["household_id"] else "charity_pool"
            figures = drafts.fingerprint_of("gift", to=to, points=row["points"], note=None)
            row |= {
                "office_id": office_in_force(),
                "id": uuid7(),
                "note_sealed": None,
                "request_key": "seed",
                "request_fingerprint": figures,
                "entry_id": uuid7(),
                "given_at": at,
            }
            posted.append(
                drafts.gift(
                    person=str(row["person_id"]),
                    to=household_pot(str(row["household_id"])) if row["household_id"] else CHARITY_POOL,
                    points=row["points"],
                    key="seed",
                    fingerprint=figures,
                    told=drafts.Told(REASONS[to], f"person:{row['person_id']}", f"gift:{row['id']}", at),
                    entry_id=row["entry_id"],
                )
            )
        session().execute(insert(Gift), rows)
        post_many(the_book(), posted)
