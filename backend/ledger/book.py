"""A book: the ledger of one office, inside somebody's transaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.ledger.accounts import Account, Lot
from backend.ledger.models import entries, postings

_A_DAY = 24 * 3600 * 1000 << 80  # between two UUIDs of version 7, whose first 48 bits are milliseconds

Place = tuple[Account, Lot]  # where a balance is: one lot of one account


@dataclass(frozen=True)
class Book:
    """The ledger of one office, inside the caller's transaction, which it joins and never commits."""

    session: Session
    id: int


@dataclass(frozen=True)
class Posted:
    """An entry that has happened; `is_replay` when it had happened before."""

    id: UUID
    is_replay: bool


@dataclass(frozen=True)
class Extent(Book):
    """What is verified: a whole book, or its entries from an id on (ids sort by when they were recorded)."""

    since: UUID | None = None

    @property
    def entries(self) -> ColumnElement[bool]:
        """The entries to be verified."""
        whole = entries.c.book_id == self.id
        return whole if self.since is None else whole & (entries.c.id >= self.since)

    @property
    def postings(self) -> ColumnElement[bool]:
        """The postings of those entries."""
        return self._postings_from(self.since)

    @property
    def postings_nearby(self) -> ColumnElement[bool]:
        """The same and those of a day before: deeds may take place in another order than their ids were made."""
        return self._postings_from(None if self.since is None else UUID(int=self.since.int - _A_DAY))

    def _postings_from(self, first: UUID | None) -> ColumnElement[bool]:
        # From the first possible id on, where all are meant: SQLite then walks them entry by entry, as they lie.
        return (postings.c.book_id == self.id) & (postings.c.entry_id >= (first or UUID(int=0)))


def reading(book: Book, query: Any) -> Iterator[Any]:
    """The rows of a query one after the other, however many there are."""
    yield from book.session.execute(query, execution_options={"yield_per": 2000})


def inserting(book: Book, table: Table) -> Any:
    """INSERT of the database at hand, the one that knows ON CONFLICT."""
    return (postgresql if book.session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)
