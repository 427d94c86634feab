"""What a month says about its groups: read from settled activities and check-ins, as the list of a run.

An activity belongs to the month (Asia/Shanghai) in which it was settled, so it is counted in exactly one; later
settlements change no month that is over. Check-ins that wait in review, or were declined, are nobody's presence. The
same facts give the same list, in the same order.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from backend.activities.models import Activity, CheckIn
from backend.foundation.clock import now, start_of_day
from backend.foundation.db import session
from backend.group_points.lively_rules import IN, Presence, Turnout, Verdict, turnout_of, verdict_on
from backend.group_points.models import GroupAward, GroupAwardLine, GroupAwardTurnout, GroupPointRule
from backend.groups.models import Group
from backend.ledger.reading import IN_ONE_STATEMENT
from backend.people.models import Person
from backend.people.role_models import Role
from backend.people.roles import in_force


@dataclass(frozen=True)
class Measured:
    """One group on a list."""

    group_id: UUID
    activities: int
    verdict: Verdict
    turnouts: tuple[Turnout, ...]

    @property
    def pays(self) -> int:
        """What a run pays it, in points."""
        return self.verdict.points if self.verdict.why == IN else 0


def measure_month(month: str, rule: GroupPointRule) -> list[Measured]:
    """Every group that settled an activity in the month, with what the rule says of it."""
    first, after = _bounds(month)
    settled = (Activity.state == "settled", Activity.closed_at >= first, Activity.closed_at < after)
    activities: dict[UUID, list[UUID]] = defaultdict(list)
    wanted = select(Activity.group_id, Activity.id).where(*settled)
    for group_id, activity_id in session().execute(wanted):
        if group_id is not None:
            activities[group_id].append(activity_id)
    if not activities:
        return []
    groups = session().scalars(select(Group).where(Group.id.in_(activities)).order_by(Group.id))
    awarded = set(session().scalars(select(GroupAward.group_id).where(GroupAward.month == month)))
    came, runners = _presences(settled), _runners(now())
    measure = rule.measure
    found = []
    for group in groups:
        turnouts = tuple(
            turnout_of(activity_id, came[activity_id], own=runners[group.id], measure=measure)
            for activity_id in sorted(activities[group.id])
        )
        verdict = verdict_on(group.stage, turnouts, is_awarded=group.id in awarded, measure=measure)
        found.append(Measured(group.id, len(turnouts), verdict, turnouts))
    return found


def _bounds(month: str) -> tuple[datetime, datetime]:
    """The first instant of a month YYYY-MM in Shanghai, and the first of the next one."""
    year, number = int(month[:4]), int(month[5:])
    return start_of_day(date(year, number, 1)), start_of_day(date(year + number // 12, number % 12 + 1, 1))


def list_of(run_id: UUID) -> list[Measured]:
    """The whole list as it was written down with a run, in the order of `measure_month`."""
    wanted = select(GroupAwardLine).where(GroupAwardLine.run_id == run_id)
    return listed(session().scalars(wanted.order_by(GroupAwardLine.group_id)).all())


def listed(lines: Sequence[GroupAwardLine]) -> list[Measured]:
    """Lines of a list with the turnouts of their activities."""
    turnouts: dict[UUID, list[Turnout]] = defaultdict(list)
    ids = [line.id for line in lines]
    for first in range(0, len(ids), IN_ONE_STATEMENT):
        some = GroupAwardTurnout.line_id.in_(ids[first : first + IN_ONE_STATEMENT])
        for row in session().scalars(select(GroupAwardTurnout).where(some)):
            turnouts[row.line_id].append(Turnout(row.activity_id, row.people, row.households))
    return [
        Measured(
            line.group_id,
            line.activities,
            Verdict(line.counted, line.why, line.points),
            tuple(sorted(turnouts[line.id])),
        )
        for line in lines
    ]


def _presences(settled: tuple[object, ...]) -> dict[UUID, list[Presence]]:
    """Who was recorded at each activity: the people of today who are verified, by any means."""
    today = aliased(Person)
    is_today = today.id == func.coalesce(Person.merged_into_id, Person.id)
    query = (
        select(CheckIn.activity_id, today.id, today.household_id)
        .join(Activity, (Activity.office_id == CheckIn.office_id) & (Activity.id == CheckIn.activity_id))
        .join(Person, (Person.office_id == CheckIn.office_id) & (Person.id == CheckIn.person_id))
        .join(today, (today.office_id == Person.office_id) & is_today)
        .where(*settled, CheckIn.state == "recorded", today.verified != "none")  # type: ignore[arg-type]
        .distinct()
    )
    came: dict[UUID, list[Presence]] = defaultdict(list)
    for activity_id, person_id, household_id in session().execute(query):
        came[activity_id].append(Presence(person_id, household_id))
    return came


def _runners(at: datetime) -> dict[UUID, list[Presence]]:
    """Who leads each group now, deputies too."""
    today = aliased(Person)
    is_today = today.id == func.coalesce(Person.merged_into_id, Person.id)
    query = (
        select(Role.scope_id, today.id, today.household_id)
        .join(Person, (Person.office_id == Role.office_id) & (Person.id == Role.person_id))
        .join(today, (today.office_id == Person.office_id) & is_today)
        .where(Role.scope_type == "group", Role.role.in_(("leader", "deputy")), in_force(at))
    )
    found: dict[UUID, list[Presence]] = defaultdict(list)
    for group_id, person_id, household_id in session().execute(query):
        if group_id is not None:
            found[group_id].append(Presence(person_id, household_id))
    return found
