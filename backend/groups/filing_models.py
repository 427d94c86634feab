"""Filings (备案), the counter their numbers come from, and what an office demands of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

FILING_STATES = ("draft", "submitted", "reviewed", "returned", "filed", "rejected", "withdrawn")
STATES_IN_CHINESE = {
    "draft": "草稿",
    "submitted": "待社区初审",
    "reviewed": "待街道备案",
    "returned": "已退回修改",
    "filed": "已备案",
    "rejected": "不予备案",
    "withdrawn": "已撤回",
}


class Filing(InOffice, Base):
    """What a group asks to be filed with, from its draft to its number or its refusal."""

    __tablename__ = "filings"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("drafter_id", "people"),
        within_office("submitter_id", "people"),
        within_office("reviewer_id", "people"),
        within_office("decider_id", "people"),
        Index(
            "uq_filings_one_open",
            "office_id",
            "group_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'submitted', 'reviewed', 'returned')"),
            postgresql_where=text("state IN ('draft', 'submitted', 'reviewed', 'returned')"),
        ),
        once_in_office("year", "n"),
        listed_by("group_id", "id"),
        listed_by("state", "due_on", "id"),
        CheckConstraint(
            "category IN ('service', 'public_good', 'mutual_aid', 'culture_sports', 'governance')",
            name="category_is_known",
        ),
        CheckConstraint(
            "state IN ('draft', 'submitted', 'reviewed', 'returned', 'filed', 'rejected', 'withdrawn')",
            name="state_is_known",
        ),
        CheckConstraint("(state = 'filed') = (year IS NOT NULL AND n IS NOT NULL)", name="filed_has_a_number"),
        CheckConstraint("(year IS NULL) = (n IS NULL)", name="a_number_has_two_parts"),
        CheckConstraint("state NOT IN ('submitted', 'reviewed') OR due_on IS NOT NULL", name="what_waits_is_due"),
        CheckConstraint("state NOT IN ('reviewed', 'filed') OR reviewer_id IS NOT NULL", name="reviewed_by_somebody"),
        CheckConstraint("state NOT IN ('filed', 'rejected') OR decider_id IS NOT NULL", name="decided_by_somebody"),
        CheckConstraint("decider_id <> reviewer_id", name="two_persons"),
        CheckConstraint("reviewer_id <> submitter_id", name="nobody_reviews_what_they_handed_in"),
        CheckConstraint("state NOT IN ('returned', 'rejected') OR reason IS NOT NULL", name="refused_for_a_reason"),
    )

    group_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(40))
    category: Mapped[str] = mapped_column(String(16))
    venue: Mapped[str] = mapped_column(String(100))
    charter_version: Mapped[str | None] = mapped_column(String(10))  # the template that the group accepted
    charter: Mapped[str] = mapped_column(Text)  # its own clauses besides the template's
    state: Mapped[str] = mapped_column(String(9), default="draft")
    drafter_id: Mapped[UUID]
    drafted_at: Mapped[datetime]
    submitter_id: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None]
    due_on: Mapped[date | None]  # by when the community, then the sub-district, answers
    reviewer_id: Mapped[UUID | None]
    reviewed_at: Mapped[datetime | None]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(500))  # what the last of them said to it
    year: Mapped[int | None] = mapped_column(SmallInteger)
    n: Mapped[int | None]

    def is_overdue(self, *, today: date) -> bool:
        return self.state in ("submitted", "reviewed") and self.due_on is not None and today > self.due_on


class FilingCounter(InOffice, Base):
    """The last number an office gave in a year. Whoever files takes a turn here, so there is no gap and no twin."""

    __tablename__ = "filing_counters"
    __table_args__ = (
        once_in_office("year"),
        CheckConstraint("n >= 0", name="counts_up"),
    )

    year: Mapped[int] = mapped_column(SmallInteger)
    n: Mapped[int]


class GroupPolicy(InOffice, Base):
    """What an office demands of its groups; without a row, what is usual."""

    __tablename__ = "group_policies"
    __table_args__ = (
        UniqueConstraint("office_id"),
        CheckConstraint("members_at_least BETWEEN 1 AND 200", name="members_are_sane"),
        CheckConstraint("review_days BETWEEN 1 AND 60", name="review_days_are_sane"),
        CheckConstraint("decision_days BETWEEN 1 AND 60", name="decision_days_are_sane"),
        CheckConstraint("appeal_days BETWEEN 1 AND 60", name="appeal_days_are_sane"),
    )

    members_at_least: Mapped[int] = mapped_column(SmallInteger, default=10)  # adult residents
    review_days: Mapped[int] = mapped_column(SmallInteger, default=7)  # working days of the community
    decision_days: Mapped[int] = mapped_column(SmallInteger, default=7)  # working days of the sub-district
    appeal_days: Mapped[int] = mapped_column(SmallInteger, default=7)  # working days for an appeal
