"""Funds and their allocations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

SOURCES = ("fiscal", "foundation", "crowdfunding", "sponsor")


class Fund(InOffice, Base):
    """Money that stands behind points. Its rate is in force from the first approved allocation."""

    __tablename__ = "funds"
    __table_args__ = (
        within_office("area_id", "areas"),
        within_office("opener_id", "people"),
        once_in_office("name"),
        CheckConstraint("source IN ('fiscal', 'foundation', 'crowdfunding', 'sponsor')", name="source_is_known"),
        CheckConstraint("fen_per_100_points BETWEEN 0 AND 1000000", name="rate_is_sane"),
        CheckConstraint("leader_limit_points >= 0", name="limit_is_not_negative"),
    )

    name: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(12))
    fen_per_100_points: Mapped[int]
    area_id: Mapped[UUID | None]  # of the whole office when empty
    leader_limit_points: Mapped[int | None] = mapped_column(BigInteger)  # above it a worker publishes; empty: no limit
    opener_id: Mapped[UUID]
    opened_at: Mapped[datetime]


class Allocation(InOffice, Base):
    """Points one officer wants in a fund, and what a second officer said to it."""

    __tablename__ = "allocations"
    __table_args__ = (
        within_office("fund_id", "funds"),
        within_office("requester_id", "people"),
        within_office("decider_id", "people"),
        once_in_office("requester_id", "request_key"),
        listed_by("fund_id"),
        listed_by("state"),
        CheckConstraint("points BETWEEN 1 AND 1000000000000", name="points_are_sane"),
        CheckConstraint("state IN ('requested', 'approved', 'declined')", name="state_is_known"),
        CheckConstraint("(state = 'requested') = (decider_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(state = 'approved') = (entry_id IS NOT NULL)", name="approved_means_posted"),
        CheckConstraint("decider_id <> requester_id", name="two_persons"),
    )

    fund_id: Mapped[UUID]
    points: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10), default="requested")
    requester_id: Mapped[UUID]
    request_key: Mapped[str] = mapped_column(String(120))
    request_fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    requested_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    entry_id: Mapped[UUID | None]
