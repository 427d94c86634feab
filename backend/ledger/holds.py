"""What resolves or undoes a hold: capture, release, refund. Each is drafted from what the hold itself moved."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.foundation.clock import shanghai_day
from backend.ledger.accounts import VINTAGE, Account, Lot, held_of, last_day_of_returned, merchant_account
from backend.ledger.book import Book
from backend.ledger.drafts import Draft, Told
from backend.ledger.errors import BookBroken, HoldExpired
from backend.ledger.kinds import Posting
from backend.ledger.models import entries
from backend.ledger.reading import moves_of
from backend.ledger.spending import Holding


@dataclass(frozen=True)
class Hold:
    """What was set aside, from which wallet, until when, and whether something resolved it already."""

    id: UUID
    wallet: Account
    parts: tuple[tuple[Lot, int], ...]  # earliest last day first
    expires_at: datetime
    is_resolved: bool

    @property
    def points(self) -> int:
        return sum(amount for _, amount in self.parts)


def read_hold(book: Book, hold_id: UUID) -> Hold:
    """The hold as it was posted. Raises `BookBroken` if there is none: its business row says that there is."""
    entry = book.session.execute(
        select(entries.c.hold_expires_at).where(entries.c.book_id == book.id, entries.c.id == hold_id)
    ).one_or_none()
    moved = moves_of(book, hold_id)
    if entry is None or entry.hold_expires_at is None or not moved:
        raise BookBroken(hold=str(hold_id))
    resolved = book.session.scalar(
        select(entries.c.id).where(entries.c.book_id == book.id, entries.c.resolves_id == hold_id)
    )
    parts = [Holding(move.lot, move.lot.id_in(book.id), move.amount) for move in moved]
    in_order = sorted(parts, key=lambda part: (part.lot.last_day, part.lot_id.hex))
    return Hold(
        id=hold_id,
        wallet=moved[0].source,
        parts=tuple((part.lot, part.balance) for part in in_order),
        expires_at=entry.hold_expires_at,
        is_resolved=resolved is not None,
    )


def capture(
    book: Book, *, hold_id: UUID, merchant: str, points: int | None = None, told: Told, entry_id: UUID
) -> Draft:
    """Hand a hold's points to a merchant, earliest last day first; what is not captured goes back where it was.

    Raises `HoldExpired`. A hold that was resolved before is refused, or answered, when the draft is posted.
    """
    hold = read_hold(book, hold_id)
    if not hold.is_resolved and told.at >= hold.expires_at:
        raise HoldExpired(expired_at=hold.expires_at)
    wanted = hold.points if points is None else points
    if not 1 <= wanted <= hold.points:
        raise ValueError(f"a hold of {hold.points} cannot pay {wanted}")
    left = wanted
    moves = []
    for lot, amount in hold.parts:
        paid = min(amount, left)
        left -= paid
        if paid:
            moves.append(Posting(lot, held_of(hold.wallet), merchant_account(merchant), paid))
        if amount > paid:
            moves.append(Posting(lot, held_of(hold.wallet), hold.wallet, amount - paid))
    return Draft("capture", f"capture:{hold_id}", told, tuple(moves), resolves_id=hold_id, id=entry_id)


def release(book: Book, *, hold_id: UUID, told: Told, entry_id: UUID) -> Draft:
    """Give a hold back to the wallet it came from, lot by lot: cancelled or timed out."""
    hold = read_hold(book, hold_id)
    moves = tuple(Posting(lot, held_of(hold.wallet), hold.wallet, amount) for lot, amount in hold.parts)
    return Draft("release", f"release:{hold_id}", told, moves, resolves_id=hold_id, id=entry_id)


def refund(book: Book, *, capture_id: UUID, told: Told, entry_id: UUID) -> Draft:
    """Undo a capture as a whole, into the wallet of the hold.

    Points whose last day has passed come back in a lot of the same fund whose last day is the earliest 31 December
    at least 30 days ahead.
    """
    hold_id = book.session.scalar(
        select(entries.c.resolves_id).where(
            entries.c.book_id == book.id, entries.c.id == capture_id, entries.c.kind == "capture"
        )
    )
    if hold_id is None:
        raise BookBroken(capture=str(capture_id))
    wallet = read_hold(book, hold_id).wallet
    day = shanghai_day(told.at)
    moves: list[Posting] = []
    for move in moves_of(book, capture_id):
        merchant = move.destination
        if merchant.kind != "merchant":
            continue
        if day <= move.lot.last_day:
            moves.append(Posting(move.lot, merchant, wallet, move.amount))
        else:
            fresh = Lot.dated(move.lot.fund, last_day_of_returned(day))
            moves.append(Posting(move.lot, merchant, VINTAGE, move.amount))
            moves.append(Posting(fresh, VINTAGE, wallet, move.amount))
    return Draft("refund", f"refund:{capture_id}", told, tuple(moves), reverses_id=capture_id, id=entry_id)
