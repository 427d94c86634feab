"""Who looked at somebody's data in full. Written, never changed; what they saw is not in it."""

from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, SmallInteger, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.append_only import AppendOnly
from backend.foundation.sealed import GONE, Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

FIELDS = ("name", "phone", "door")
REVEALS_A_DAY = 20  # of one worker, in Shanghai; the table says so, too


class Reveal(InOffice, Base):
    """One look: at whose data, by whom, at which of it, why."""

    __tablename__ = "reveals"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("viewer_id", "people"),
        once_in_office("viewer_id", "day", "number"),
        listed_by("person_id", "id"),
        CheckConstraint("number BETWEEN 1 AND 20", name="so_many_a_day"),
        CheckConstraint("viewer_id <> person_id", name="of_somebody_else"),
    )

    person_id: Mapped[UUID]
    viewer_id: Mapped[UUID]
    day: Mapped[date]  # in Shanghai; with the number it keeps a worker to so many a day
    number: Mapped[int] = mapped_column(SmallInteger)
    fields: Mapped[str] = mapped_column(String(40))  # their names, with commas
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]

    reason = Sealed[str](about="person_id", gone=GONE)  # as it was typed

    @property
    def shown(self) -> list[str]:
        return self.fields.split(",")


PROTECTED = AppendOnly(
    what="who looked",
    function="reveals_are_append_only",
    office="office_id",
    same_row={
        cast(Table, Reveal.__table__): (
            "id = NEW.id",
            "(viewer_id = NEW.viewer_id AND day = NEW.day AND number = NEW.number)",
        )
    },
)
PROTECTED.create_after(cast(Table, Reveal.__table__))
