"""One entry as it was written down, and what answers it. Reads only."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, union

from backend.ledger.book import Book
from backend.ledger.models import entries


@dataclass(frozen=True)
class Recorded:
    """An entry as it was written down: who caused it, for what, and which other one it answers."""

    id: UUID
    key: str
    kind: str
    reason: str
    actor: str
    origin: str
    resolves_id: UUID | None
    reverses_id: UUID | None
    occurred_at: datetime

    @property
    def follows_id(self) -> UUID | None:
        """The entry after which a wallet repaid what it owed; None for what the sweep took."""
        parts = self.key.split(":")
        return UUID(parts[1]) if self.kind == "recover" and len(parts) == 2 else None


def recorded(book: Book, entry_id: UUID) -> Recorded | None:
    """One entry, or None."""
    row = book.session.execute(_entries_where(book, entries.c.id == entry_id)).one_or_none()
    return Recorded(*row) if row else None


def answers_to(book: Book, entry_id: UUID) -> list[Recorded]:
    """What resolved an entry, undid it, or was repaid after it, in the order in which it was recorded."""
    ways = (
        entries.c.resolves_id == entry_id,
        entries.c.reverses_id == entry_id,
        entries.c.key == f"recover:{entry_id}",
    )
    # One look-up by index each: an OR over them would read the whole book.
    rows = book.session.execute(union(*(_entries_where(book, way) for way in ways)))
    return sorted((Recorded(*row) for row in rows), key=lambda entry: entry.id)


def _entries_where(book: Book, which: ColumnElement[bool]) -> Select[Any]:
    columns = [entries.c[each.name] for each in fields(Recorded)]
    return select(*columns).where(entries.c.book_id == book.id, which)
