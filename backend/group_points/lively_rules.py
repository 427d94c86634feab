"""What makes a group lively in a month: the file that a community leader could check. No database and no clock.

An activity counts when it was settled in the month and enough different residents of enough households were recorded
at it. Somebody whose account was merged is one person; who is not verified at all counts for nobody, because such
accounts cost nothing. Households are those of the day of the run: a check-in does not record one. Those who lead the
group and their households do not count, unless the rule says so: a family is no lively group.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

IN = "in"
CLOSED, NOT_FILED, TOO_FEW, AWARDED = "closed", "not_filed", "too_few_activities", "already_awarded"
REASONS = (IN, CLOSED, NOT_FILED, TOO_FEW, AWARDED)


@dataclass(frozen=True)
class Measure:
    """A version of the rule."""

    activities_needed: int
    people_needed: int
    households_needed: int
    points_each: int
    points_most: int
    counts_own_households: bool


@dataclass(frozen=True)
class Presence:
    """Somebody was recorded at an activity; who they are and where they live today."""

    person_id: UUID
    household_id: UUID | None


@dataclass(frozen=True, order=True)
class Turnout:
    """How many different people and households an activity had, as far as they count."""

    activity_id: UUID
    people: int
    households: int


@dataclass(frozen=True)
class Verdict:
    """How many activities counted, why the group is in or out, and what the rule makes of it in points."""

    counted: int
    why: str
    points: int


def turnout_of(activity_id: UUID, came: Iterable[Presence], *, own: Collection[Presence], measure: Measure) -> Turnout:
    """Who counts of those who came; `own` are those who lead the group."""
    leaders = set() if measure.counts_own_households else {leader.person_id for leader in own}
    homes = set() if measure.counts_own_households else {leader.household_id for leader in own} - {None}
    counting = [each for each in came if each.person_id not in leaders and each.household_id not in homes]
    return Turnout(
        activity_id,
        people=len({each.person_id for each in counting}),
        households=len({each.household_id for each in counting} - {None}),
    )


def counts(turnout: Turnout, measure: Measure) -> bool:
    """Enough people, of enough households?"""
    return turnout.people >= measure.people_needed and turnout.households >= measure.households_needed


def verdict_on(stage: str, turnouts: Collection[Turnout], *, is_awarded: bool, measure: Measure) -> Verdict:
    """What the rule says of a group of that stage with those activities in the month."""
    counted = sum(counts(turnout, measure) for turnout in turnouts)
    if stage in ("suspended", "dissolved"):
        return Verdict(counted, CLOSED, 0)
    if stage != "filed":
        return Verdict(counted, NOT_FILED, 0)
    if counted < measure.activities_needed:
        return Verdict(counted, TOO_FEW, 0)
    points = min(counted * measure.points_each, measure.points_most)
    return Verdict(counted, AWARDED if is_awarded else IN, points)


def said_month(month: str) -> str:
    """2026-11 → 2026年11月."""
    return f"{month[:4]}年{int(month[5:])}月"


def said_measure(version: int, measure: Measure) -> str:
    """A version of the rule, in the words that groups read."""
    own = "含" if measure.counts_own_households else "不含"
    return (
        f"队伍评定规则第 {version} 版：当月结项、有至少 {measure.people_needed} 位不同居民（来自至少"
        f" {measure.households_needed} 户，{own}队长和副队长家庭）到场的活动，每次 {measure.points_each} 积分；"
        f"至少 {measure.activities_needed} 次，每月最多 {measure.points_most} 积分"
    )
