"""What guardians said about children under 14. Only ever added to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.append_only import AppendOnly
from backend.foundation.tables import Base, InOffice, listed_by, within_office


class GuardianConsent(InOffice, Base):
    """A guardian consented, or withdrew it, for one child: to which policy, when, by which way. The newest counts."""

    __tablename__ = "guardian_consents"
    __table_args__ = (
        within_office("guardian_id", "people"),
        within_office("child_id", "people"),
        within_office("recorder_id", "people"),
        listed_by("child_id", "id"),
        listed_by("guardian_id"),
        CheckConstraint("said IN ('given', 'withdrawn')", name="said_is_known"),
        CheckConstraint("channel IN ('app', 'desk')", name="channel_is_known"),
        CheckConstraint("guardian_id <> child_id", name="nobody_guards_themselves"),
    )

    guardian_id: Mapped[UUID]
    child_id: Mapped[UUID]
    said: Mapped[str] = mapped_column(String(9))
    policy_version: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(4))  # the guardian's phone, or a worker who heard them say it
    recorder_id: Mapped[UUID]  # whose hands wrote it: the guardian or the worker
    said_at: Mapped[datetime]


_table = GuardianConsent.__table__
assert isinstance(_table, Table)  # noqa: S101  # it maps one table

PROTECTED = AppendOnly(
    what="the record of consents",
    function="guardian_consents_is_append_only",
    office="office_id",
    same_row={_table: ("id = NEW.id",)},
)
PROTECTED.create_after(_table)
