"""Who asked to be erased, and what is kept of them because a law says so."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.keyring import KEPT
from backend.foundation.sealed import GONE, Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office


class ErasureRequest(InOffice, Base):
    """Somebody wants to leave for good. Until it is due they may think better of it."""

    __tablename__ = "erasure_requests"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("helper_id", "people"),
        Index(
            "uq_erasure_requests_one_waiting",
            "office_id",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        listed_by("state", "due_at"),
        CheckConstraint("state IN ('waiting', 'withdrawn', 'done')", name="state_is_known"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="waiting_or_ended"),
        CheckConstraint("helper_id <> person_id", name="helped_by_somebody_else"),
    )

    person_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(9), default="waiting")
    helper_id: Mapped[UUID | None]  # who entered it at the desk; empty: they did so themselves
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class KeptRecord(InOffice, Base):
    """The name beside the minutes of somebody who is gone, under a key that outlives them until a day."""

    __tablename__ = "kept_records"
    __table_args__ = (
        within_office("person_id", "people"),
        once_in_office("person_id"),
        listed_by("until"),
        CheckConstraint("minutes > 0", name="they_served"),
        CheckConstraint("(name_sealed IS NULL) = (destroyed_at IS NOT NULL)", name="there_or_destroyed"),
    )

    person_id: Mapped[UUID]
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    minutes: Mapped[int]  # of service in all
    kept_at: Mapped[datetime]
    until: Mapped[date]  # the last day, Asia/Shanghai
    destroyed_at: Mapped[datetime | None]

    name = Sealed[str | None](about="person_id", gone=GONE, purpose=KEPT)
