"""Who is gone, and what went from their wallet to whom."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, once_in_office, within_office

CAUSES = ("death", "erasure")


class Parting(InOffice, Base):
    """Somebody died, or left us for good with everything we know of them. Written once, never changed."""

    __tablename__ = "partings"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("recorder_id", "people"),
        within_office("household_id", "households"),
        once_in_office("person_id"),
        CheckConstraint("cause IN ('death', 'erasure')", name="cause_is_known"),
        CheckConstraint("cause = 'death' OR household_id IS NULL", name="only_the_dead_leave_to_their_household"),
        CheckConstraint("cause <> 'death' OR recorder_id IS NOT NULL", name="a_worker_records_a_death"),
        CheckConstraint("cause <> 'death' OR recorder_id <> person_id", name="nobody_records_their_own_death"),
        CheckConstraint("(cause = 'death') = (died_on IS NOT NULL)", name="a_death_has_a_day"),
    )

    person_id: Mapped[UUID]
    cause: Mapped[str] = mapped_column(String(8))
    recorder_id: Mapped[UUID | None]  # empty: the clock, once the days for a change of mind are over
    household_id: Mapped[UUID | None]  # to whose pot the wallet goes; empty: to the charity pool
    died_on: Mapped[date | None]  # as the worker was told; Asia/Shanghai
    parted_at: Mapped[datetime]


class Bequest(InOffice, Base):
    """What went from the wallet of somebody who is gone to a pot or the charity pool; it names its ledger entry."""

    __tablename__ = "bequests"
    __table_args__ = (
        within_office("parting_id", "partings"),
        within_office("source_id", "people"),
        within_office("household_id", "households"),
        once_in_office("parting_id", "n"),
        once_in_office("entry_id"),
        CheckConstraint("points > 0", name="something_moves"),
    )

    parting_id: Mapped[UUID]
    n: Mapped[int]  # 0 at the parting; what comes into the wallet later goes the same way
    source_id: Mapped[UUID]
    household_id: Mapped[UUID | None]  # empty: to the charity pool
    points: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[UUID]
    left_at: Mapped[datetime]
