"""Plans are spelt out: every row they depend on is locked first, in lock order, and then read.

A wallet that owes something (`recoverable`) repays from whatever it gains: a `recover` follows such an entry.
"""

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from backend.foundation.errors import Replan
from backend.ledger.accounts import MINUTES, POTS, WALLETS, Account, Lot, recoverable_of
from backend.ledger.book import Book
from backend.ledger.drafts import Draft
from backend.ledger.errors import InsufficientPoints
from backend.ledger.models import balances, lots
from backend.ledger.plans import Contents, Recovery, TakingBack
from backend.ledger.reversals import recovery_after
from backend.ledger.spending import Holding


def plan(book: Book, drafts: Sequence[Draft], *, owing: bool) -> list[Draft]:
    """The same entries with every plan spelt out, and the recoveries that follow them.

    `owing` says that a wallet of the batch owed something when its entries were claimed; what another deed makes it
    owe meanwhile is recovered by the sweep. Raises what plans refuse.
    """
    if not needs_planning(drafts, owing=owing):
        return list(drafts)
    owing = owing or any(isinstance(draft.plan, TakingBack) for draft in drafts)
    places = _to_lock(drafts, owing)
    has = _locked(book, places)
    looked_at = len(has)
    try:
        return _planned(drafts, has, owing)
    except InsufficientPoints:
        # Somebody may have brought points in a lot that was not there when we looked. It is not ours to lock any
        # more, after those that we have: the deed looks again.
        if _are_more(book, places, than=looked_at):
            raise Replan() from None
        raise


def needs_planning(drafts: Sequence[Draft], *, owing: bool) -> bool:
    return owing or any(draft.plan for draft in drafts)


def _planned(drafts: Sequence[Draft], has: Contents, owing: bool) -> list[Draft]:
    planned = []
    for draft in drafts:
        entry = _spelt_out(draft, has)
        has.move(entry.postings)
        planned.append(entry)
        for wallet in _repaying(draft, entry) if owing else ():
            moves = Recovery(wallet).spelt_out(has, draft.day)
            if moves:
                has.move(moves)
                planned.append(recovery_after(entry, moves))
    return planned


def _spelt_out(draft: Draft, has: Contents) -> Draft:
    if draft.plan is None:
        return draft
    moves = draft.plan.spelt_out(has, draft.day)
    if not moves:
        raise Replan()  # there is nothing to do any more: the deed looks again
    return draft.planned(moves)


def _repaying(draft: Draft, entry: Draft) -> set[Account]:
    """The wallet that gained points by this entry, or was made to owe some."""
    return {draft.plan.account} if isinstance(draft.plan, TakingBack) else entry.may_gain


def _to_lock(drafts: Sequence[Draft], owing: bool) -> set[Account]:
    """Every account that a plan of the batch depends on, and every other wallet that it touches.

    Wallets that are not planned on are locked as well, because they are written later: whoever plans on them and on
    ours waits at the first, and not in a circle.
    """
    touched = {side for draft in drafts for side in draft.sides if side.kind in POTS}
    touched |= {account for draft in drafts if draft.plan for account in draft.plan.depends_on}
    if owing:
        touched |= {recoverable_of(wallet) for wallet in touched if wallet.kind in WALLETS}
    return touched


def _locked(book: Book, touched: set[Account]) -> Contents:
    """What lies in these accounts; the rows are ours until the transaction ends."""
    has = Contents(book.id)
    for _, of_rank in groupby(sorted(touched, key=_rank), key=_rank):
        by_id = {account.id_in(book.id): account for account in of_rank}
        rows = book.session.execute(
            _rows_of(book, by_id)
            .add_columns(balances, lots.c.unit, lots.c.fund, lots.c.last_day)
            .order_by(balances.c.account_id, balances.c.lot_id)
            .with_for_update(of=balances)
        )
        for row in rows:
            lot = Lot(row.unit, row.fund, row.last_day)
            has.put(by_id[row.account_id], Holding(lot, row.lot_id, row.balance, row.version))
    return has


def _are_more(book: Book, touched: set[Account], than: int) -> bool:
    rows = _rows_of(book, [account.id_in(book.id) for account in touched]).add_columns(func.count())
    return bool(book.session.scalars(rows).one() > than)


def _rows_of(book: Book, account_ids: Collection[UUID]) -> Select[Any]:
    """The balance rows of accounts, but for minutes, of which nothing is planned."""
    return (
        select()
        .select_from(balances)
        .join(lots, (lots.c.book_id == balances.c.book_id) & (lots.c.id == balances.c.lot_id))
        .where(balances.c.book_id == book.id, balances.c.account_id.in_(account_ids), lots.c.unit != MINUTES.unit)
    )


def _rank(account: Account) -> int:
    return account.lock_rank
