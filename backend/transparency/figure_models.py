"""Figures of months that are over, with everybody behind them."""

import hashlib
import zlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, SmallInteger, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.append_only import AppendOnly
from backend.foundation.tables import Base, InOffice, once_in_office, within_office


class FigureSnapshot(InOffice, Base):
    """One figure of one community at the end of a month. Taken once and never changed: people move, and are erased."""

    __tablename__ = "figure_snapshots"
    __table_args__ = (
        within_office("area_id", "areas"),
        once_in_office("month", "figure", "area_id", "query_version"),
        CheckConstraint("value >= 0", name="counts_something"),
    )

    month: Mapped[str] = mapped_column(String(7))  # 2026-11, Asia/Shanghai
    figure: Mapped[str] = mapped_column(String(20))
    area_id: Mapped[UUID]  # a community
    query_version: Mapped[int] = mapped_column(SmallInteger)
    value: Mapped[int]
    ids_packed: Mapped[bytes] = mapped_column(LargeBinary)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))  # SHA-256 over the sorted ids
    taken_at: Mapped[datetime]

    @property
    def ids(self) -> list[UUID]:
        """Everybody behind the value, sorted: groups or people."""
        packed = zlib.decompress(self.ids_packed)
        return [UUID(bytes=packed[first : first + 16]) for first in range(0, len(packed), 16)]


def packed(ids: Sequence[UUID]) -> bytes:
    """Sorted ids in few bytes."""
    return zlib.compress(_joined(ids))


def fingerprint_of(ids: Sequence[UUID]) -> bytes:
    """By which two lists are compared."""
    return hashlib.sha256(_joined(ids)).digest()


def _joined(ids: Sequence[UUID]) -> bytes:
    return b"".join(each.bytes for each in sorted(ids, key=lambda one: one.bytes))


_table = FigureSnapshot.__table__
assert isinstance(_table, Table)  # noqa: S101  # it maps one table

PROTECTED = AppendOnly(
    what="a figure that was published",
    function="figures_are_append_only",
    office="office_id",
    same_row={
        _table: (
            "id = NEW.id",
            "month = NEW.month AND figure = NEW.figure AND area_id = NEW.area_id AND query_version = NEW.query_version",
        )
    },
)
PROTECTED.create_after(_table)
