"""What people list, what they write to each other about it, and capable people."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import GONE, Sealed
from backend.foundation.tables import Base, InOffice, listed_by, within_office

VISIBILITIES = ("unit", "building", "community")
NAMES = ("name", "masked")
STATES = ("suggested", "invited", "accepted", "declined", "dismissed", "withdrawn")
OPEN_STATES = ("suggested", "invited", "accepted")

LONGEST_TITLE = 30

NOT_WITHDRAWN = text("withdrawn_at IS NULL")
OPEN = text("state IN ('suggested', 'invited', 'accepted')")
UNANSWERED = text("state = 'sent'")


class SkillListing(InOffice, Base):
    """What somebody can do or likes to do, and the neighbours who may see it.

    It belongs to a person behind a door: once they live behind another one it is seen by nobody. What was withdrawn
    has no words left.
    """

    __tablename__ = "skill_listings"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("lister_id", "people"),
        within_office("household_id", "households"),
        within_office("seen_from_id", "areas"),
        Index(
            "uq_skill_listings_once_each",
            "office_id",
            "person_id",
            "kind",
            "title",
            unique=True,
            sqlite_where=NOT_WITHDRAWN,
            postgresql_where=NOT_WITHDRAWN,
        ),
        Index(
            "ix_skill_listings_seen_from",
            "office_id",
            "seen_from_id",
            "id",
            sqlite_where=NOT_WITHDRAWN,
            postgresql_where=NOT_WITHDRAWN,
        ),
        listed_by("person_id", "id"),
        CheckConstraint("kind IN ('interest', 'skill', 'profession')", name="kind_is_known"),
        CheckConstraint("visibility IN ('unit', 'building', 'community')", name="visibility_is_known"),
        CheckConstraint("shown_as IN ('name', 'masked')", name="name_is_shown_somehow"),
        CheckConstraint(
            "withdrawn_at IS NULL OR (title = '' AND note = '' AND search = '')", name="withdrawn_is_forgotten"
        ),
    )

    found_by: ClassVar = ("title", "note")  # what `search` is made of

    person_id: Mapped[UUID]
    lister_id: Mapped[UUID]  # themselves, or the head of their household
    household_id: Mapped[UUID]  # theirs when it was listed
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    note: Mapped[str] = mapped_column(String(200), default="")
    visibility: Mapped[str] = mapped_column(String(9))
    seen_from_id: Mapped[UUID]  # their unit, building or community: whoever lives below it sees the listing
    shown_as: Mapped[str] = mapped_column(String(6), default="masked")
    search: Mapped[str] = mapped_column(String(600))
    listed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    @property
    def area_id(self) -> UUID:
        """Whose workers look at its words, where WeChat cannot judge them."""
        return self.seen_from_id

    @property
    def placeholder(self) -> str:
        """What stands where a worker removed words; another one in each row, because titles differ."""
        return f"已移除{self.id.int % 9000 + 1000}"


class CapablePerson(InOffice, Base):
    """Somebody known for a skill (能人): who found them, who invited them, and what they said to it."""

    __tablename__ = "capable_people"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("finder_id", "people"),
        within_office("area_id", "areas"),
        within_office("worker_id", "people"),
        within_office("closed_by_id", "people"),
        Index(
            "uq_capable_people_one_open",
            "office_id",
            "person_id",
            "title",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        listed_by("state", "area_id", "id"),
        listed_by("person_id", "id"),
        listed_by("finder_id", "id"),
        CheckConstraint(
            "state IN ('suggested', 'invited', 'accepted', 'declined', 'dismissed', 'withdrawn')", name="state_is_known"
        ),
        CheckConstraint("shown_as IN ('name', 'masked')", name="name_is_shown_somehow"),
        CheckConstraint("finder_id <> person_id", name="nobody_finds_themselves"),
        CheckConstraint("worker_id <> person_id", name="nobody_invites_themselves"),
        CheckConstraint("(worker_id IS NULL) = (decided_at IS NULL)", name="decided_by_a_worker"),
        CheckConstraint("state <> 'suggested' OR worker_id IS NULL", name="a_suggestion_waits"),
        CheckConstraint(
            "state NOT IN ('invited', 'accepted', 'declined', 'dismissed') OR worker_id IS NOT NULL",
            name="a_worker_stands_between",
        ),
        CheckConstraint("state <> 'accepted' OR accepted_at IS NOT NULL", name="listed_is_accepted"),
        CheckConstraint(
            "(state IN ('declined', 'dismissed', 'withdrawn')) = (closed_at IS NOT NULL)", name="open_or_closed"
        ),
    )

    found_by: ClassVar = ("title",)

    person_id: Mapped[UUID]
    finder_id: Mapped[UUID]
    area_id: Mapped[UUID]  # their community, whose workers decide
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(9), default="suggested")
    shown_as: Mapped[str] = mapped_column(String(6), default="masked")
    search: Mapped[str] = mapped_column(String(600))
    suggested_at: Mapped[datetime]
    worker_id: Mapped[UUID | None]  # who invited them, or dismissed the suggestion
    decided_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[UUID | None]
    closing_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = Sealed[str](about="person_id", gone=GONE)  # why they are suggested; WeChat judged it
    closing = Sealed[str | None](about="person_id", gone=None)  # why it ended

    @property
    def placeholder(self) -> str:
        """What stands where a worker removed words; another one in each row, because titles differ."""
        return f"已移除{self.id.int % 9000 + 1000}"


class SkillContact(InOffice, Base):
    """A neighbour asks whoever listed a skill, or a capable person, and is answered; both read it here only."""

    __tablename__ = "skill_contacts"
    __table_args__ = (
        within_office("asker_id", "people"),
        within_office("person_id", "people"),
        within_office("listing_id", "skill_listings"),
        within_office("capable_id", "capable_people"),
        Index(
            "uq_skill_contacts_one_listing_open",
            "office_id",
            "asker_id",
            "listing_id",
            unique=True,
            sqlite_where=UNANSWERED,
            postgresql_where=UNANSWERED,
        ),
        Index(
            "uq_skill_contacts_one_capable_open",
            "office_id",
            "asker_id",
            "capable_id",
            unique=True,
            sqlite_where=UNANSWERED,
            postgresql_where=UNANSWERED,
        ),
        listed_by("asker_id", "id"),
        listed_by("person_id", "id"),
        CheckConstraint("(listing_id IS NULL) <> (capable_id IS NULL)", name="about_one_thing"),
        CheckConstraint("asker_id <> person_id", name="nobody_writes_to_themselves"),
        CheckConstraint("state IN ('sent', 'accepted', 'declined')", name="state_is_known"),
        CheckConstraint("(state = 'sent') = (answered_at IS NULL)", name="answered_or_not"),
    )

    asker_id: Mapped[UUID]
    person_id: Mapped[UUID]  # whom they write to
    listing_id: Mapped[UUID | None]
    capable_id: Mapped[UUID | None]
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8), default="sent")
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    text = Sealed[str](about="asker_id", gone=GONE)
    answer = Sealed[str | None](about="person_id", gone=None)
