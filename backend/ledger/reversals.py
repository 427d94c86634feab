"""Undoing what was awarded by mistake, and taking what could not be taken back from what the wallet gains later."""

from uuid import UUID

from sqlalchemy import select

from backend.ledger.accounts import SERVICE, VINTAGE, Account
from backend.ledger.book import Book
from backend.ledger.drafts import Draft, Told
from backend.ledger.errors import BookBroken
from backend.ledger.kinds import Posting
from backend.ledger.models import entries
from backend.ledger.plans import TakingBack
from backend.ledger.reading import moves_of

RECOVERED = "扣回此前误发的积分"


def reverse(
    book: Book, *, entry_id: UUID, payer: Account, told: Told, new_id: UUID, charged: Account | None = None
) -> Draft:
    """Undo an award or minutes served.

    Of an award the payer (the activity's budget, or the fund when that is settled) gets back what the wallet still
    has of its lot; the rest becomes `recoverable`, unless its last day has passed. The wallet is the one that got the
    award, or the one named by `charged` where what was in it has gone to another wallet of the same owner. Raises
    `BookBroken` if there is no such entry: its business row says that there is.
    """
    kind = book.session.scalar(select(entries.c.kind).where(entries.c.book_id == book.id, entries.c.id == entry_id))
    moves = moves_of(book, entry_id)
    key = f"reverse:{entry_id}"
    if kind == "serve" and moves:
        back = tuple(Posting(move.lot, charged or move.destination, SERVICE, move.amount) for move in moves)
        return Draft("reverse", key, told, back, reverses_id=entry_id, id=new_id)
    given = [move for move in moves if move.source == VINTAGE]
    if kind != "award" or len(given) != 1:
        raise BookBroken(award=str(entry_id))
    undone = TakingBack(charged or given[0].destination, given[0].lot, given[0].amount, payer)
    return Draft("reverse", key, told, plan=undone, reverses_id=entry_id, id=new_id)


def recovery_after(entry: Draft, moves: tuple[Posting, ...]) -> Draft:
    """What a wallet repays at once from what an entry brought it, or because an entry made it owe."""
    told = Told(RECOVERED, entry.told.actor, entry.told.origin, entry.told.at)
    return Draft("recover", f"recover:{entry.id}", told, moves)
