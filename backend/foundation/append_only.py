"""The past is not edited: triggers that refuse it, on both databases, created with the tables.

Correctness never depends on them (no code path updates these tables); they stop hands and other programs. On SQLite
an insert of an existing row is ignored rather than refused: the trigger fires before ON CONFLICT is considered, so
a refusal would kill every replay, and without it INSERT OR REPLACE would rewrite history silently.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import DDL, Table, event

PROTECTED_TABLES: set[Table] = set()  # every table that is append-only by trigger


@dataclass(frozen=True)
class AppendOnly:
    """Tables to which rows are only added. The migration that makes them executes `statements`, too.

    Each unique key of a table is asked by itself (`id = NEW.id`): SQLite would answer an OR by reading everything.
    """

    what: str  # as the refusal calls it
    function: str  # on PostgreSQL
    office: str  # the column every key begins with
    same_row: Mapping[Table, tuple[str, ...]]

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(self.same_row)

    @property
    def body(self) -> str:
        """What the function on PostgreSQL does."""
        return f"""
BEGIN
    RAISE EXCEPTION '{self.what} is append-only: % on %', TG_OP, TG_TABLE_NAME;
END """

    def statements(self, dialect: str) -> list[str]:
        """The DDL that protects the tables."""
        if dialect == "postgresql":
            function = (
                f"\nCREATE OR REPLACE FUNCTION {self.function}() RETURNS trigger LANGUAGE plpgsql AS $${self.body}$$"
            )
            return [function] + [sql for table in self.tables for sql in self._on_postgresql(table.name)]
        return [sql for table, keys in self.same_row.items() for sql in self._on_sqlite(table.name, keys)]

    def names(self, dialect: str) -> set[str]:
        """What the triggers are called."""
        on_sqlite = ("no_update", "no_delete", "no_replace")
        endings = ("append_only", "no_truncate") if dialect == "postgresql" else on_sqlite
        return {f"{table.name}_{ending}" for table in self.tables for ending in endings}

    def create_after(self, last: Table) -> None:
        """Let the triggers be created with the last of the tables, and with those it refers to."""
        PROTECTED_TABLES.update(self.tables)
        for dialect in ("sqlite", "postgresql"):
            for sql in self.statements(dialect):
                ddl = DDL(sql.replace("%", "%%"))  # type: ignore[no-untyped-call]
                event.listen(last, "after_create", ddl.execute_if(dialect=dialect))

    def _on_postgresql(self, table: str) -> list[str]:
        return [
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.function}()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {self.function}()",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
        ]

    def _on_sqlite(self, table: str, keys: tuple[str, ...]) -> list[str]:
        exists = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE {self.office} = NEW.{self.office} AND {key})" for key in keys
        )
        refuse = f"BEGIN SELECT RAISE(ABORT, '{self.what} is append-only'); END"
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {exists} BEGIN SELECT RAISE(IGNORE); END",
        ]
