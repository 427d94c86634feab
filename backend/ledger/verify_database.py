"""Check 10: triggers and constraints are as we made them, and an entry's id was born when the entry was recorded."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, cast, collate, extract, func, inspect, select, text

from backend.ledger import triggers
from backend.ledger.book import Extent, reading
from backend.ledger.findings import Report
from backend.ledger.models import accounts, balances, entries, lots, postings

TOLERATED = timedelta(minutes=1)

_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


def verify_triggers(book: Extent, report: Report) -> None:
    """Every trigger is there, in force, and does what we wrote."""
    dialect = book.session.get_bind().dialect.name
    found = _on_postgresql(book) if dialect == "postgresql" else _on_sqlite(book)
    for name in sorted(triggers.names(dialect)):
        if name not in found:
            report.found(10, "trigger_is_there", name, "is missing")
        elif not found[name]:
            report.found(10, "trigger_is_ours", name, "is switched off or was changed")
    for name in sorted(set(found) - triggers.names(dialect)):
        report.found(10, "no_other_trigger", name, "is a trigger or rule on the ledger that is not ours")


def verify_grants(book: Extent, report: Report) -> None:
    """A role that does not own the ledger can add to it and never edit it; SQLite knows no roles."""
    if book.session.get_bind().dialect.name != "postgresql":
        return
    rows = book.session.execute(
        text(
            "SELECT c.relname AS name, may FROM pg_class c, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS may "
            "WHERE c.relname = ANY(:tables) AND pg_table_is_visible(c.oid) "
            "AND NOT pg_has_role(current_user, c.relowner, 'USAGE') AND has_table_privilege(c.oid, may)"
        ),
        {"tables": [table.name for table in triggers.APPEND_ONLY]},
    )
    for row in rows:
        report.found(10, "role_cannot_edit", row.name, f"the role that serves people may {row.may} it")


def verify_constraints(book: Extent, report: Report) -> None:
    """Every CHECK, unique and foreign key of the five tables is there, by name."""
    inspector = inspect(book.session.connection())
    for table in (lots, accounts, balances, entries, postings):
        there = {inspector.get_pk_constraint(table.name)["name"]}
        there |= {found["name"] for found in inspector.get_check_constraints(table.name)}
        there |= {found["name"] for found in inspector.get_unique_constraints(table.name)}
        there |= {found["name"] for found in inspector.get_foreign_keys(table.name)}
        for missing in sorted({str(constraint.name) for constraint in table.constraints} - there):
            report.found(10, "constraint_is_there", f"{table.name}.{missing}", "is missing")


def verify_times(book: Extent, report: Report) -> None:
    """An id says when it was made: within a minute of when its entry was recorded. Nothing is recorded beforehand."""
    of_book = book.entries
    elsewhen = select(entries.c.id, entries.c.recorded_at).where(of_book, ~_born_about_when_recorded(book))
    for row in reading(book, elsewhen):
        if abs((row.id.int >> 80) - (row.recorded_at - _EPOCH) // _MILLISECOND) > TOLERATED // _MILLISECOND:
            report.found(10, "recorded_when_born", f"entry {row.id}", f"recorded at {row.recorded_at.isoformat()}")
    beforehand = select(entries.c.id, entries.c.occurred_at, entries.c.recorded_at).where(
        of_book, entries.c.occurred_at > entries.c.recorded_at
    )
    for row in reading(book, beforehand):
        if row.occurred_at - row.recorded_at > TOLERATED:
            said = f"happened at {row.occurred_at.isoformat()}, recorded at {row.recorded_at.isoformat()}"
            report.found(10, "happened_before_recorded", f"entry {row.id}", said)


def _born_about_when_recorded(book: Extent) -> ColumnElement[bool]:
    """The first 48 bits of an id, its milliseconds, fit its record, to the second: the database sorts out the rest.

    A million rows need not come out for it. What it lets pass is within the minute; what it does not is looked at.
    """
    is_postgresql = book.session.get_bind().dialect.name == "postgresql"
    second = extract("epoch", entries.c.recorded_at) if is_postgresql else _second(entries.c.recorded_at)
    seconds = cast(second, BigInteger)
    nearly = TOLERATED // timedelta(seconds=1) - 2  # seconds are cut off, or rounded

    def as_in_an_id(second: ColumnElement[int]) -> ColumnElement[str]:
        milliseconds = second * 1000
        hexadecimal: ColumnElement[str] = (
            func.lpad(func.to_hex(milliseconds), 12, "0") if is_postgresql else func.printf("%012x", milliseconds)
        )
        return hexadecimal

    digits = func.substr(func.replace(cast(entries.c.id, String), "-", ""), 1, 12)
    born: ColumnElement[str] = collate(digits, "C") if is_postgresql else digits
    return born.between(as_in_an_id(seconds - nearly), as_in_an_id(seconds + nearly))


def _second(at: Any) -> ColumnElement[Any]:
    """Unix time on SQLite; 0 for what is no instant, which then comes out and cannot be read."""
    return func.coalesce(func.strftime("%s", at), 0)


def _on_sqlite(book: Extent) -> dict[str, bool]:
    """Trigger → is it ours, word for word."""
    ours = set(triggers.statements("sqlite"))
    rows = book.session.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE :ours"),
        {"ours": "ledger_%"},
    )
    return {row.name: row.sql in ours for row in rows}


def _on_postgresql(book: Extent) -> dict[str, bool]:
    """Trigger → is it always in force, defined as ours, with a function that refuses as ours does."""
    rows = book.session.execute(
        text(
            "SELECT t.tgname AS name, t.tgenabled = 'A' AS in_force, pg_get_triggerdef(t.oid, true) AS sql, "
            "p.prosrc AS body "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid) AND c.relname LIKE :ours "
            "UNION ALL SELECT r.rulename, false, '', '' FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class "
            "WHERE pg_table_is_visible(c.oid) AND c.relname LIKE :ours AND c.relkind = 'r'"
        ),
        {"ours": "ledger_%"},
    )
    ours = {sql.replace("UPDATE OR DELETE", "DELETE OR UPDATE") for sql in triggers.statements("postgresql")}
    return {row.name: row.in_force and row.sql in ours and row.body.strip() == triggers.BODY.strip() for row in rows}
