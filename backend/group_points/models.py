"""Rules, runs with their lists, and the awards that came of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office
from backend.group_points.lively_rules import Measure

WAITING = text("state = 'requested'")


class GroupPointRule(InOffice, Base):
    """One version of what a lively group is. Its figures are never changed: whoever wants others proposes the next.

    The first version is suggested to an office by nobody: one officer takes it up, another one approves it.
    """

    __tablename__ = "group_point_rules"
    __table_args__ = (
        within_office("proposer_id", "people"),
        within_office("decider_id", "people"),
        once_in_office("version"),
        CheckConstraint("version >= 1", name="versions_are_counted"),
        CheckConstraint("activities_needed >= 1", name="something_was_done"),
        CheckConstraint("people_needed >= 5", name="not_a_handful"),
        CheckConstraint("households_needed BETWEEN 3 AND people_needed", name="not_one_family"),
        CheckConstraint("points_each > 0 AND points_most >= points_each", name="capped_above_one_activity"),
        CheckConstraint("state IN ('suggested', 'proposed', 'approved', 'declined')", name="state_is_known"),
        CheckConstraint(
            "state NOT IN ('proposed', 'approved') OR proposer_id IS NOT NULL", name="proposed_by_somebody"
        ),
        CheckConstraint("(state IN ('approved', 'declined')) = (decider_id IS NOT NULL)", name="decided_by_somebody"),
        CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint("decider_id <> proposer_id", name="two_persons"),
    )

    version: Mapped[int]
    activities_needed: Mapped[int]  # settled in the month, with enough people
    people_needed: Mapped[int]  # different residents at each
    households_needed: Mapped[int]  # they live in
    points_each: Mapped[int]
    points_most: Mapped[int]  # of one group in one month
    counts_own_households: Mapped[bool]  # of those who lead the group
    valid_from: Mapped[str] = mapped_column(String(7))  # the first month, YYYY-MM in Asia/Shanghai
    state: Mapped[str] = mapped_column(String(9))
    proposer_id: Mapped[UUID | None]
    proposed_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]

    @property
    def measure(self) -> Measure:
        """Its figures, for the pure rules."""
        return Measure(
            activities_needed=self.activities_needed,
            people_needed=self.people_needed,
            households_needed=self.households_needed,
            points_each=self.points_each,
            points_most=self.points_most,
            counts_own_households=self.counts_own_households,
        )


class GroupAwardRun(InOffice, Base):
    """The list of one month by one rule, and what a second officer said to it. One waits per month."""

    __tablename__ = "group_award_runs"
    __table_args__ = (
        within_office("rule_id", "group_point_rules"),
        within_office("fund_id", "funds"),
        within_office("requester_id", "people"),
        within_office("decider_id", "people"),
        Index(
            "uq_group_award_runs_one_waiting",
            "office_id",
            "month",
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        listed_by("state"),
        CheckConstraint("points > 0", name="something_is_awarded"),
        CheckConstraint("state IN ('requested', 'approved', 'declined')", name="state_is_known"),
        CheckConstraint("(state = 'requested') = (decider_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint("decider_id <> requester_id", name="two_persons"),
    )

    month: Mapped[str] = mapped_column(String(7))  # YYYY-MM in Asia/Shanghai
    rule_id: Mapped[UUID]
    fund_id: Mapped[UUID]
    points: Mapped[int] = mapped_column(BigInteger)  # of all groups that are in
    state: Mapped[str] = mapped_column(String(9), default="requested")
    requester_id: Mapped[UUID]
    requested_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))


class GroupAwardLine(InOffice, Base):
    """One group on the list of a run: its figures, and why it is in or out."""

    __tablename__ = "group_award_lines"
    __table_args__ = (
        within_office("run_id", "group_award_runs"),
        within_office("group_id", "groups"),
        once_in_office("run_id", "group_id"),
        CheckConstraint(
            "why IN ('in', 'closed', 'not_filed', 'too_few_activities', 'already_awarded')", name="why_is_known"
        ),
        CheckConstraint("counted BETWEEN 0 AND activities", name="counted_of_those_settled"),
        CheckConstraint("(why IN ('in', 'already_awarded')) = (points > 0)", name="points_for_the_lively"),
    )

    run_id: Mapped[UUID]
    group_id: Mapped[UUID]
    activities: Mapped[int]  # settled in the month
    counted: Mapped[int]  # of those, with enough people of enough households
    why: Mapped[str] = mapped_column(String(20))
    points: Mapped[int]  # by the rule; this run pays them where `why` is "in"


class GroupAwardTurnout(InOffice, Base):
    """How many people and households one activity of a list had when it was made, as far as they count."""

    __tablename__ = "group_award_turnouts"
    __table_args__ = (
        within_office("line_id", "group_award_lines"),
        within_office("activity_id", "activities"),
        once_in_office("line_id", "activity_id"),
        CheckConstraint("households BETWEEN 0 AND people", name="people_live_in_households"),
    )

    line_id: Mapped[UUID]
    activity_id: Mapped[UUID]
    people: Mapped[int]
    households: Mapped[int]


class GroupAward(InOffice, Base):
    """Points a group was given for a month: once, and it names its ledger entry."""

    __tablename__ = "group_awards"
    __table_args__ = (
        within_office("run_id", "group_award_runs"),
        within_office("group_id", "groups"),
        once_in_office("group_id", "month"),
        once_in_office("entry_id"),
        listed_by("run_id"),
        CheckConstraint("points > 0", name="points_move"),
    )

    run_id: Mapped[UUID]
    group_id: Mapped[UUID]
    month: Mapped[str] = mapped_column(String(7))
    points: Mapped[int]
    entry_id: Mapped[UUID]
    awarded_at: Mapped[datetime]
