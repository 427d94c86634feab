"""Putting what was sealed before people had keys of their own under those, a piece at a time, as often as one likes."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, func, literal, select

from backend.foundation.append_only import PROTECTED_TABLES
from backend.foundation.db import session
from backend.foundation.keyring import MARK
from backend.foundation.sealed import Sealed
from backend.foundation.tables import Base

AT_ONCE = 200

Place = tuple[Any, str]  # a table and one of its texts


def places() -> Iterator[Place]:
    """Every text about a person, but for those of tables whose rows nothing changes."""
    for mapper in sorted(Base.registry.mappers, key=lambda mapper: mapper.class_.__name__):
        model = mapper.class_
        if model.__table__ not in PROTECTED_TABLES:
            yield from ((model, name) for name, text in sorted(vars(model).items()) if isinstance(text, Sealed))


def reseal(place: Place, *, after: UUID | None) -> tuple[int, UUID | None]:
    """Reseal the next rows of the office in force; how many that were, and after which to go on: None at the end.

    The rows are locked, so that whoever changes them meanwhile is not undone.
    """
    model, name = place
    text: Sealed[Any] = getattr(model, name)
    column = getattr(model, text.column)
    older = func.substr(column, 1, 1) != literal(MARK, LargeBinary)
    wanted = select(model).where(column.is_not(None), older).order_by(model.id).limit(AT_ONCE).with_for_update()
    rows = session().scalars(wanted if after is None else wanted.where(model.id > after)).all()
    done = sum(text.resealed(row) for row in rows)
    session().flush()
    return done, rows[-1].id if len(rows) == AT_ONCE else None
