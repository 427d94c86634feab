"""The one place that crosses offices: sums over the sub-districts of the district in force, never a row of theirs.

`acting_in` keeps everything else in one office. Here every statement names the offices itself, adds up by office, and
joins the table of offices for those that lie in this district, so no other office can come out of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, select

from backend.foundation.db import session
from backend.foundation.tenancy import office_in_force
from backend.places.models import Office
from backend.places.offices import office
from backend.transparency.errors import OfficeIsNoDistrict

_offices: Any = Office.__table__


@dataclass(frozen=True)
class Across:
    """The sub-districts that may be looked at, and how to add up something in each."""

    district_id: int
    offices: Sequence[Office]

    def sums(self, table: Table, *where: ColumnElement[bool], **figures: ColumnElement[Any]) -> dict[int, Any]:
        """One statement: the figures by office, for those that have any row."""
        query = (
            select(table.c.office_id, *(figure.label(name) for name, figure in figures.items()))
            .select_from(table.join(_offices, table.c.office_id == _offices.c.id))
            .where(
                _offices.c.district_id == self.district_id,
                table.c.office_id.in_([each.id for each in self.offices]),
                *where,
            )
            .group_by(table.c.office_id)
        )
        return {row.office_id: row for row in session().execute(query)}


@contextmanager
def across_sub_districts() -> Iterator[Across]:
    """Look at the sub-districts of the office in force. Raises `OfficeIsNoDistrict`."""
    district = office(office_in_force())
    if district.kind != "district":
        raise OfficeIsNoDistrict()
    below = session().scalars(select(Office).where(Office.district_id == district.id).order_by(Office.id)).all()
    yield Across(district.id, below)
