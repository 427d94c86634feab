"""The past is not edited: triggers that refuse it, on both databases, created with the tables.

Correctness never depends on them (no code path updates these tables); they stop hands and other programs. On SQLite
an insert of an existing row is ignored rather than refused: the trigger fires before ON CONFLICT is considered, so
a refusal would kill every replay, and without it INSERT OR REPLACE would rewrite history silently.
"""

from sqlalchemy import DDL, Table, event

from backend.ledger.models import accounts, entries, lots, postings

# Each unique key is asked by itself: SQLite would answer an OR by reading the whole book.
_SAME_ROW = {
    lots: ("id = NEW.id",),
    accounts: ("id = NEW.id",),
    entries: ("id = NEW.id", "key = NEW.key", "resolves_id = NEW.resolves_id", "reverses_id = NEW.reverses_id"),
    postings: ("entry_id = NEW.entry_id AND n = NEW.n",),
}

APPEND_ONLY: tuple[Table, ...] = tuple(_SAME_ROW)

BODY = """
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on %', TG_OP, TG_TABLE_NAME;
END """

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $${BODY}$$"""


def statements(dialect: str) -> list[str]:
    """The DDL that protects the four append-only tables."""
    if dialect == "postgresql":
        return [_FUNCTION] + [sql for table in APPEND_ONLY for sql in _on_postgresql(table.name)]
    return [sql for table, keys in _SAME_ROW.items() for sql in _on_sqlite(table.name, keys)]


def names(dialect: str) -> set[str]:
    """What the triggers are called, for verify."""
    endings = ("append_only", "no_truncate") if dialect == "postgresql" else ("no_update", "no_delete", "no_replace")
    return {f"{table.name}_{ending}" for table in APPEND_ONLY for ending in endings}


def _on_postgresql(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
    ]


def _on_sqlite(table: str, keys: tuple[str, ...]) -> list[str]:
    exists = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE book_id = NEW.book_id AND {key})" for key in keys)
    refuse = "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {exists} BEGIN SELECT RAISE(IGNORE); END",
    ]


def _create_with_tables() -> None:
    last = postings  # created after the tables it refers to
    for dialect in ("sqlite", "postgresql"):
        for sql in statements(dialect):
            ddl = DDL(sql.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(last, "after_create", ddl.execute_if(dialect=dialect))


_create_with_tables()
