"""Giving one's own points away: to the pot of one's household, or to the charity pool (爱心池).

Points go as they are: the earliest last day first, and the last day goes along. What is on hold cannot be given.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.crypto import same
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Replan
from backend.foundation.ids import uuid7
from backend.ledger import drafts
from backend.ledger.accounts import CHARITY_POOL, Account, household_pot
from backend.ledger.errors import KeyReused
from backend.ledger.posting import post
from backend.people.errors import GiftTooEarly, MinorCannotGive, NoHousehold, PhoneNeeded
from backend.people.models import Gift, Person
from backend.places.offices import the_book

MEMBER_FOR_DAYS = 30  # before somebody may give to the pot; see product.md, "household"

REASONS = {"household": "赠送给家庭积分", "charity_pool": "赠送给爱心池"}


def give(*, to: str, points: int, by: Caller, key: str, note: str | None = None) -> tuple[Gift, bool]:
    """Give points of one's own wallet `to` the "household" or the "charity_pool"; the gift, and whether it is new.

    The same key answers the first one; for something else it is `KeyReused`. Raises `PhoneNeeded`, `MinorCannotGive`,
    `NoHousehold`, `GiftTooEarly` or `InsufficientPoints`.
    """
    figures = drafts.fingerprint_of("gift", to=to, points=points, note=note)
    first = _asked_before(by, key, figures)
    if first is not None:
        return first, False
    giver = find(Person, by.person_id)
    if giver.verified == "none":
        raise PhoneNeeded()
    if giver.age_class != "adult":
        raise MinorCannotGive()
    at = now()
    gift = insert_once(
        Gift,
        person_id=giver.id,
        household_id=_household_to_give_to(giver, at=at) if to == "household" else None,
        points=points,
        note=note or None,
        request_key=key,
        request_fingerprint=figures,
        entry_id=uuid7(),
        given_at=at,
    )
    if gift is None:  # A twin request was faster.
        raise Replan()
    post(
        the_book(),
        drafts.gift(
            person=str(giver.id),
            to=_receiver(gift),
            points=points,
            key=key,
            fingerprint=figures,
            told=drafts.Told(REASONS[to], f"person:{giver.id}", f"gift:{gift.id}", at),
            entry_id=gift.entry_id,
        ),
    )
    return gift, True


def _asked_before(by: Caller, key: str, figures: bytes) -> Gift | None:
    first = session().scalar(select(Gift).where(Gift.person_id == by.person_id, Gift.request_key == key))
    if first is not None and not same(first.request_fingerprint, figures):
        raise KeyReused()
    return first


def _household_to_give_to(giver: Person, *, at: datetime) -> UUID:
    """A household moved into 30 days ago: nobody collects other people's points by moving from door to door."""
    if giver.household_id is None:
        raise NoHousehold()
    if giver.household_since is not None:
        first_day = shanghai_day(giver.household_since) + timedelta(days=MEMBER_FOR_DAYS)
        if shanghai_day(at) < first_day:
            said = f"{first_day.year}年{first_day.month}月{first_day.day}日"
            raise GiftTooEarly(days=MEMBER_FOR_DAYS, day=said, first_day=first_day)
    return giver.household_id


def _receiver(gift: Gift) -> Account:
    return CHARITY_POOL if gift.household_id is None else household_pot(str(gift.household_id))
