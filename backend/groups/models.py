"""Groups, applications and memberships."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

CATEGORIES = ("service", "public_good", "mutual_aid", "culture_sports", "governance")
STAGES = ("circle", "forming", "filed", "suspended", "dissolved")


class Group(InOffice, Base):
    """A community social organisation."""

    __tablename__ = "groups"
    __table_args__ = (
        within_office("area_id", "areas"),
        within_office("founder_id", "people"),
        listed_by("area_id"),
        CheckConstraint(
            "category IN ('service', 'public_good', 'mutual_aid', 'culture_sports', 'governance')",
            name="category_is_known",
        ),
        CheckConstraint("stage IN ('circle', 'forming', 'filed', 'suspended', 'dissolved')", name="stage_is_known"),
        CheckConstraint("members >= 0", name="members_are_counted"),
    )

    found_by: ClassVar = ("name", "theme")  # what `search` is made of

    name: Mapped[str] = mapped_column(String(40))
    theme: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(12), default="circle")
    area_id: Mapped[UUID]
    founder_id: Mapped[UUID]
    members: Mapped[int] = mapped_column(default=0)
    search: Mapped[str] = mapped_column(String(600))
    started_at: Mapped[datetime]


class Membership(InOffice, Base):
    """Somebody belongs to a group."""

    __tablename__ = "memberships"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("person_id", "people"),
        once_in_office("group_id", "person_id"),
        listed_by("person_id"),
    )

    group_id: Mapped[UUID]
    person_id: Mapped[UUID]
    joined_at: Mapped[datetime]


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
