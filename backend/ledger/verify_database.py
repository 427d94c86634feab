"""Check 10: triggers and constraints are as we made them, and an entry's id was born when the entry was recorded."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import String, cast, func, inspect, select, text

from backend.ledger import triggers
from backend.ledger.book import Book, reading
from backend.ledger.findings import Report
from backend.ledger.models import accounts, balances, entries, lots, postings

TOLERATED = timedelta(minutes=1)

_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


def verify_triggers(book: Book, report: Report) -> None:
    """Every trigger is there, in force, and does what we wrote."""
    dialect = book.session.get_bind().dialect.name
    found = _on_postgresql(book) if dialect == "postgresql" else _on_sqlite(book)
    for name in sorted(triggers.names(dialect)):
        if name not in found:
            report.found(10, "trigger_is_there", name, "is missing")
        elif not found[name]:
            report.found(10, "trigger_is_ours", name, "is switched off or was changed")


def verify_constraints(book: Book, report: Report) -> None:
    """Every CHECK, unique and foreign key of the five tables is there, by name."""
    inspector = inspect(book.session.connection())
    for table in (lots, accounts, balances, entries, postings):
        there = {inspector.get_pk_constraint(table.name)["name"]}
        there |= {found["name"] for found in inspector.get_check_constraints(table.name)}
        there |= {found["name"] for found in inspector.get_unique_constraints(table.name)}
        there |= {found["name"] for found in inspector.get_foreign_keys(table.name)}
        for missing in sorted({str(constraint.name) for constraint in table.constraints} - there):
            report.found(10, "constraint_is_there", f"{table.name}.{missing}", "is missing")


def verify_times(book: Book, report: Report) -> None:
    """An id says when it was made: within a minute of when its entry was recorded. Nothing is recorded beforehand."""
    plain_id = func.replace(cast(entries.c.id, String), "-", "")  # cheaper to read than a UUID, a million times
    tolerated = TOLERATED // _MILLISECOND
    of_book = entries.c.book_id == book.id
    for entry_id, recorded_at in reading(book, select(plain_id, entries.c.recorded_at).where(of_book)):
        if abs(int(entry_id[:12], 16) - (recorded_at - _EPOCH) // _MILLISECOND) > tolerated:
            report.found(10, "recorded_when_born", f"entry {UUID(entry_id)}", f"recorded at {recorded_at.isoformat()}")
    beforehand = select(entries.c.id, entries.c.occurred_at, entries.c.recorded_at).where(
        of_book, entries.c.occurred_at > entries.c.recorded_at
    )
    for row in reading(book, beforehand):
        if row.occurred_at - row.recorded_at > TOLERATED:
            said = f"happened at {row.occurred_at.isoformat()}, recorded at {row.recorded_at.isoformat()}"
            report.found(10, "happened_before_recorded", f"entry {row.id}", said)


def _on_sqlite(book: Book) -> dict[str, bool]:
    """Trigger → is it ours, word for word."""
    ours = set(triggers.statements("sqlite"))
    rows = book.session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return {row.name: row.sql in ours for row in rows}


def _on_postgresql(book: Book) -> dict[str, bool]:
    """Trigger → is it always in force, defined as ours, with a function that refuses as ours does."""
    rows = book.session.execute(
        text(
            "SELECT t.tgname AS name, t.tgenabled = 'A' AS in_force, pg_get_triggerdef(t.oid, true) AS sql, "
            "p.prosrc AS body "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
        )
    )
    ours = {sql.replace("UPDATE OR DELETE", "DELETE OR UPDATE") for sql in triggers.statements("postgresql")}
    return {row.name: row.in_force and row.sql in ours and row.body.strip() == triggers.BODY.strip() for row in rows}
