"""Entries waiting to be posted. Each function here says what one kind of entry moves and under which key."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.foundation.clock import shanghai_day
from backend.foundation.ids import uuid7
from backend.ledger.accounts import (
    ISSUANCE,
    MINUTES,
    MOST,
    SERVICE,
    VINTAGE,
    WALLETS,
    Account,
    Lot,
    budget_account,
    fund_account,
    group_wallet,
    held_of,
    last_day_for,
    person_wallet,
)
from backend.ledger.kinds import CLIENT_KEYED, RESOLUTIONS, REVERSALS, Posting
from backend.ledger.plans import Payment, Plan


@dataclass(frozen=True)
class Told:
    """Who caused an entry, for what, why and when. `reason` is in Chinese: residents read it."""

    reason: str
    actor: str
    origin: str
    at: datetime


@dataclass(frozen=True)
class Draft:
    """One entry that has not happened yet."""

    kind: str
    key: str
    told: Told
    postings: tuple[Posting, ...] = ()
    plan: Plan | None = None
    fingerprint: bytes | None = None
    resolves_id: UUID | None = None
    reverses_id: UUID | None = None
    hold_expires_at: datetime | None = None
    id: UUID = field(default_factory=uuid7)  # chosen beforehand, so that the business row can name its entry

    def __post_init__(self) -> None:
        """A draft that cannot be right is a bug of whoever wrote it, found before the database is touched."""
        if not self.key.startswith(f"{self.kind}:") or len(self.key) > 240:
            raise ValueError(f"the key of a {self.kind} begins with its kind: {self.key}")
        if not (
            0 < len(self.told.reason) <= 200 and 0 < len(self.told.actor) <= 80 and 0 < len(self.told.origin) <= 80
        ):
            raise ValueError(f"{self.key}: reason, actor and origin are needed, and have their measure")
        if (self.fingerprint is not None) != (self.kind in CLIENT_KEYED):
            raise ValueError(f"{self.key}: a fingerprint belongs to a client's key")
        if (self.resolves_id is not None) != (self.kind in RESOLUTIONS):
            raise ValueError(f"{self.key}: only what resolves a hold names one")
        if (self.reverses_id is not None) != (self.kind in REVERSALS):
            raise ValueError(f"{self.key}: only what undoes an entry names one")
        if (self.hold_expires_at is not None) != (self.kind == "hold"):
            raise ValueError(f"{self.key}: only a hold ends at an instant")
        if bool(self.postings) == (self.plan is not None):
            raise ValueError(f"{self.key}: postings or a plan, not both")
        for posting in self.postings:
            if not posting.is_allowed_in(self.kind):
                raise ValueError(f"{self.key}: a {self.kind} does not move {posting}")
            if type(posting.amount) is not int or not 1 <= posting.amount <= MOST:
                raise ValueError(f"{self.key}: {posting.amount} is not an amount")

        if len(self.may_gain) > 1:
            raise ValueError(f"{self.key}: an entry brings points into one wallet, which then repays what it owes")

    @property
    def sides(self) -> set[Account]:
        """Every account it may touch."""
        sides = {side for posting in self.postings for side in (posting.source, posting.destination)}
        return sides | (self.plan.sides if self.plan else set())

    @property
    def lots(self) -> set[Lot]:
        """Every lot it may bring into an account that never had it."""
        return {posting.lot for posting in self.postings} | (self.plan.lots if self.plan else set())

    @property
    def may_gain(self) -> set[Account]:
        """The wallet that it brings points into, so that it repays what it owes."""
        gaining = {posting.destination for posting in self.postings if posting.lot.form == "D"}
        gaining |= {self.plan.destination} if isinstance(self.plan, Payment) else set()
        return {account for account in gaining if account.kind in WALLETS}

    @property
    def day(self) -> date:
        """The Shanghai day on which it happens: the day that last days are compared with."""
        return shanghai_day(self.told.at)

    def planned(self, postings: tuple[Posting, ...]) -> "Draft":
        """The same entry with its plan spelt out."""
        return replace(self, plan=None, postings=postings)


def fingerprint_of(kind: str, **figures: Any) -> bytes:
    """What a client's key stands for: the kind and the client's own fields, nothing that time or the server adds."""
    return hashlib.sha256(json.dumps([kind, figures], sort_keys=True, default=str).encode()).digest()


def allocate(*, fund: str, points: int, allocation: str, told: Told, entry_id: UUID) -> Draft:
    """Issue points into a fund; decided by a second officer before."""
    lot = Lot.undated(fund)
    return Draft(
        "allocate", f"allocate:{allocation}", told, (Posting(lot, ISSUANCE, fund_account(fund), points),), id=entry_id
    )


def withdraw(*, fund: str, points: int, request: str, told: Told, entry_id: UUID) -> Draft:
    """Take points out of a fund again; decided by two officers before."""
    move = Posting(Lot.undated(fund), fund_account(fund), ISSUANCE, points)
    return Draft("withdraw", f"withdraw:{request}", told, (move,), id=entry_id)


def reserve(*, fund: str, activity: str, points: int, edit: int, told: Told, entry_id: UUID) -> Draft:
    """Set a fund's points aside for an activity; `edit` counts its reservations."""
    move = Posting(Lot.undated(fund), fund_account(fund), budget_account(activity), points)
    return Draft("reserve", f"reserve:{activity}:{edit}", told, (move,), id=entry_id)


def give_back(*, fund: str, activity: str, points: int, version: int, told: Told, entry_id: UUID) -> Draft:
    """Return what an activity did not use; `version` is the budget's, so that each return happens once."""
    move = Posting(Lot.undated(fund), budget_account(activity), fund_account(fund), points)
    return Draft("return", f"return:{activity}:{version}", told, (move,), id=entry_id)


def award(
    *, fund: str, payer: Account, wallet: Account, points: int, origin: str, undone: int, told: Told, entry_id: UUID
) -> Draft:
    """Give points a last day and put them into a wallet; paid by a budget or, when that is settled, by its fund.

    The key is the origin (what was earned) and how often it was undone: a second award for it is a replay.
    """
    dated = Lot.dated(fund, last_day_for(shanghai_day(told.at)))
    moves = (Posting(Lot.undated(fund), payer, VINTAGE, points), Posting(dated, VINTAGE, wallet, points))
    return Draft("award", f"award:{origin}:{undone}", told, moves, id=entry_id)


def serve(*, person: str, minutes: int, origin: str, undone: int, told: Told, entry_id: UUID) -> Draft:
    """Record minutes of service, exact and permanent."""
    move = Posting(MINUTES, SERVICE, person_wallet(person), minutes)
    return Draft("serve", f"serve:{origin}:{undone}", told, (move,), id=entry_id)


def hold(
    *,
    wallet: Account,
    points: int,
    person: str,
    key: str,
    fingerprint: bytes,
    expires_at: datetime,
    told: Told,
    entry_id: UUID,
) -> Draft:
    """Set a wallet's points aside for a redemption until an instant; the person's own key makes it happen once."""
    return Draft(
        "hold",
        f"hold:{person}:{key}",
        told,
        plan=Payment(wallet, held_of(wallet), points),
        fingerprint=fingerprint,
        hold_expires_at=expires_at,
        id=entry_id,
    )


def gift(*, person: str, to: Account, points: int, key: str, fingerprint: bytes, told: Told, entry_id: UUID) -> Draft:
    """A person's points for the household's pot or the charity pool; last days go along."""
    paid = Payment(person_wallet(person), to, points)
    return Draft("gift", f"gift:{person}:{key}", told, plan=paid, fingerprint=fingerprint, id=entry_id)


def thank(
    *, group: str, to: Account, points: int, by: str, key: str, fingerprint: bytes, told: Told, entry_id: UUID
) -> Draft:
    """A group's points for a person, or a minor's household, given by one of its leaders under a key of theirs."""
    paid = Payment(group_wallet(group), to, points)
    return Draft("thank", f"thank:{by}:{key}", told, plan=paid, fingerprint=fingerprint, id=entry_id)


def transfer(
    *, source: Account, destination: Account, points: int | None, request: str, told: Told, entry_id: UUID
) -> Draft:
    """Live points from one wallet or pool to another, decided by two persons; all of them where `points` is None."""
    return Draft("transfer", f"transfer:{request}", told, plan=Payment(source, destination, points), id=entry_id)


def transfer_minutes(*, source: str, destination: str, minutes: int, request: str, told: Told, entry_id: UUID) -> Draft:
    """Minutes of service from one account of a person to another of the same person, decided by two persons.

    It goes by itself, in a transaction of its own: an award with its minutes locks both without taking a turn at the
    wallet, so whoever plans on the wallet's points must not want its minutes too.
    """
    move = Posting(MINUTES, person_wallet(source), person_wallet(destination), minutes)
    return Draft("transfer", f"transfer:{request}", told, (move,), id=entry_id)
