"""Two households that become one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import Sealed
from backend.foundation.tables import Base, InOffice, listed_by, within_office

UNDECIDED = text("state IN ('asked', 'agreed')")


class HouseholdMerge(InOffice, Base):
    """One head asks, the other agrees, a worker confirms: who lived in the one lives in the other."""

    __tablename__ = "household_merges"
    __table_args__ = (
        within_office("household_id", "households"),
        within_office("into_id", "households"),
        within_office("requester_id", "people"),
        within_office("agreed_by_id", "people"),
        within_office("decider_id", "people"),
        Index(
            "uq_household_merges_one_open",
            "office_id",
            "household_id",
            unique=True,
            sqlite_where=UNDECIDED,
            postgresql_where=UNDECIDED,
        ),
        listed_by("into_id"),
        listed_by("state"),
        CheckConstraint(
            "state IN ('asked', 'agreed', 'confirmed', 'declined', 'withdrawn')",
            name="state_is_known",
        ),
        CheckConstraint("household_id <> into_id", name="of_two_households"),
        CheckConstraint("agreed_by_id <> requester_id", name="two_heads"),
        CheckConstraint("state NOT IN ('agreed', 'confirmed') OR agreed_by_id IS NOT NULL", name="both_want_it"),
        CheckConstraint("decider_id <> requester_id AND decider_id <> agreed_by_id", name="not_by_those_concerned"),
        CheckConstraint("state <> 'confirmed' OR decider_id IS NOT NULL", name="a_worker_confirms"),
    )

    household_id: Mapped[UUID]  # that ends
    into_id: Mapped[UUID]  # that goes on
    requester_id: Mapped[UUID]
    agreed_by_id: Mapped[UUID | None]
    decider_id: Mapped[UUID | None]  # the worker
    state: Mapped[str] = mapped_column(String(9), default="asked")
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    reason = Sealed[str | None](about="requester_id", gone=None)
