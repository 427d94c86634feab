"""The ledger's past is not edited: lots, accounts, entries and postings are only added to."""

from sqlalchemy import Table

from backend.foundation.append_only import AppendOnly
from backend.ledger.models import accounts, entries, lots, postings

LEDGER = AppendOnly(
    what="the ledger",
    function="ledger_is_append_only",
    office="book_id",
    same_row={
        lots: ("id = NEW.id",),
        accounts: ("id = NEW.id",),
        entries: ("id = NEW.id", "key = NEW.key", "resolves_id = NEW.resolves_id", "reverses_id = NEW.reverses_id"),
        postings: ("entry_id = NEW.entry_id AND n = NEW.n",),
    },
)

APPEND_ONLY: tuple[Table, ...] = LEDGER.tables

BODY = LEDGER.body


def statements(dialect: str) -> list[str]:
    """The DDL that protects the four append-only tables."""
    return LEDGER.statements(dialect)


def names(dialect: str) -> set[str]:
    """What the triggers are called, for verify."""
    return LEDGER.names(dialect)


LEDGER.create_after(postings)  # created after the tables it refers to
