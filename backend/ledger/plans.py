"""What an entry takes from an account is planned while every row of that account is locked. No database in here.

A plan names the accounts it depends on; `spelt_out` says what moves, given what lies there at its turn in the batch.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from backend.foundation.errors import Replan
from backend.ledger.accounts import ISSUANCE, MOST, OWED, VINTAGE, Account, Lot, fund_account, recoverable_of
from backend.ledger.errors import AwardExpired, InsufficientPoints
from backend.ledger.kinds import Posting
from backend.ledger.spending import Holding, live, take


class Contents:
    """What lies in the locked accounts, kept up to date while a batch is spelt out."""

    def __init__(self, book_id: int) -> None:
        self._book_id = book_id
        self._holdings: dict[Account, dict[Lot, Holding]] = defaultdict(dict)

    def __len__(self) -> int:
        return sum(len(lots) for lots in self._holdings.values())

    def put(self, account: Account, holding: Holding) -> None:
        self._holdings[account][holding.lot] = holding

    def of(self, account: Account) -> list[Holding]:
        return list(self._holdings[account].values())

    def one(self, account: Account, lot: Lot) -> Holding:
        return self._holdings[account].get(lot) or Holding(lot, lot.id_in(self._book_id), 0)

    def move(self, postings: Iterable[Posting]) -> None:
        """Later entries of a batch plan on what the earlier ones leave."""
        for posting in postings:
            for account, amount in ((posting.source, -posting.amount), (posting.destination, posting.amount)):
                before = self.one(account, posting.lot)
                self.put(account, replace(before, balance=before.balance + amount))


class Plan(Protocol):
    """Something to be spelt out under lock."""

    @property
    def depends_on(self) -> set[Account]:
        """Whose contents decide what moves."""

    @property
    def sides(self) -> set[Account]:
        """Every account it may touch."""

    @property
    def lots(self) -> set[Lot]:
        """Lots that it may bring into an account which never had them."""

    def spelt_out(self, has: Contents, today: date) -> tuple[Posting, ...]:
        """What moves. Raises what the ledger refuses, or `Replan`."""


@dataclass(frozen=True)
class Payment:
    """Points taken from live lots, earliest last day first; everything that is live where `points` is None."""

    account: Account
    destination: Account
    points: int | None

    def __post_init__(self) -> None:
        if self.points is not None:
            _is_amount(self.points)
        if self.account == self.destination:
            raise ValueError(f"{self.account} does not move anything to itself")

    @property
    def depends_on(self) -> set[Account]:
        return {self.account}

    @property
    def sides(self) -> set[Account]:
        return {self.account, self.destination}

    @property
    def lots(self) -> set[Lot]:
        return set()

    def spelt_out(self, has: Contents, today: date) -> tuple[Posting, ...]:
        good = live(has.of(self.account), today=today)
        available = sum(holding.balance for holding in good)
        wanted = max(available, 1) if self.points is None else self.points
        taken = take(good, wanted)
        if taken is None:
            raise InsufficientPoints(required=wanted, available=available)
        return tuple(Posting(lot, self.account, self.destination, amount) for lot, amount in taken)


@dataclass(frozen=True)
class TakingBack:
    """An award undone: what the wallet still has of it returns to who paid, the rest is owed.

    Nothing is owed for points whose last day has passed: they would have gone back by themselves.
    """

    account: Account
    lot: Lot
    points: int
    payer: Account  # the activity's budget, or the fund when that is settled

    def __post_init__(self) -> None:
        _is_amount(self.points)

    @property
    def depends_on(self) -> set[Account]:
        return {self.account, recoverable_of(self.account)}

    @property
    def sides(self) -> set[Account]:
        return {self.account, self.payer, VINTAGE, ISSUANCE, recoverable_of(self.account)}

    @property
    def lots(self) -> set[Lot]:
        return {OWED, Lot.undated(self.lot.fund)}

    def spelt_out(self, has: Contents, today: date) -> tuple[Posting, ...]:
        back = min(self.points, has.one(self.account, self.lot).balance)
        owed = self.points - back if today <= self.lot.last_day else 0
        moves = _undated((self.lot, back), self.account, self.payer) if back else ()
        if owed:
            moves += (Posting(OWED, ISSUANCE, recoverable_of(self.account), owed),)
        if not moves:
            raise AwardExpired(last_day=self.lot.last_day)
        return moves


@dataclass(frozen=True)
class Recovery:
    """What a wallet owes, taken from its live lots, earliest first; each lot returns to its own fund.

    Nothing moves when nothing is owed or nothing is there.
    """

    account: Account

    @property
    def depends_on(self) -> set[Account]:
        return {self.account, recoverable_of(self.account)}

    @property
    def sides(self) -> set[Account]:
        return {self.account, recoverable_of(self.account), VINTAGE, ISSUANCE}

    @property
    def lots(self) -> set[Lot]:
        return set()

    def spelt_out(self, has: Contents, today: date) -> tuple[Posting, ...]:
        good = live(has.of(self.account), today=today)
        owing = recoverable_of(self.account)
        points = min(has.one(owing, OWED).balance, sum(holding.balance for holding in good))
        if not points:
            return ()
        moves: tuple[Posting, ...] = (Posting(OWED, owing, ISSUANCE, points),)
        for part in take(good, points) or ():
            moves += _undated(part, self.account, fund_account(part[0].fund))
        return moves


@dataclass(frozen=True)
class Expiry:
    """A whole lot whose last day has passed, back to its fund; of that version only, so that it happens once."""

    account: Account
    lot: Lot
    version: int

    @property
    def depends_on(self) -> set[Account]:
        return {self.account}

    @property
    def sides(self) -> set[Account]:
        return {self.account, VINTAGE, fund_account(self.lot.fund)}

    @property
    def lots(self) -> set[Lot]:
        return {Lot.undated(self.lot.fund)}

    def spelt_out(self, has: Contents, today: date) -> tuple[Posting, ...]:
        holding = has.one(self.account, self.lot)
        if not holding.balance or holding.version != self.version:
            raise Replan()  # somebody took it meanwhile: the sweep looks again
        return _undated((self.lot, holding.balance), self.account, fund_account(self.lot.fund))


def _is_amount(points: int) -> None:
    if type(points) is not int or not 1 <= points <= MOST:
        raise ValueError(f"{points} is not an amount")


def _undated(part: tuple[Lot, int], source: Account, destination: Account) -> tuple[Posting, ...]:
    """Dated points lose their last day on the way back to their own fund."""
    lot, amount = part
    return (
        Posting(lot, source, VINTAGE, amount),
        Posting(Lot.undated(lot.fund), VINTAGE, destination, amount),
    )
