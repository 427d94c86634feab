"""Who asked for a copy of everything about them. The copy itself is made when it is fetched and kept nowhere."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, once_in_office, within_office

EXPORTS_A_DAY = 5  # of one person, in Shanghai; the table says so, too


class Export(InOffice, Base):
    """One copy asked for: by the person, or at the desk for them; it can be fetched for an hour."""

    __tablename__ = "exports"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("helper_id", "people"),
        once_in_office("person_id", "day", "number"),
        CheckConstraint("number BETWEEN 1 AND 5", name="so_many_a_day"),
        CheckConstraint("helper_id <> person_id", name="nobody_helps_themselves"),
    )

    person_id: Mapped[UUID]
    helper_id: Mapped[UUID | None]  # who asked at the desk: only they can print it
    day: Mapped[date]
    number: Mapped[int] = mapped_column(SmallInteger)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
