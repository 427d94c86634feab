"""What an office asks people to agree to, and what each of them said. Both are only ever added to."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, SmallInteger, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.append_only import AppendOnly
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

CHANNELS = ("app", "desk", "household", "command")


class PolicyVersion(InOffice, Base):
    """The words under which an office asks for one purpose, from its publication until the next version."""

    __tablename__ = "policy_versions"
    __table_args__ = (
        ForeignKeyConstraint(["office_id"], ["offices.id"]),
        within_office("publisher_id", "people"),
        once_in_office("purpose", "version"),
        CheckConstraint("purpose IN ('service', 'phone', 'messages', 'photos')", name="purpose_is_known"),
        CheckConstraint("version >= 1", name="versions_are_counted"),
        CheckConstraint("version = 1 OR publisher_id IS NOT NULL", name="somebody_publishes_what_follows"),
    )

    purpose: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(SmallInteger)
    text: Mapped[str] = mapped_column(Text)  # Markdown, Chinese
    published_at: Mapped[datetime]
    publisher_id: Mapped[UUID | None]  # empty: the office opened with it


class Consent(InOffice, Base):
    """Somebody agreed to one purpose in the words of one version, or took that back."""

    __tablename__ = "consents"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("actor_id", "people"),
        ForeignKeyConstraint(
            ["office_id", "purpose", "version"],
            ["policy_versions.office_id", "policy_versions.purpose", "policy_versions.version"],
        ),
        once_in_office("person_id", "purpose", "n"),
        listed_by("actor_id"),
        CheckConstraint("n >= 1", name="steps_are_counted"),
        CheckConstraint("state IN ('given', 'withdrawn')", name="state_is_known"),
        CheckConstraint("state = 'given' OR purpose <> 'service'", name="what_is_needed_stays"),
        CheckConstraint("channel IN ('app', 'desk', 'household', 'command')", name="channel_is_known"),
        CheckConstraint("(actor_id IS NULL) = (channel IN ('app', 'command'))", name="helped_by_somebody"),
        CheckConstraint("actor_id <> person_id", name="nobody_helps_themselves"),
        CheckConstraint("NOT on_paper OR channel IN ('desk', 'command')", name="paper_lies_at_the_desk"),
    )

    person_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(String(10))
    n: Mapped[int] = mapped_column(SmallInteger)  # 1, 2, 3 …: the last one counts
    version: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(String(9))
    at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(9))
    actor_id: Mapped[UUID | None]  # who wrote it down for them; empty: they said so themselves
    on_paper: Mapped[bool] = mapped_column(default=False)  # a signed paper lies at the desk


PROTECTED = AppendOnly(
    what="what people agreed to",
    function="consents_are_append_only",
    office="office_id",
    same_row={
        cast(Table, PolicyVersion.__table__): (
            "id = NEW.id",
            "(purpose = NEW.purpose AND version = NEW.version)",
        ),
        cast(Table, Consent.__table__): (
            "id = NEW.id",
            "(person_id = NEW.person_id AND purpose = NEW.purpose AND n = NEW.n)",
        ),
    },
)
PROTECTED.create_after(cast(Table, Consent.__table__))
