"""A book: the ledger of one office, inside somebody's transaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.ledger.accounts import Account, Lot

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


def reading(book: Book, query: Any) -> Iterator[Any]:
    """The rows of a query one after the other, however many there are."""
    yield from book.session.execute(query, execution_options={"yield_per": 2000})


def inserting(book: Book, table: Table) -> Any:
    """INSERT of the database at hand, the one that knows ON CONFLICT."""
    return (postgresql if book.session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)
