"""What phones without a network took along and brought back. Scans are evidence: every one is kept, as it came."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, LargeBinary, SmallInteger, String, select
from sqlalchemy.orm import Mapped, mapped_column

from backend.activities.models import Activity
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

MOST_SCANS = 500  # in one batch

RESULTS = ("created", "duplicate", "review", "refused")


class OfflinePack(InOffice, Base):
    """A phone took the roster of an activity along; the activity is not settled by itself before it reported."""

    __tablename__ = "offline_packs"
    __table_args__ = (
        within_office("activity_id", "activities"),
        within_office("fetched_by_id", "people"),
        once_in_office("activity_id", "device_id"),
        listed_by("activity_id"),
    )

    activity_id: Mapped[UUID]
    device_id: Mapped[str] = mapped_column(String(64))  # as the phone calls itself
    fetched_by_id: Mapped[UUID]
    fetched_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    reported_at: Mapped[datetime | None]  # its last batch that named this activity


def has_unreported_phones() -> ColumnElement[bool]:
    """Does a phone that took an activity's roster along still owe its scans? For a query over activities."""
    waits = OfflinePack.reported_at.is_(None) | (OfflinePack.reported_at < OfflinePack.fetched_at)
    of_it = (OfflinePack.office_id == Activity.office_id) & (OfflinePack.activity_id == Activity.id)
    return select(OfflinePack.id).where(of_it, waits).exists()


class ScanBatch(InOffice, Base):
    """What one phone brought back at once. The same content again is the same batch."""

    __tablename__ = "scan_batches"
    __table_args__ = (
        within_office("recorder_id", "people"),
        once_in_office("recorder_id", "fingerprint"),
        listed_by("recorder_id", "id"),
        CheckConstraint("scans BETWEEN 0 AND 500", name="not_too_many"),
    )

    recorder_id: Mapped[UUID]
    device_id: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))  # over the device and its scans
    sent_at: Mapped[datetime]  # by the clock of the phone
    received_at: Mapped[datetime]
    skew_seconds: Mapped[int] = mapped_column(BigInteger)  # what that clock was behind ours
    scans: Mapped[int] = mapped_column(SmallInteger)


class Scan(InOffice, Base):
    """One scan of one phone, and what came of it. The number a phone gave it is used once."""

    __tablename__ = "scans"
    __table_args__ = (
        within_office("batch_id", "scan_batches"),
        within_office("session_id", "sessions"),
        within_office("person_id", "people"),
        within_office("check_in_id", "check_ins"),
        once_in_office("device_id", "scan_id"),
        listed_by("batch_id"),
        listed_by("check_in_id"),
        CheckConstraint("direction IN ('in', 'out')", name="direction_is_known"),
        CheckConstraint("method IN ('scan', 'card')", name="method_is_known"),
        CheckConstraint("result IN ('created', 'duplicate', 'review', 'refused')", name="result_is_known"),
        CheckConstraint("(result = 'refused') = (refusal IS NOT NULL)", name="refused_for_a_reason"),
        CheckConstraint("(result = 'refused') = (check_in_id IS NULL)", name="what_counts_has_a_check_in"),
    )

    batch_id: Mapped[UUID]
    n: Mapped[int] = mapped_column(SmallInteger)  # its place in the batch
    device_id: Mapped[str] = mapped_column(String(64))
    scan_id: Mapped[str] = mapped_column(String(64))
    session_id: Mapped[UUID | None]  # empty: none of ours
    person_id: Mapped[UUID | None]  # empty: nobody was recognised
    direction: Mapped[str] = mapped_column(String(3))
    method: Mapped[str] = mapped_column(String(4))
    scanned_at: Mapped[datetime]  # by the clock of the phone
    happened_at: Mapped[datetime]  # by ours
    result: Mapped[str] = mapped_column(String(9))
    refusal: Mapped[str | None] = mapped_column(String(40))
    check_in_id: Mapped[UUID | None]
