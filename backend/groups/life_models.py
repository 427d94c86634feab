"""What became of a group: its history, its annual confirmations, and how it ended."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.append_only import AppendOnly
from backend.foundation.sealed import GONE, Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

CHANGES = ("stage", "category", "level", "name", "leader", "brand")
CONFIRMATION_STATES = ("reported", "confirmed", "returned")
DISSOLUTION_STATES = ("requested", "approved", "declined")


class GroupChange(InOffice, Base):
    """One thing of a group that became another, with its date. Only ever added to."""

    __tablename__ = "group_changes"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("changed_by_id", "people"),
        listed_by("group_id", "id"),
        listed_by("what", "changed_at"),
        CheckConstraint("what IN ('stage', 'category', 'level', 'name', 'leader', 'brand')", name="what_is_known"),
        CheckConstraint("from_text IS NULL OR from_text <> to_text", name="something_changed"),
    )

    group_id: Mapped[UUID]
    what: Mapped[str] = mapped_column(String(8))
    from_text: Mapped[str | None] = mapped_column(String(60))  # a state word, a name, or a person's id
    to_text: Mapped[str] = mapped_column(String(60))
    changed_by_id: Mapped[UUID | None]  # nobody: by the command line
    changed_at: Mapped[datetime]


_history = GroupChange.__table__
assert isinstance(_history, Table)  # noqa: S101  # it maps one table

PROTECTED = AppendOnly(
    what="the history of groups",
    function="group_history_is_append_only",
    office="office_id",
    same_row={_history: ("id = NEW.id",)},
)
PROTECTED.create_after(_history)


class Confirmation(InOffice, Base):
    """What a group's leader says of one year (年度确认), and whether a worker confirmed it."""

    __tablename__ = "group_confirmations"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("reporter_id", "people"),
        within_office("decider_id", "people"),
        once_in_office("group_id", "year"),
        listed_by("state", "id"),
        CheckConstraint("state IN ('reported', 'confirmed', 'returned')", name="state_is_known"),
        CheckConstraint("(state = 'reported') = (decider_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint("decider_id <> reporter_id", name="two_persons"),
        CheckConstraint("members >= 0 AND activities >= 0", name="figures_are_counted"),
    )

    group_id: Mapped[UUID]
    year: Mapped[int] = mapped_column(SmallInteger)
    members: Mapped[int]  # counted by us when it was reported
    activities: Mapped[int]  # of that year, as the leader says
    changes_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(9), default="reported")
    reporter_id: Mapped[UUID]
    reported_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))

    changes = Sealed[str](about="reporter_id", gone=GONE)  # in the year, in the leader's words; it may name people


class Dissolution(InOffice, Base):
    """Somebody wants a group to end, where its points go, and what an officer said to it."""

    __tablename__ = "dissolutions"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("to_group_id", "groups"),
        within_office("requester_id", "people"),
        within_office("decider_id", "people"),
        Index(
            "uq_dissolutions_one_open",
            "office_id",
            "group_id",
            unique=True,
            sqlite_where=text("state = 'requested'"),
            postgresql_where=text("state = 'requested'"),
        ),
        once_in_office("entry_id"),
        listed_by("state", "id"),
        CheckConstraint("state IN ('requested', 'approved', 'declined')", name="state_is_known"),
        CheckConstraint("(state = 'requested') = (decider_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint("decider_id <> requester_id", name="two_persons"),
        CheckConstraint("to_group_id <> group_id", name="points_go_elsewhere"),
        CheckConstraint("(entry_id IS NULL) = (points = 0)", name="what_moved_has_an_entry"),
        CheckConstraint("points = 0 OR (points > 0 AND state = 'approved')", name="only_what_ended_pays"),
    )

    group_id: Mapped[UUID]
    is_ordered: Mapped[bool]  # by an officer, not asked for by the leader
    to_group_id: Mapped[UUID | None]  # empty: to the charity pool
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(9), default="requested")
    requester_id: Mapped[UUID]
    requested_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None] = mapped_column(String(200))
    points: Mapped[int] = mapped_column(BigInteger, default=0)  # what its wallet still had
    entry_id: Mapped[UUID | None]
