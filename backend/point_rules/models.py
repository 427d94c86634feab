"""Versions of the rule."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, once_in_office, within_office
from backend.point_rules.cap_rules import Caps


class PointRule(InOffice, Base):
    """One version. Its figures are never changed: whoever wants others proposes the next. Empty: no cap."""

    __tablename__ = "point_rules"
    __table_args__ = (
        within_office("log_fund_id", "funds"),
        within_office("proposer_id", "people"),
        within_office("decider_id", "people"),
        once_in_office("version"),
        CheckConstraint("version >= 1", name="versions_are_counted"),
        CheckConstraint("a_day >= 1", name="a_day_allows_something"),
        CheckConstraint("a_week >= 1", name="a_week_allows_something"),
        CheckConstraint("an_activity >= 1", name="an_activity_allows_something"),
        CheckConstraint("log_points_per_hour BETWEEN 0 AND 1000", name="hours_earn_something_sane"),
        CheckConstraint("log_points_per_hour = 0 OR log_fund_id IS NOT NULL", name="somebody_pays_for_hours"),
        CheckConstraint("state IN ('proposed', 'approved', 'declined')", name="state_is_known"),
        CheckConstraint("(state = 'proposed') = (decider_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("decider_id <> proposer_id", name="two_persons"),
    )

    version: Mapped[int]
    a_day: Mapped[int | None]  # points one person may be awarded for activities of one day (Asia/Shanghai)
    a_week: Mapped[int | None]  # from Monday
    an_activity: Mapped[int | None]  # over all its sessions
    log_points_per_hour: Mapped[int] = mapped_column(default=0)  # for reported hours; 0: minutes only
    log_fund_id: Mapped[UUID | None]
    valid_from: Mapped[date]
    state: Mapped[str] = mapped_column(String(8), default="proposed")
    proposer_id: Mapped[UUID]
    proposed_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]

    @property
    def caps(self) -> Caps:
        return Caps(self.a_day, self.a_week, self.an_activity)
