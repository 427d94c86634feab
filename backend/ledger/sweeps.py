"""What the worker looks for: points whose last day has passed, wallets that can repay, and wallets nobody has any more.

A sweep is a look without locks and then a deed per row, which looks again: it may be repeated, killed half-way, and
run by several workers at once.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, select

from backend.foundation.clock import shanghai_day
from backend.ledger.accounts import OWED, POTS, Account, Lot, recoverable_of
from backend.ledger.book import Book, Place
from backend.ledger.drafts import Draft, Told
from backend.ledger.models import accounts, balances, lots
from backend.ledger.plans import Expiry, Recovery
from backend.ledger.posting import post
from backend.ledger.reading import balance_of, wallet_of


def expired(book: Book, *, today: date, limit: int) -> list[Place]:
    """Where points lie whose last day was before that day (Asia/Shanghai). What is on hold is left alone."""
    rows = book.session.execute(
        _lying(book, accounts.c.kind.in_(POTS), lots.c.unit == "points", lots.c.last_day < today).limit(limit)
    )
    return [(Account(row.kind, row.owner), Lot("points", row.fund, row.last_day)) for row in rows]


def expire(book: Book, place: Place, *, told: Told) -> bool:
    """Return a whole lot whose last day has passed to its fund; whether there was anything left to return."""
    account, lot = place
    balance, version = balance_of(book, account, lot)
    if not balance or shanghai_day(told.at) <= lot.last_day:
        return False
    key = f"expire:{account.id_in(book.id)}:{lot.id_in(book.id)}:{version}"
    return not post(book, Draft("expire", key, told, plan=Expiry(account, lot, version))).is_replay


def able_to_repay(book: Book, *, today: date, limit: int) -> list[Account]:
    """Wallets that owe something and have points that are good on that day."""
    owing = book.session.scalars(_lying(book, accounts.c.kind == "recoverable").with_only_columns(accounts.c.owner))
    wallets = [Account(*owner.split(":", 1)) for owner in owing]
    able: list[Account] = []
    for first in range(0, len(wallets), 500):
        by_id = {wallet.id_in(book.id): wallet for wallet in wallets[first : first + 500]}
        good = _lying(book, accounts.c.id.in_(by_id), lots.c.unit == "points", lots.c.last_day >= today)
        able += sorted({by_id[row.id] for row in book.session.execute(good)})
    return able[:limit]


def repay(book: Book, wallet: Account, *, told: Told) -> bool:
    """Take from a wallet's live points what it owes; whether there was anything to take."""
    has = wallet_of(book, wallet, today=shanghai_day(told.at))
    if not has.recoverable or not has.available:
        return False
    _, version = balance_of(book, recoverable_of(wallet), OWED)
    key = f"recover:{wallet.id_in(book.id)}:{version}"
    return not post(book, Draft("recover", key, told, plan=Recovery(wallet))).is_replay


def not_empty(book: Book, wallets: Sequence[Account], *, today: date) -> list[Account]:
    """Those of the wallets that have minutes, or points that are good on that day."""
    by_id = {wallet.id_in(book.id): wallet for wallet in wallets}
    good = lots.c.last_day >= today  # minutes have no last day
    rows = book.session.execute(_lying(book, accounts.c.id.in_(by_id), good))
    return sorted({by_id[row.id] for row in rows})


def _lying(book: Book, *conditions: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    """Accounts and lots with something in them."""
    return (
        select(accounts.c.id, accounts.c.kind, accounts.c.owner, lots.c.fund, lots.c.last_day)
        .select_from(balances)
        .join(accounts, (accounts.c.book_id == balances.c.book_id) & (accounts.c.id == balances.c.account_id))
        .join(lots, (lots.c.book_id == balances.c.book_id) & (lots.c.id == balances.c.lot_id))
        .where(balances.c.book_id == book.id, balances.c.balance > 0, *conditions)
        .order_by(balances.c.account_id, balances.c.lot_id)
    )
