"""The declarative base, the column types, and `InOffice`: every row belongs to an office, and its key says so.

Because the key of every table begins with the office and every foreign key carries it, the database itself refuses
to link a row of one office to a row of another.
"""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    MetaData,
    SmallInteger,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from backend.foundation.ids import uuid7
from backend.foundation.tenancy import office_in_force


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Aware on the way in and out, UTC inside, on both databases (SQLite forgets time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {UUID: Uuid(), datetime: UtcDateTime()}  # noqa: RUF012  # SQLAlchemy reads it as it is


class InOffice:
    """A row of one office, with an identifier that sorts by birth."""

    office_id: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False, default=office_in_force, sort_order=-2
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-1)


def within_office(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that cannot leave the office."""
    return ForeignKeyConstraint(["office_id", column], [f"{table}.office_id", f"{table}.id"])


def once_in_office(*columns: str) -> UniqueConstraint:
    """What may exist only once in an office."""
    return UniqueConstraint("office_id", *columns)


def listed_by(*columns: str) -> Index:
    """An index for a list of one office."""
    return Index(None, "office_id", *columns)
