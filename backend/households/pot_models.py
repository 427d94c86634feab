"""What a household chose about its pot, and what its head is asked to approve."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

UNUSED = text("state IN ('asked', 'approved')")


class HouseholdChoice(InOffice, Base):
    """What the head decided for the household; a household without a row has chosen nothing."""

    __tablename__ = "household_choices"
    __table_args__ = (
        within_office("household_id", "households"),
        within_office("chosen_by_id", "people"),
        once_in_office("household_id"),
        CheckConstraint("spend_limit_points BETWEEN 0 AND 1000000", name="limit_is_sane"),
    )

    household_id: Mapped[UUID]
    spend_limit_points: Mapped[int]  # of one redemption by a member; above it the head approves
    awards_to_pot: Mapped[bool] = mapped_column(default=False)
    chosen_by_id: Mapped[UUID]
    chosen_at: Mapped[datetime]


class SpendingRequest(InOffice, Base):
    """A member wants to spend more of the pot than the limit: good once, for that thing and that many points."""

    __tablename__ = "spending_requests"
    __table_args__ = (
        within_office("household_id", "households"),
        within_office("person_id", "people"),
        within_office("decider_id", "people"),
        Index(
            "uq_spending_requests_one_unused",
            "office_id",
            "household_id",
            "person_id",
            "subject_id",
            unique=True,
            sqlite_where=UNUSED,
            postgresql_where=UNUSED,
        ),
        listed_by("household_id", "state"),
        CheckConstraint("state IN ('asked', 'approved', 'declined', 'withdrawn', 'used')", name="state_is_known"),
        CheckConstraint("points > 0", name="points_are_spent"),
        CheckConstraint("(state IN ('asked', 'withdrawn')) = (decider_id IS NULL)", name="decided_by_the_head"),
        CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name="decided_at_some_time"),
    )

    household_id: Mapped[UUID]
    person_id: Mapped[UUID]
    subject_id: Mapped[UUID]  # what for: an offer of a higher floor
    label: Mapped[str] = mapped_column(String(120))  # what the head reads
    points: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(9), default="asked")
    asked_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    good_until: Mapped[datetime | None]  # an approval that nobody used
