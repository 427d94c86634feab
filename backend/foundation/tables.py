"""The declarative base, the column types, and `InOffice`: every row belongs to an office, and its key says so.

Because the key of every table begins with the office and every foreign key carries it, the database itself refuses
to link a row of one office to a row of another.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
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
    inspect,
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

    def as_read(self) -> dict[str, Any]:
        """Every column by its name; texts about a person opened."""
        sealed = sealed_columns(type(self))
        keys = [attribute.key for attribute in inspect(type(self)).column_attrs]
        names = (key.removesuffix("_sealed") if key in sealed else key for key in keys)
        return {name: getattr(self, name) for name in names}

    @classmethod
    def at_rest(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a new row as they are stored: texts about a person are sealed."""
        sealed = {column.removesuffix("_sealed") for column in sealed_columns(cls)} & values.keys()
        if not sealed:
            return dict(values)
        row = cls(**{name: value for name, value in values.items() if name not in sealed})
        for name in sorted(sealed):
            setattr(row, name, values[name])
        plain = {name: value for name, value in values.items() if name not in sealed}
        return plain | {"id": row.id} | {f"{name}_sealed": getattr(row, f"{name}_sealed") for name in sealed}


_sealed_columns: dict[type, set[str]] = {}


def is_sealed(model: type[InOffice], column: str) -> None:
    """Note that a column of a table holds a text about a person."""
    _sealed_columns.setdefault(model, set()).add(column)


def sealed_columns(model: type) -> Collection[str]:
    """Where rows of that table hold texts about a person."""
    return _sealed_columns.get(model, ())


def within_office(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that cannot leave the office."""
    return ForeignKeyConstraint(["office_id", column], [f"{table}.office_id", f"{table}.id"])


def once_in_office(*columns: str) -> UniqueConstraint:
    """What may exist only once in an office."""
    return UniqueConstraint("office_id", *columns)


def listed_by(*columns: str) -> Index:
    """An index for a list of one office."""
    return Index(None, "office_id", *columns)
