"""Whoever plans on wallets, or changes more than one row of theirs, takes turns with everybody who does.

Rows alone cannot give an order: a lot that is new in a wallet is locked when it comes, after older ones that another
deed may be waiting for. So PostgreSQL is first asked for a lock that stands for the wallet. A single gain, the crowd at
a door, waits for nobody: it holds one wallet row and wants no other. On SQLite a deed is alone anyway.
"""

from collections.abc import Sequence

from sqlalchemy import text

from backend.ledger.accounts import MINUTES, POTS
from backend.ledger.book import Book, Place
from backend.ledger.drafts import Draft

# Wallets share locks, so that no batch needs more of them than PostgreSQL has room for (64 for each connection).
_LOCKS = 256

_WAIT = text("SELECT pg_advisory_xact_lock(:book, turn) FROM unnest(CAST(:turns AS int[])) AS turn")


def take_turns(book: Book, drafts: Sequence[Draft], *, planning: bool) -> None:
    """Wait until nobody else is at these wallets, until the transaction ends; in one order, so never in a circle."""
    if book.session.get_bind().dialect.name != "postgresql":
        return
    if planning or len(_wallet_rows(drafts)) > 1:
        pots = {side for draft in drafts for side in draft.sides if side.kind in POTS}
        turns = sorted({pot.id_in(book.id).int % _LOCKS for pot in pots})
        if turns:
            book.session.execute(_WAIT, {"book": book.id, "turns": turns})


def _wallet_rows(drafts: Sequence[Draft]) -> set[Place]:
    return {
        (side, posting.lot)
        for draft in drafts
        for posting in draft.postings
        for side in (posting.source, posting.destination)
        if side.kind in POTS and posting.lot != MINUTES  # on which nobody plans
    }
