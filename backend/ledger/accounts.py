"""What an account and a lot are. Their ids are hashes of that, so nobody looks one up and an altered one shows."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self
from uuid import NAMESPACE_OID, UUID, uuid5

MOST = 2**53 - 1  # the largest amount and balance: every JSON reader keeps it exactly
UNDATED = date(9999, 12, 31)

WALLETS = ("person", "household", "group")
POTS = (*WALLETS, "charity_pool")  # where dated points lie until somebody spends them

# They stand for the outside: no balance row, so nobody waits for them; their figures are sums of postings.
UNBOUNDED = frozenset({"issuance", "vintage", "merchant", "service", "payable", "paid"})

# Rows are locked in this order by everybody: what is planned on (also the pool) before everything else, because plans
# are made first; budgets and funds, for which most people wait, last and shortest.
_LOCK_RANK = dict.fromkeys(WALLETS, 0) | {
    "charity_pool": 1,
    "recoverable": 2,
    "held": 3,
    "activity_budget": 4,
    "fund": 4,
}

BOUNDED = frozenset(_LOCK_RANK)

_ACCOUNTS = uuid5(NAMESPACE_OID, "xingfu.ledger.accounts")
_LOTS = uuid5(NAMESPACE_OID, "xingfu.ledger.lots")


@dataclass(frozen=True, order=True)
class Account:
    kind: str
    owner: str  # an opaque id, never a name

    def id_in(self, book_id: int) -> UUID:
        return uuid5(_ACCOUNTS, f"{book_id}\n{self.kind}\n{self.owner}")

    @property
    def is_bounded(self) -> bool:
        return self.kind not in UNBOUNDED

    @property
    def lock_rank(self) -> int:
        return _LOCK_RANK[self.kind]


@dataclass(frozen=True, order=True)
class Lot:
    """Points of one fund with one last day (Asia/Shanghai), or the one lot of another unit."""

    unit: str
    fund: str
    last_day: date

    def id_in(self, book_id: int) -> UUID:
        return uuid5(_LOTS, f"{book_id}\n{self.unit}\n{self.fund}\n{self.last_day.isoformat()}")

    @property
    def form(self) -> str:
        """U undated points, D dated points, else the unit."""
        if self.unit != "points":
            return self.unit
        return "U" if self.last_day == UNDATED else "D"

    @property
    def is_sane(self) -> bool:
        """Dated points are good to the end of a year of our time."""
        return self.form != "D" or (2000 <= self.last_day.year <= 2999 and self.last_day.strftime("%m%d") == "1231")

    @classmethod
    def undated(cls, fund: str) -> Self:
        return cls("points", fund, UNDATED)

    @classmethod
    def dated(cls, fund: str, last_day: date) -> Self:
        return cls("points", fund, last_day)


MINUTES = Lot("minutes", "", UNDATED)
FEN = Lot("fen", "", UNDATED)
OWED = Lot("owed", "", UNDATED)

ISSUANCE = Account("issuance", "")
VINTAGE = Account("vintage", "")
SERVICE = Account("service", "")
PAYABLE = Account("payable", "")
PAID = Account("paid", "")

CHARITY_POOL = Account("charity_pool", "")


def fund_account(fund: str) -> Account:
    return Account("fund", fund)


def budget_account(activity: str) -> Account:
    """What is set aside for one activity; its lots say from which fund."""
    return Account("activity_budget", activity)


def person_wallet(person: str) -> Account:
    return Account("person", person)


def household_pot(household: str) -> Account:
    return Account("household", household)


def group_wallet(group: str) -> Account:
    return Account("group", group)


def merchant_account(merchant: str) -> Account:
    return Account("merchant", merchant)


def held_of(wallet: Account) -> Account:
    """Where a wallet's points wait while they are on hold."""
    return Account("held", f"{wallet.kind}:{wallet.owner}")


def recoverable_of(wallet: Account) -> Account:
    """What a wallet was given by mistake, had already spent, and still owes."""
    return Account("recoverable", f"{wallet.kind}:{wallet.owner}")


def wallet_owing(recoverable: Account) -> Account:
    """The wallet of a `recoverable` account."""
    kind, _, owner = recoverable.owner.partition(":")
    return Account(kind, owner)


def last_day_for(day_of_award: date) -> date:
    """Points earned in a calendar year are valid to 31 December of the next."""
    return date(day_of_award.year + 1, 12, 31)


def last_day_of_returned(today: date) -> date:
    """The earliest 31 December at least 30 days ahead: a merchant's mistake never costs a resident."""
    this_year = date(today.year, 12, 31)
    return this_year if this_year - today >= timedelta(days=30) else date(today.year + 1, 12, 31)
