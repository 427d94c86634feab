"""Objections and what they were answered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.db import find
from backend.foundation.sealed import GONE, Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

ABOUT = ("entry", "check_in", "activity", "redemption", "other")
STATES = ("open", "upheld", "rejected", "withdrawn")


class Objection(InOffice, Base):
    """What somebody says is wrong about something of theirs, and by when they are answered."""

    __tablename__ = "objections"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("area_id", "areas"),
        listed_by("person_id", "id"),
        listed_by("state", "due_at", "id"),
        Index(
            "uq_objections_once_about_a_thing",
            "office_id",
            "person_id",
            "subject_type",
            "subject_id",
            unique=True,
            sqlite_where=text("state <> 'withdrawn'"),
            postgresql_where=text("state <> 'withdrawn'"),
        ),
        CheckConstraint(
            "subject_type IN ('entry', 'check_in', 'activity', 'redemption', 'other')", name="subject_is_known"
        ),
        CheckConstraint("(subject_type = 'other') = (subject_id IS NULL)", name="it_is_about_something"),
        CheckConstraint("state IN ('open', 'upheld', 'rejected', 'withdrawn')", name="state_is_known"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="open_or_closed"),
    )

    person_id: Mapped[UUID]
    subject_type: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[UUID | None]
    area_id: Mapped[UUID | None]  # whose workers answer; empty: every area's
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(9), default="open")
    filed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    reopened_at: Mapped[datetime | None]  # once
    again_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # what they said to it then

    text = Sealed[str](about="person_id", gone=GONE)  # their own words
    again = Sealed[str | None](about="person_id", gone=None)

    def is_overdue(self, *, at: datetime) -> bool:
        return self.state == "open" and at > self.due_at


class ObjectionAnswer(InOffice, Base):
    """One answer to an objection: at most two, because it is looked at again once."""

    __tablename__ = "objection_answers"
    __table_args__ = (
        within_office("objection_id", "objections"),
        within_office("decider_id", "people"),
        within_office("check_in_id", "check_ins"),
        once_in_office("objection_id", "n"),
        CheckConstraint("n IN (1, 2)", name="answered_twice_at_most"),
        CheckConstraint("decision IN ('upheld', 'rejected')", name="decision_is_known"),
        CheckConstraint("correction IN ('award_missing', 'award_too_high')", name="correction_is_known"),
        CheckConstraint("(correction IS NULL) = (check_in_id IS NULL)", name="corrected_in_a_check_in"),
        CheckConstraint("correction IS NULL OR decision = 'upheld'", name="only_who_is_right_is_corrected"),
    )

    objection_id: Mapped[UUID]
    n: Mapped[int] = mapped_column(SmallInteger)
    decision: Mapped[str] = mapped_column(String(8))
    answer_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    decider_id: Mapped[UUID]
    decided_at: Mapped[datetime]
    correction: Mapped[str | None] = mapped_column(String(14))
    check_in_id: Mapped[UUID | None]

    answer = Sealed[str](about=lambda answer: find(Objection, answer.objection_id).person_id, gone=GONE)
