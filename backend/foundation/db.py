"""Sessions, look-ups and the one place that commits.

The edge (a route, a command, a job) opens a deed's transaction with `transactional`, exactly one, visibly. Everything
else reads. What a deed decided on is read in the statement that changes it; what must happen once is a unique key.
"""

import logging
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Insert, Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.foundation.errors import AppError, Busy, NotFound, Replan
from backend.foundation.sqlite import WRITES, OneWriter, open_carefully
from backend.foundation.tables import Base, InOffice
from backend.foundation.tenancy import keep_to_the_office, office_in_force

P = ParamSpec("P")
R = TypeVar("R")
Row = TypeVar("Row", bound=InOffice)
AnyRow = TypeVar("AnyRow", bound=Base)

db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
keep_to_the_office(Session, InOffice)

log = logging.getLogger(__name__)

ATTEMPTS = 4  # the first, and three more on what has become true meanwhile

# serialization_failure, deadlock_detected, lock_not_available
_WORTH_ANOTHER_TRY = {"40001", "40P01", "55P03"}


def connect_database(app: Flask, url: str, *, threads: int = 8) -> None:
    """Give the application its engine: SQLite with one writer, or PostgreSQL with a bounded wait for locks."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    if url.startswith("sqlite"):
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": 20, "max_overflow": 30}
    else:
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
            "pool_size": threads + 2,
            "max_overflow": 20,
            "pool_pre_ping": True,
            # Prepared statements do not survive PgBouncer's transaction mode; without timeouts a wait has no end.
            "connect_args": {
                "prepare_threshold": None,
                "connect_timeout": 5,
                "options": "-c lock_timeout=5s -c statement_timeout=30s -c timezone=UTC",
            },
        }
    db.init_app(app)
    app.teardown_appcontext(_end_session)  # before Flask-SQLAlchemy's own, which then has nothing left to do
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            Path(str(db.engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
            open_carefully(db.engine)
            app.extensions["one_writer"] = OneWriter(str(db.engine.url.database))


def _end_session(_: BaseException | None) -> None:
    """A database that died cannot be told ROLLBACK; the answer, which is ready, must not be lost over that."""
    try:
        db.session.remove()
    except DBAPIError as trouble:
        log.warning("session ended without the database: %s", type(trouble).__name__)
        db.session.registry.clear()


def let_go_of_database() -> None:
    """Close every connection and give the writer's lock back, before another process takes over."""
    db.session.remove()
    db.engine.dispose()
    writer: OneWriter | None = current_app.extensions.get("one_writer")
    if writer is not None:
        writer.let_go()


def keep_other_writers_out() -> None:
    """From now on, and until this process ends, nobody else writes the SQLite file. Raises `AnotherWriter`."""
    with _pen():
        pass


def free_what_was_deleted(*tables: str) -> bool:
    """Let the bytes of deleted and overwritten rows go out of the database's files; whether all of them went.

    On SQLite the write-ahead log is emptied, which has to wait for whoever is reading; on PostgreSQL the tables are
    vacuumed. Its own log (pg_wal) and every backup keep them until those are gone.
    """
    db.session.remove()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in tables:
                connection.exec_driver_sql(f'VACUUM "{table}"')
        return True
    with _pen():
        file: Any = db.engine.raw_connection()
        try:
            is_busy, _, _ = file.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            file.close()
    return not is_busy


def done_reading() -> None:
    """End the reading transaction and give its connection back, before something slow that needs neither."""
    db.session.rollback()


def session() -> Session:
    """The session of this request or command."""
    return db.session()


def transactional(deed: Callable[P, R]) -> Callable[P, R]:
    """Make a function the edge of one transaction.

    It commits when the function returns and rolls back on any exception, except for a refusal that says it is
    recorded. On a serialisation failure, a deadlock, a lock that did not come or the ledger's `Replan` the whole deed
    runs again, three times at most; then `Busy`. A deed inside a deed is refused.
    """

    @wraps(deed)
    def edge(*args: P.args, **kwargs: P.kwargs) -> R:
        current = session()
        if current.info.get("in_a_deed"):
            raise RuntimeError(f"{deed.__qualname__} was called inside another deed")
        current.info["in_a_deed"] = True
        try:
            for attempt in range(ATTEMPTS):
                try:
                    return _once(current, deed, *args, **kwargs)
                except (Replan, DBAPIError) as reason:
                    if not _may_be_repeated(reason):
                        raise
                    log.info("deed runs again", extra={"deed": deed.__qualname__, "attempt": attempt + 1})
                    time.sleep(random.uniform(0.002, 0.02) * 2**attempt)  # noqa: S311
            raise Busy()
        finally:
            current.info.pop("in_a_deed", None)

    return edge


def _once(current: Session, deed: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    current.close()  # Whatever was read before the deed is forgotten: a deed decides on what is true now.
    with _pen():
        current.connection(execution_options={WRITES: True})
        try:
            result = deed(*args, **kwargs)
            current.commit()
        except AppError as refusal:
            if refusal.is_recorded:
                current.commit()
            raise
        finally:
            current.rollback()  # does nothing after a commit
    return result


def _pen() -> AbstractContextManager[None]:
    writer: OneWriter | None = current_app.extensions.get("one_writer")
    return writer.writing() if writer else nullcontext()


def _may_be_repeated(reason: Exception) -> bool:
    if isinstance(reason, Replan):
        return True
    original = getattr(reason, "orig", None)
    return getattr(original, "sqlstate", None) in _WORTH_ANOTHER_TRY or "database is locked" in str(original)


def find(model: type[Row], identifier: UUID, *, locked: bool = False) -> Row:
    """The office's own row, or `NotFound`; another office's row is as missing as none.

    `locked` keeps it from changing until the deed ends (on SQLite a deed is alone anyway).
    """
    wanted: Select[Row] = select(model).where(model.id == identifier)
    if locked:  # What the session had read before is read again: it may have changed while we waited.
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    row = session().scalar(wanted)
    if row is None:
        raise NotFound()
    return row


def inserting(model: Any) -> Any:
    """INSERT of the database at hand, the one that knows ON CONFLICT."""
    return (postgresql if session().get_bind().dialect.name == "postgresql" else sqlite).insert(model)


def insert_once(model: type[Row], **values: Any) -> Row | None:
    """Insert the row unless one of its unique keys is taken; then None, and the caller looks at who was first.

    Texts about a person are given as they are and sealed here.
    """
    statement: Insert = inserting(model).values(office_id=office_in_force(), **model.at_rest(values))
    return (
        session()
        .scalars(
            statement.on_conflict_do_nothing().returning(model),  # type: ignore[attr-defined]
            execution_options={"populate_existing": True},
        )
        .one_or_none()
    )


def add(row: AnyRow) -> AnyRow:
    """Insert a row now, so that the order of writing is the order of the lines."""
    session().add(row)
    session().flush()
    return row
