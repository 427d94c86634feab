"""Paying merchants back: a statement is closed over what was captured and refunded, then paid in fen.

Which entries are on a statement, and what each is worth, is the business of the merchants.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select

from backend.ledger.accounts import FEN, ISSUANCE, PAID, PAYABLE, Account, Lot, merchant_account
from backend.ledger.book import Book
from backend.ledger.drafts import Draft, Told
from backend.ledger.kinds import Posting
from backend.ledger.models import lots, postings

EntryIds = Collection[UUID] | Select[Any]  # a month may have more than a statement takes parameters


def close(
    book: Book, *, statement: str, merchant: str, entry_ids: EntryIds, fen: int, told: Told, new_id: UUID
) -> Draft:
    """End the points of a statement's captures and refunds, lot by lot, and owe the merchant their worth in fen.

    Lots of which more was refunded than captured, and a negative worth, go the other way. A statement on which
    nothing is left over moves nothing and is not posted: raises `ValueError`.
    """
    shop = merchant_account(merchant)
    moves = [_moved(lot, shop, ISSUANCE, points) for lot, points in _gained(book, shop, entry_ids)]
    if fen:
        moves.append(_moved(FEN, PAYABLE, shop, fen))
    return Draft("close", f"close:{statement}", told, tuple(moves), id=new_id)


def moves_points(book: Book, *, merchant: str, entry_ids: EntryIds) -> bool:
    """Is there a lot of which those entries leave the merchant more, or less, than nothing?"""
    return bool(_gained(book, merchant_account(merchant), entry_ids))


def pay(*, statement: str, merchant: str, fen: int, told: Told, new_id: UUID) -> Draft:
    """The office has paid a confirmed statement; a total that is not positive is carried to the next one instead."""
    move = Posting(FEN, merchant_account(merchant), PAID, fen)
    return Draft("pay", f"pay:{statement}", told, (move,), id=new_id)


def _gained(book: Book, shop: Account, entry_ids: EntryIds) -> list[tuple[Lot, int]]:
    """What the merchant's account gained by those entries (lost, if negative), per lot."""
    shop_id = shop.id_in(book.id)
    gained = func.sum(case((postings.c.destination_id == shop_id, postings.c.amount), else_=-postings.c.amount))
    rows = book.session.execute(
        select(lots.c.unit, lots.c.fund, lots.c.last_day, gained.label("gained"))
        .join(lots, (lots.c.book_id == postings.c.book_id) & (lots.c.id == postings.c.lot_id))
        .where(postings.c.book_id == book.id, postings.c.entry_id.in_(entry_ids))
        .where((postings.c.destination_id == shop_id) | (postings.c.source_id == shop_id))
        .group_by(lots.c.unit, lots.c.fund, lots.c.last_day)
        .having(gained != 0)
        .order_by(lots.c.last_day, lots.c.fund)
    )
    return [(Lot(row.unit, row.fund, row.last_day), int(row.gained)) for row in rows]


def _moved(lot: Lot, source: Account, destination: Account, amount: int) -> Posting:
    """A negative amount goes the other way."""
    return Posting(lot, source, destination, amount) if amount > 0 else Posting(lot, destination, source, -amount)
