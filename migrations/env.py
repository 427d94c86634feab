"""How migrations run: on the application's engine, in one transaction, on SQLite and PostgreSQL alike."""

from contextlib import nullcontext

from alembic import context
from flask import current_app
from sqlalchemy import text

from backend.foundation.sqlite import WRITES
from backend.foundation.tables import Base, UtcDateTime

database = current_app.extensions["migrate"].db


def render_item(kind, item, _context):
    """Migrations outlive the code: they name plain types, not ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run() -> None:
    """Migrate online. SQLite rebuilds tables in batches, which foreign keys in force would refuse once rows exist."""
    engine = database.engine
    is_sqlite = engine.dialect.name == "sqlite"
    writer = current_app.extensions.get("one_writer")
    with engine.connect() as connection:
        if is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
            connection = connection.execution_options(**{WRITES: True})
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=is_sqlite,
            transactional_ddl=True,
            compare_type=True,
            render_item=render_item,
            compare_server_default=True,
        )
        try:
            with writer.writing() if writer else nullcontext(), context.begin_transaction():
                context.run_migrations()
                if is_sqlite:
                    broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
                    if broken:
                        raise RuntimeError(f"the migration breaks {len(broken)} foreign keys, first: {broken[0]}")
        finally:
            if is_sqlite:
                connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")


run()
