"""Payments are planned: which lots each takes of what its wallet has, while every wallet row of the batch is ours."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import select

from backend.ledger.accounts import WALLETS, Lot
from backend.ledger.book import Book
from backend.ledger.drafts import Draft, Payment, Posting, today
from backend.ledger.errors import InsufficientPoints
from backend.ledger.models import balances, lots
from backend.ledger.spending import Holding, live, take

Holdings = dict[UUID, dict[Lot, Holding]]  # by wallet


def plan(book: Book, drafts: list[Draft]) -> list[Draft]:
    """The same entries with every payment spelt out. Raises `InsufficientPoints`."""
    if not any(draft.payment for draft in drafts):
        return drafts
    try:
        return _planned(book, drafts)
    except InsufficientPoints:
        # While we waited for a row, its owner may have brought points in a lot that was not there when we began to
        # read. All rows are ours now, so a second look is the truth.
        return _planned(book, drafts)


def _planned(book: Book, drafts: list[Draft]) -> list[Draft]:
    holdings = _lock_wallets(book, drafts)
    return [_spelt_out(book, draft, draft.payment, holdings) if draft.payment else draft for draft in drafts]


def _spelt_out(book: Book, draft: Draft, payment: Payment, holdings: Holdings) -> Draft:
    wallet = holdings[payment.wallet.id_in(book.id)]
    good = live(wallet.values(), today=today(draft.told))
    taken = take(good, payment.points)
    if taken is None:
        raise InsufficientPoints(required=payment.points, available=sum(holding.balance for holding in good))
    for lot, amount in taken:  # A later payment of the batch plans on what this one leaves.
        wallet[lot] = Holding(lot, wallet[lot].lot_id, wallet[lot].balance - amount)
    return draft.planned(tuple(Posting(lot, payment.wallet, payment.destination, amount) for lot, amount in taken))


def _lock_wallets(book: Book, drafts: list[Draft]) -> Holdings:
    """What every wallet of the batch has, its rows locked in lock order until the transaction ends."""
    touched = {side for draft in drafts for side in draft.sides}
    wallets = [account.id_in(book.id) for account in touched if account.kind in WALLETS]
    rows = book.session.execute(
        select(balances.c.account_id, balances.c.lot_id, balances.c.balance, lots.c.fund, lots.c.last_day)
        .join(lots, (lots.c.book_id == balances.c.book_id) & (lots.c.id == balances.c.lot_id))
        .where(balances.c.book_id == book.id, balances.c.account_id.in_(wallets), lots.c.unit == "points")
        .order_by(balances.c.account_id, balances.c.lot_id)
        .with_for_update(of=balances)
    )
    holdings: Holdings = defaultdict(dict)
    for row in rows:
        lot = Lot("points", row.fund, row.last_day)
        holdings[row.account_id][lot] = Holding(lot, row.lot_id, row.balance)
    return holdings
