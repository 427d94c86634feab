"""What of a presence's points fits under the office's caps: read while the person's row is ours."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from backend.activities.models import CheckIn
from backend.foundation.clock import shanghai_day, start_of_day
from backend.foundation.db import session
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.point_rules.cap_rules import monday_of
from backend.point_rules.models import PointRule
from backend.point_rules.versions import rule_on

CAP_REACHED = "cap_reached"


class Capping:
    """The rule of each day a deed pays for, asked once."""

    def __init__(self) -> None:
        self._rules: dict[object, PointRule | None] = {}
        self._locked: set[UUID] = set()

    def rule_of(self, at: datetime) -> PointRule | None:
        day = shanghai_day(at)
        if day not in self._rules:
            self._rules[day] = rule_on(day)
        return self._rules[day]

    def lock(self, person_ids: Collection[UUID]) -> None:
        """Take the rows of people in one order, so that two batches that pay the same people do not wait in a ring."""
        wanted = sorted(set(person_ids) - self._locked)
        if wanted:
            query = select(Person.id).where(Person.id.in_(wanted)).order_by(Person.id)
            session().scalars(query.with_for_update(key_share=True)).all()
            self._locked |= set(wanted)

    def keep(self, presence: CheckIn) -> None:
        """Cut what is due to what the caps allow, and note by which version; what is cut is never paid later."""
        rule = self.rule_of(presence.checked_in_at)
        presence.points_due += presence.cut_points
        presence.cut_points, presence.rule_version = 0, rule.version if rule else None
        if presence.unpaid == CAP_REACHED:
            presence.unpaid = None
        if rule is None or not rule.caps.any or not presence.points_due:
            return
        self.lock([presence.person_id])
        session().flush()
        day = shanghai_day(presence.checked_in_at)
        allowed = rule.caps.allow(
            presence.points_due,
            day=_had(presence, *_days(start_of_day(day), 1)),
            week=_had(presence, *_days(start_of_day(monday_of(day)), 7)),
            activity=_had(presence, CheckIn.activity_id == presence.activity_id),
        )
        presence.cut_points, presence.points_due = presence.points_due - allowed, allowed
        if not allowed:
            presence.unpaid = CAP_REACHED


def _days(begins: datetime, days: int) -> tuple[ColumnElement[bool], ...]:
    return CheckIn.checked_in_at >= begins, CheckIn.checked_in_at < begins + timedelta(days=days)


def _had(presence: CheckIn, *where: ColumnElement[bool]) -> int:
    """Points they were awarded, or wait for, at other presences."""
    query = select(func.coalesce(func.sum(CheckIn.points_due), 0)).where(
        CheckIn.person_id.in_(selves_of(presence.person_id)),
        CheckIn.id != presence.id,
        CheckIn.state == "recorded",
        *where,
    )
    return int(session().scalars(query).one())
