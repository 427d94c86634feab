"""Somebody is gone: they died, or leave us for good. What they have in hand ends, and their wallet goes on.

The dead leave their points to the pot of their household, and without one to the charity pool, as everybody does who
leaves for good. What comes into the wallet later (a purchase taken back, an award that waited) goes the same way.
Minutes stay what they are: the record of a person's service.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update

from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import add, find, insert_once, session
from backend.foundation.errors import NotFound, Replan
from backend.foundation.ids import uuid7
from backend.ledger import drafts, sweeps
from backend.ledger.accounts import CHARITY_POOL, Account, household_pot, person_wallet
from backend.ledger.errors import InsufficientPoints
from backend.ledger.posting import post_many
from backend.ledger.reading import moves_of, wallet_of
from backend.people.devices import end_devices_of
from backend.people.models import Card, Person
from backend.people.parting_models import Bequest, Parting
from backend.people.roles import roles_of, withdraw_role
from backend.people.standing import be_gone
from backend.people.verification_models import Phone
from backend.places.models import Household
from backend.places.offices import the_book

# What a higher floor ends when somebody is gone: it changes its own rows and returns what the ledger has to post, the
# release of holds. Arguments are the person, who does it (as ledger entries name them) and the instant.
LetGo = Callable[[Person, str, datetime], list[drafts.Draft]]

REASONS = {"death": "居民离世，积分转入{heir}", "erasure": "注销账号，积分转入{heir}"}


def part(
    person_id: UUID, *, cause: str, recorder_id: UUID | None, let_go: Iterable[LetGo], died_on: date | None = None
) -> Parting:
    """Let somebody go, in one deed: holds, roles, devices, the card and the phone end, and their points go on.

    Whoever calls this has asked whether it may be. Raises `NotFound` for who is gone already or was merged away,
    `LastOfficer`.
    """
    locked = select(Person).where(Person.id == person_id).with_for_update(key_share=True)
    person = session().scalar(locked.execution_options(populate_existing=True))
    if person is None or person.parted_at is not None or person.merged_into_id is not None:
        raise NotFound()
    at = now()
    parting = insert_once(
        Parting,
        person_id=person.id,
        cause=cause,
        recorder_id=recorder_id,
        household_id=person.household_id if cause == "death" else None,
        died_on=died_on,
        parted_at=at,
    )
    if parting is None:
        raise Replan()
    for role in roles_of(person.id):
        withdraw_role(role, withdrawn_by_id=recorder_id, reason=cause)
    end_devices_of(person.id, reason="gone")
    session().execute(update(Card).where(Card.person_id == person.id, Card.blocked_at.is_(None)).values(blocked_at=at))
    session().execute(delete(Phone).where(Phone.person_id == person.id))
    be_gone(person, at=at)
    actor = f"person:{recorder_id}" if recorder_id else "system:clock"
    released = [draft for each in let_go for draft in each(person, actor, at)]
    _leave(parting, released, actor=actor)
    return parting


def still_left(limit: int) -> list[UUID]:
    """Partings of the office in force after which something came into the wallet."""
    found: list[UUID] = []
    partings = {str(row.person_id): row.id for row in session().execute(select(Parting.person_id, Parting.id))}
    owners = list(partings)
    for first in range(0, len(owners), 500):
        wallets = [person_wallet(owner) for owner in owners[first : first + 500]]
        found += [partings[wallet.owner] for wallet in sweeps.not_empty(the_book(), wallets, today=shanghai_day(now()))]
    return found[:limit]


def pass_on(parting_id: UUID) -> bool:
    """Let what came later go the same way; whether there was anything."""
    return _leave(find(Parting, parting_id), [], actor="system:clock")


def _leave(parting: Parting, released: Collection[drafts.Draft], *, actor: str) -> bool:
    """Post what was released and everything that is then in the wallet, at once."""
    at = now()
    wallet = person_wallet(str(parting.person_id))
    if not wallet_of(the_book(), wallet, today=shanghai_day(at)).available + _coming(released, wallet, at):
        post_many(the_book(), list(released))
        return False
    n = session().scalars(select(func.count()).where(Bequest.parting_id == parting.id)).one()
    heir, household_id = _heir(parting)
    said = REASONS[parting.cause].format(heir="家庭积分" if household_id else "爱心池")
    left = drafts.transfer(
        source=wallet,
        destination=heir,
        points=None,
        request=f"{parting.id}:{n}",
        told=drafts.Told(said, actor, f"parting:{parting.id}", at),
        entry_id=uuid7(),
    )
    try:
        posted = post_many(the_book(), [*released, left])[-1]
    except InsufficientPoints:  # All was spent between the look and the lock.
        raise Replan() from None
    if posted.is_replay:  # Another worker was faster; there may be more by now.
        raise Replan()
    add(
        Bequest(
            parting_id=parting.id,
            n=n,
            source_id=parting.person_id,
            household_id=household_id,
            points=sum(move.amount for move in moves_of(the_book(), posted.id) if move.source == wallet),
            entry_id=posted.id,
            left_at=at,
        )
    )
    return True


def _coming(released: Iterable[drafts.Draft], wallet: Account, at: datetime) -> int:
    """How many live points the releases bring into the wallet."""
    return sum(
        posting.amount
        for draft in released
        for posting in draft.postings
        if posting.destination == wallet and posting.lot.last_day >= shanghai_day(at)
    )


def _heir(parting: Parting) -> tuple[Account, UUID | None]:
    """The pot of the household, or of the one it has become since; else the charity pool."""
    if parting.household_id is None:
        return CHARITY_POOL, None
    home = find(Household, parting.household_id)
    household_id = home.merged_into_id or home.id
    return household_pot(str(household_id)), household_id
