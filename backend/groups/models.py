"""Groups, applications and memberships."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

CATEGORIES = ("service", "public_good", "mutual_aid", "culture_sports", "governance")
STAGES = ("circle", "forming", "filed", "suspended", "dissolved")
LEVELS = ("emerging", "filed", "registered")  # before the law: nothing yet, filed with the sub-district, a legal person
ENDINGS = ("left", "removed", "dissolved", "departed")


class Group(InOffice, Base):
    """A community social organisation."""

    __tablename__ = "groups"
    __table_args__ = (
        within_office("area_id", "areas"),
        within_office("founder_id", "people"),
        listed_by("area_id"),
        listed_by("confirm_due_on"),
        once_in_office("filing_number"),
        CheckConstraint(
            "category IN ('service', 'public_good', 'mutual_aid', 'culture_sports', 'governance')",
            name="category_is_known",
        ),
        CheckConstraint("stage IN ('circle', 'forming', 'filed', 'suspended', 'dissolved')", name="stage_is_known"),
        CheckConstraint("level IN ('emerging', 'filed', 'registered')", name="level_is_known"),
        CheckConstraint("members >= 0", name="members_are_counted"),
        CheckConstraint("(filing_number IS NULL) = (filed_at IS NULL)", name="numbered_when_filed"),
        CheckConstraint("filing_number IS NULL OR level <> 'emerging'", name="a_number_is_a_level"),
        CheckConstraint(
            "(level = 'registered') = (registration_number IS NOT NULL)"
            " AND (registration_number IS NULL) = (registered_on IS NULL)",
            name="registered_under_a_number",
        ),
    )

    found_by: ClassVar = ("name", "theme")  # what `search` is made of

    name: Mapped[str] = mapped_column(String(40))
    theme: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(12), default="circle")
    suspended_from: Mapped[str | None] = mapped_column(String(12))  # the stage it goes on with
    level: Mapped[str] = mapped_column(String(10), default="emerging")
    venue: Mapped[str | None] = mapped_column(String(100))
    area_id: Mapped[UUID]
    founder_id: Mapped[UUID]
    members: Mapped[int] = mapped_column(default=0)
    search: Mapped[str] = mapped_column(String(600))
    started_at: Mapped[datetime]
    filing_number: Mapped[str | None] = mapped_column(String(80))  # stays, whatever becomes of it
    filed_at: Mapped[datetime | None]
    confirm_due_on: Mapped[date | None]  # the last day of its next annual confirmation; empty: it was never filed
    registration_number: Mapped[str | None] = mapped_column(String(18))
    registered_on: Mapped[date | None]
    is_brand: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def is_open(self) -> bool:
        """It takes members and does things; a suspended or dissolved one does not."""
        return self.stage not in ("suspended", "dissolved")


class Membership(InOffice, Base):
    """Somebody belongs to a group, from then until then; who comes back has another one."""

    __tablename__ = "memberships"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("person_id", "people"),
        within_office("ended_by_id", "people"),
        Index(
            "uq_memberships_one_at_a_time",
            "office_id",
            "group_id",
            "person_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
        listed_by("group_id", "id"),
        listed_by("person_id"),
        CheckConstraint("left_why IN ('left', 'removed', 'dissolved', 'departed')", name="ending_is_known"),
        CheckConstraint("(left_at IS NULL) = (left_why IS NULL)", name="ended_for_some_reason"),
        CheckConstraint("left_why <> 'removed' OR ended_by_id IS NOT NULL", name="removed_by_somebody"),
        CheckConstraint("ended_by_id <> person_id", name="nobody_removes_themselves"),
    )

    group_id: Mapped[UUID]
    person_id: Mapped[UUID]
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    left_why: Mapped[str | None] = mapped_column(String(9))
    ended_by_id: Mapped[UUID | None]
    removal_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    removal_reason = Sealed[str | None](about="person_id", gone=None)  # why the leader removed them


class Application(InOffice, Base):
    """Somebody would like to join (主动申请加入)."""

    __tablename__ = "applications"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("person_id", "people"),
        within_office("decider_id", "people"),
        Index(
            "uq_applications_one_open",
            "office_id",
            "group_id",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'applied'"),
            postgresql_where=text("state = 'applied'"),
        ),
        listed_by("group_id", "state"),
        listed_by("person_id"),
        CheckConstraint("state IN ('applied', 'approved', 'declined', 'withdrawn')", name="state_is_known"),
        CheckConstraint("decider_id <> person_id", name="nobody_approves_themselves"),
    )

    group_id: Mapped[UUID]
    person_id: Mapped[UUID]
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), default="applied")
    applied_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    note = Sealed[str | None](about="person_id", gone=None)
    reason = Sealed[str | None](about="person_id", gone=None)
