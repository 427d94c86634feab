"""The election of a head: who was nominated, who may vote, and what came of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

UNDECIDED = text("state IN ('open', 'elected')")


class HeadElection(InOffice, Base):
    """The adults of a household say whether somebody is to be its head; a worker confirms what they said."""

    __tablename__ = "head_elections"
    __table_args__ = (
        within_office("household_id", "households"),
        within_office("nominee_id", "people"),
        within_office("nominator_id", "people"),
        within_office("decider_id", "people"),
        Index(
            "uq_head_elections_one_open",
            "office_id",
            "household_id",
            unique=True,
            sqlite_where=UNDECIDED,
            postgresql_where=UNDECIDED,
        ),
        listed_by("household_id"),
        listed_by("state"),
        CheckConstraint(
            "state IN ('open', 'elected', 'failed', 'lapsed', 'withdrawn', 'confirmed', 'declined')",
            name="state_is_known",
        ),
        CheckConstraint("electors BETWEEN 1 AND 12", name="somebody_elects"),
        CheckConstraint("yes >= 0 AND no >= 0 AND yes + no <= electors", name="nobody_votes_twice"),
        CheckConstraint(
            "state NOT IN ('elected', 'confirmed', 'declined') OR yes * 2 > electors", name="a_majority_of_all_elects"
        ),
        CheckConstraint("(state IN ('confirmed', 'declined')) = (decider_id IS NOT NULL)", name="decided_by_somebody"),
        CheckConstraint("decider_id <> nominee_id", name="nobody_confirms_themselves"),
    )

    household_id: Mapped[UUID]
    nominee_id: Mapped[UUID]
    nominator_id: Mapped[UUID]
    electors: Mapped[int] = mapped_column(SmallInteger)  # the adults when it opened
    yes: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    no: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    state: Mapped[str] = mapped_column(String(9), default="open")
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]  # the worker
    ended_at: Mapped[datetime | None]


class HeadElector(InOffice, Base):
    """An adult who lived there when an election opened, and what they said."""

    __tablename__ = "head_electors"
    __table_args__ = (
        within_office("election_id", "head_elections"),
        within_office("person_id", "people"),
        once_in_office("election_id", "person_id"),
        listed_by("person_id"),
        CheckConstraint("vote IN ('yes', 'no')", name="vote_is_known"),
        CheckConstraint("(vote IS NULL) = (voted_at IS NULL)", name="voted_at_some_time"),
    )

    election_id: Mapped[UUID]
    person_id: Mapped[UUID]
    vote: Mapped[str | None] = mapped_column(String(3))
    voted_at: Mapped[datetime | None]
