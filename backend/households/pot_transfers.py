"""What a pot gets by itself: what a minor had earned before there was one, and what is left in a merged household's.

Each is one ledger `transfer` of all that is live, under the id of its row. What comes later (a hold released, a
purchase taken back, points of a minor who moved in) goes the same way, by the worker's job.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import add, find, session
from backend.foundation.errors import Replan
from backend.foundation.ids import uuid7
from backend.households.transfer_models import PotTransfer
from backend.ledger import drafts, sweeps
from backend.ledger.accounts import Account, household_pot, person_wallet
from backend.ledger.errors import InsufficientPoints
from backend.ledger.posting import post
from backend.ledger.reading import moves_of, wallet_of
from backend.people.models import Person
from backend.places.models import Household
from backend.places.offices import the_book

REASONS = {"minor": "未成年人积分转入家庭积分", "merge": "合户转入家庭积分"}


def to_be_moved(limit: int) -> list[Account]:
    """Wallets of minors who live in a household, and pots of merged households, with points of the office in force."""
    minors = select(Person.id).where(
        Person.age_class != "adult", Person.household_id.is_not(None), Person.merged_into_id.is_(None)
    )
    merged = select(Household.id).where(Household.merged_into_id.is_not(None))
    wallets = [person_wallet(str(person_id)) for person_id in session().scalars(minors)]
    wallets += [household_pot(str(household_id)) for household_id in session().scalars(merged)]
    found: list[Account] = []
    for first in range(0, len(wallets), 500):
        for wallet in sweeps.not_empty(the_book(), wallets[first : first + 500], today=shanghai_day(now())):
            if wallet_of(the_book(), wallet, today=shanghai_day(now())).available:  # and not only minutes
                found.append(wallet)
    return found[:limit]


def move(wallet: Account) -> bool:
    """Move what is there now to where it belongs; whether there was anything."""
    if wallet.kind == "household":
        return move_pot(UUID(wallet.owner), actor="system:clock")
    person = find(Person, UUID(wallet.owner), locked=True)
    if person.age_class == "adult" or person.household_id is None:  # not so any more
        return False
    return _move("minor", wallet, into_id=person.household_id, actor="system:clock", person_id=person.id)


def move_pot(household_id: UUID, *, actor: str) -> bool:
    """The pot of a merged household goes to the one it was merged into."""
    home = find(Household, household_id)
    if home.merged_into_id is None:
        return False
    pot = household_pot(str(home.id))
    return _move("merge", pot, into_id=home.merged_into_id, actor=actor, household_id=home.id)


def _move(cause: str, wallet: Account, *, into_id: UUID, actor: str, **whose: UUID) -> bool:
    at: datetime = now()
    if not wallet_of(the_book(), wallet, today=shanghai_day(at)).available:
        return False
    transfer_id = uuid7()
    draft = drafts.transfer(
        source=wallet,
        destination=household_pot(str(into_id)),
        points=None,
        request=str(transfer_id),
        told=drafts.Told(REASONS[cause], actor, f"pot_transfer:{transfer_id}", at),
        entry_id=uuid7(),
    )
    try:
        posted = post(the_book(), draft)
    except InsufficientPoints:  # All was spent, or moved by another worker, between the look and the lock.
        raise Replan() from None
    add(
        PotTransfer(
            id=transfer_id,
            cause=cause,
            into_id=into_id,
            points=sum(each.amount for each in moves_of(the_book(), posted.id) if each.source == wallet),
            entry_id=posted.id,
            moved_at=at,
            **whose,
        )
    )
    return True
