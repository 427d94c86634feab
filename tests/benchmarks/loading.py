"""Rows written as fast as the driver can, into tables that already have their keys, indexes and triggers.

On PostgreSQL the user has to be a superuser: foreign keys are not looked up while the rows are copied.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, Table, text

from backend.foundation.tables import Base

Write = Callable[[str, Sequence[str], Iterable[tuple[Any, ...]]], None]


@contextmanager
def loading(engine: Engine) -> Iterator[Write]:
    """One transaction on one connection that writes rows as fast as the driver can."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        cursor = driver.cursor()
        if engine.dialect.name == "sqlite":
            for pragma in ("foreign_keys = OFF", "synchronous = OFF", "journal_mode = MEMORY", "cache_size = -1000000"):
                cursor.execute(f"PRAGMA {pragma}")
        else:
            cursor.execute("SET LOCAL session_replication_role = replica")

        def write(name: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
            ready = _in_words_of(engine, Base.metadata.tables[name], columns, rows)
            if engine.dialect.name == "sqlite":
                places = ", ".join("?" * len(columns))
                cursor.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({places})", ready)
                return
            with cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in ready:
                    copy.write_row(row)

        yield write
        driver.commit()


def _in_words_of(
    engine: Engine, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[Any, ...]]:
    """Rows as the driver of the database takes them: SQLite has neither UUIDs nor dates."""
    dialect = engine.dialect
    processors = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns]
    ways = [(n, way) for n, way in enumerate(processors) if way is not None]
    for row in rows:
        ready: list[Any] = list(row)
        for n, way in ways:
            if ready[n] is not None:
                ready[n] = way(ready[n])
        yield tuple(ready)


def settle(engine: Engine) -> None:
    """What a server that has been up for months has had: its journal back, or a visit of autovacuum."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        else:
            connection.execute(text("VACUUM (ANALYZE)"))
