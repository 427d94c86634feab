"""The limits of groups, and whom they thanked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

STATES = ("waiting", "given", "declined", "expired")  # the last one is never written: time tells


class GroupLimit(InOffice, Base):
    """What one leader may give or spend alone. A new row takes the place of the one before, which stays."""

    __tablename__ = "group_limits"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("set_by_id", "people"),
        listed_by("group_id", "id"),
        CheckConstraint("points BETWEEN 0 AND 1000000", name="limit_is_sane"),
    )

    group_id: Mapped[UUID]
    points: Mapped[int]  # above it, two leaders
    set_by_id: Mapped[UUID]
    set_at: Mapped[datetime]


class Thanks(InOffice, Base):
    """Points of a group for one of its members: given, or waiting for a second leader."""

    __tablename__ = "thanks"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("person_id", "people"),
        within_office("household_id", "households"),
        within_office("giver_id", "people"),
        within_office("decider_id", "people"),
        once_in_office("giver_id", "request_key"),
        once_in_office("entry_id"),
        listed_by("group_id", "id"),
        listed_by("person_id"),
        CheckConstraint("state IN ('waiting', 'given', 'declined')", name="state_is_known"),
        CheckConstraint("points > 0", name="points_move"),
        CheckConstraint("giver_id <> person_id", name="nobody_thanks_themselves"),
        CheckConstraint("decider_id <> giver_id", name="two_leaders"),
        CheckConstraint("decider_id <> person_id", name="nobody_confirms_for_themselves"),
        CheckConstraint("(state = 'given') = (entry_id IS NOT NULL)", name="given_means_posted"),
        CheckConstraint("(state = 'given') = (given_at IS NOT NULL)", name="given_at_some_time"),
        CheckConstraint("state <> 'declined' OR decider_id IS NOT NULL", name="declined_by_somebody"),
        CheckConstraint("state <> 'waiting' OR decider_id IS NULL", name="waits_for_somebody"),
        CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name="decided_at_some_time"),
    )

    group_id: Mapped[UUID]
    person_id: Mapped[UUID]
    household_id: Mapped[UUID | None]  # to whose pot it went, for a minor; empty: to their own wallet
    giver_id: Mapped[UUID]
    points: Mapped[int] = mapped_column(BigInteger)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8))
    request_key: Mapped[str] = mapped_column(String(120))
    request_fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # of the request, while it waits
    decider_id: Mapped[UUID | None]  # the second leader; empty: none was needed
    decided_at: Mapped[datetime | None]
    entry_id: Mapped[UUID | None]
    given_at: Mapped[datetime | None]

    note = Sealed[str | None](about="person_id", gone=None)

    def state_at(self, at: datetime) -> str:
        """The state as it is said: a request that waited too long is over."""
        return "expired" if self.state == "waiting" and self.expires_at <= at else self.state
