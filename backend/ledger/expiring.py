"""What ends soon: wallets with points whose last day is near; and one entry with what answers it. Reads only.

What ends is one look over the balances, a batch at a time; what a wallet has is not added up from its postings.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from backend.ledger.accounts import Account
from backend.ledger.book import Book
from backend.ledger.models import accounts, balances, lots

OWNED = ("person", "household")  # wallets of which somebody can be told


@dataclass(frozen=True)
class Ending:
    """Points of a wallet, of whatever fund, that end with that day."""

    account_id: UUID
    wallet: Account
    last_day: date
    points: int


def ending(book: Book, *, since: date, until: date, at_once: int) -> Iterator[list[Ending]]:
    """Wallets with points whose last day is one of those days (both included), in batches, by account.

    What is on hold is left out: it does not end while it waits at a counter. Points end on 31 December only, so
    within less than a year a wallet comes once.
    """
    if until - since >= timedelta(days=365):
        raise ValueError("a wallet would come more than once")
    ends = select(lots.c.id, lots.c.last_day).where(
        lots.c.book_id == book.id, lots.c.unit == "points", lots.c.last_day >= since, lots.c.last_day <= until
    )
    last_days = {row.id: row.last_day for row in book.session.execute(ends)}
    after: UUID | None = None
    while last_days:
        rows = book.session.execute(_lying_in(book, last_days, after=after, limit=at_once)).all()
        last_day = next(iter(last_days.values()))
        yield [
            Ending(row.account_id, Account(row.kind, row.owner), last_day, int(row.points))
            for row in rows
            if row.kind in OWNED
        ]
        if len(rows) < at_once:
            return
        after = rows[-1].account_id


def _lying_in(book: Book, lot_ids: Iterable[UUID], *, after: UUID | None, limit: int) -> Select[Any]:
    """What accounts have of those lots: a walk along the primary key that stops when there are enough."""
    walk = (
        select(balances.c.account_id, func.sum(balances.c.balance).label("points"))
        .where(balances.c.book_id == book.id, balances.c.lot_id.in_(lot_ids), balances.c.balance > 0)
        .group_by(balances.c.account_id)
        .order_by(balances.c.account_id)
        .limit(limit)
    )
    found = (walk if after is None else walk.where(balances.c.account_id > after)).subquery()
    return (
        select(found, accounts.c.kind, accounts.c.owner)
        .join(accounts, (accounts.c.book_id == book.id) & (accounts.c.id == found.c.account_id))
        .order_by(found.c.account_id)
    )
