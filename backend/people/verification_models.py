"""Phone numbers, who confirmed whom, and accounts that are one person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import GONE, Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office


class Phone(InOffice, Base):
    """The number somebody proved to have. One number verifies one person of an office; its key decides."""

    __tablename__ = "phones"
    __table_args__ = (within_office("person_id", "people"), once_in_office("number_index"), listed_by("person_id"))

    number_index: Mapped[bytes] = mapped_column(LargeBinary(32))  # recognises the number, tells nobody which
    number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    person_id: Mapped[UUID]
    verified_at: Mapped[datetime]

    number = Sealed[str](about="person_id", gone=GONE)  # E.164


class Verification(InOffice, Base):
    """Who confirmed that somebody lives behind a door, as what, and why. Written, never changed."""

    __tablename__ = "verifications"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("verifier_id", "people"),
        within_office("household_id", "households"),
        listed_by("person_id"),
        CheckConstraint("verifier_id <> person_id", name="nobody_verifies_themselves"),
        CheckConstraint("verified_as IN ('worker', 'head')", name="verified_as_is_known"),
    )

    person_id: Mapped[UUID]
    household_id: Mapped[UUID]
    household_role: Mapped[str] = mapped_column(String(8))
    age_class: Mapped[str] = mapped_column(String(8))
    verifier_id: Mapped[UUID]
    verified_as: Mapped[str] = mapped_column(String(8))  # a worker or officer, or the head of the household
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    verified_at: Mapped[datetime]

    reason = Sealed[str | None](about="person_id", gone=None)


class PersonMerge(InOffice, Base):
    """Two accounts that may be one person, and what somebody else decided about them."""

    __tablename__ = "person_merges"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("other_id", "people"),
        within_office("opener_id", "people"),
        within_office("decider_id", "people"),
        within_office("kept_id", "people"),
        within_office("merged_id", "people"),
        once_in_office("merged_id"),
        Index(
            "uq_person_merges_one_open",
            "office_id",
            "pair",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        listed_by("state"),
        listed_by("person_id"),
        listed_by("other_id"),
        CheckConstraint("person_id <> other_id", name="of_two_accounts"),
        CheckConstraint("state IN ('waiting', 'merged', 'separate')", name="state_is_known"),
        CheckConstraint("(state = 'waiting') = (decider_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint("(state = 'merged') = (kept_id IS NOT NULL)", name="merged_into_somebody"),
        CheckConstraint("merged_id IS NULL OR kept_id IS NOT NULL", name="nobody_vanishes"),
        CheckConstraint("merged_id <> kept_id", name="nobody_merges_into_themselves"),
        CheckConstraint("decider_id <> opener_id", name="two_persons"),
        CheckConstraint("decider_id <> person_id AND decider_id <> other_id", name="not_by_those_concerned"),
        CheckConstraint("opener_id = person_id OR reason_sealed IS NOT NULL", name="a_worker_says_why"),
    )

    person_id: Mapped[UUID]  # who asked by their phone, or whom the worker named first
    other_id: Mapped[UUID]
    pair: Mapped[bytes] = mapped_column(LargeBinary(32))  # both ids in one order: a pair has one open case
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    opener_id: Mapped[UUID]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # why a worker opened it
    opened_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    kept_id: Mapped[UUID | None]  # who both are from then on
    merged_id: Mapped[UUID | None]  # the account that ended; empty if both had become one before

    reason = Sealed[str | None](about="person_id", gone=None)
    decision_reason = Sealed[str | None](about="person_id", gone=None)

    @property
    def is_by_phone(self) -> bool:
        """Somebody proved to have the number of the other; else a worker saw that they are one."""
        return self.opener_id == self.person_id


class CarryOver(InOffice, Base):
    """What went from the wallet of an account that ended to the one that was kept; it names its ledger entry."""

    __tablename__ = "carry_overs"
    __table_args__ = (
        within_office("merge_id", "person_merges"),
        within_office("source_id", "people"),
        within_office("destination_id", "people"),
        once_in_office("merge_id", "n"),
        once_in_office("entry_id"),
        CheckConstraint("unit IN ('points', 'minutes')", name="unit_is_known"),
        CheckConstraint("amount > 0", name="something_moves"),
        CheckConstraint("source_id <> destination_id", name="goes_somewhere"),
    )

    merge_id: Mapped[UUID]
    n: Mapped[int]  # 0, 1, 2 …: what comes later into the wallet that ended goes the same way
    source_id: Mapped[UUID]
    destination_id: Mapped[UUID]
    unit: Mapped[str] = mapped_column(String(8))
    amount: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[UUID]
    carried_at: Mapped[datetime]
