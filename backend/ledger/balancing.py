"""Balances change: once per place for the whole batch, in lock order, and each statement returns what is now true."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update

from backend.foundation.errors import Replan
from backend.ledger.accounts import MOST
from backend.ledger.book import Book, Place, inserting
from backend.ledger.drafts import Draft
from backend.ledger.errors import BalanceTooLarge
from backend.ledger.models import balances


@dataclass(frozen=True)
class After:
    """A balance row after an entry."""

    balance: int
    version: int


def move(book: Book, drafts: Sequence[Draft]) -> list[dict[Place, After]]:
    """Change the balances; for each entry, what it left behind. Raises `Replan` or `BalanceTooLarge`."""
    changes = [_net(draft) for draft in drafts]
    total: dict[Place, int] = defaultdict(int)
    times: dict[Place, int] = defaultdict(int)
    for change in changes:
        for place, amount in change.items():
            total[place] += amount
            times[place] += 1
    now_true: dict[Place, After] = {}
    gains: list[Place] = []
    for place in sorted(total, key=lambda place: _lock_order(book, place)):
        if total[place] >= 0:
            gains.append(place)
            continue
        now_true |= _gain(book, gains, total, times)  # what stands before a loss in lock order is locked before it
        gains = []
        now_true[place] = _lose(book, place, -total[place], times[place])
    now_true |= _gain(book, gains, total, times)
    return _walk_back(changes, now_true)


def _net(draft: Draft) -> dict[Place, int]:
    """What one entry changes, per bounded account and lot."""
    net: dict[Place, int] = defaultdict(int)
    for posting in draft.postings:
        if posting.source.is_bounded:
            net[posting.source, posting.lot] -= posting.amount
        if posting.destination.is_bounded:
            net[posting.destination, posting.lot] += posting.amount
    return net


def _lock_order(book: Book, place: Place) -> tuple[int, str, str]:
    account, lot = place
    return account.lock_rank, account.id_in(book.id).hex, lot.id_in(book.id).hex


def _lose(book: Book, place: Place, amount: int, times: int) -> After:
    account, lot = place
    row = book.session.execute(
        update(balances)
        .where(
            balances.c.book_id == book.id,
            balances.c.account_id == account.id_in(book.id),
            balances.c.lot_id == lot.id_in(book.id),
            balances.c.balance >= amount,
        )
        .values(balance=balances.c.balance - amount, version=balances.c.version + times)
        .returning(balances.c.balance, balances.c.version)
    ).one_or_none()
    if row is None:
        raise Replan()
    return After(row.balance, row.version)


def _gain(book: Book, places: list[Place], total: dict[Place, int], times: dict[Place, int]) -> dict[Place, After]:
    if not places:
        return {}
    if any(total[place] > MOST for place in places):  # the row to be inserted would break its CHECK before it conflicts
        raise BalanceTooLarge()
    by_id = {(account.id_in(book.id), lot.id_in(book.id)): (account, lot) for account, lot in places}
    insert = inserting(book, balances)
    statement = insert.on_conflict_do_update(
        index_elements=["book_id", "account_id", "lot_id"],
        set_={
            "balance": balances.c.balance + insert.excluded.balance,
            "version": balances.c.version + insert.excluded.version,
        },
        where=balances.c.balance <= MOST - insert.excluded.balance,
    ).returning(balances.c.account_id, balances.c.lot_id, balances.c.balance, balances.c.version)
    values = [
        {
            "book_id": book.id,
            "account_id": account_id,
            "lot_id": lot_id,
            "balance": total[place],
            "version": times[place],
        }
        for (account_id, lot_id), place in by_id.items()
    ]
    found = {
        by_id[row.account_id, row.lot_id]: After(row.balance, row.version)
        for row in book.session.execute(statement, values)
    }
    if len(found) < len(places):
        raise BalanceTooLarge()
    return found


def _walk_back(changes: list[dict[Place, int]], now_true: dict[Place, After]) -> list[dict[Place, After]]:
    """From the balances after the batch to the balances after each entry; none of them may be below zero."""
    left = dict(now_true)
    after_each: list[dict[Place, After]] = []
    for change in reversed(changes):
        after_each.append({place: left[place] for place in change})
        for place, amount in change.items():
            left[place] = After(left[place].balance - amount, left[place].version - 1)
            if left[place].balance < 0:
                raise Replan()
    return after_each[::-1]
