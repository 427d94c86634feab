"""Groups that were lively in a month that is over, and what they were awarded for it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from backend.activities import check_ins, drafting
from backend.activities.check_ins import Seen
from backend.activities.models import Activity
from backend.activities.publishing import publish, settle
from backend.foundation.clock import as_of, now, shanghai_day, start_of_day
from backend.foundation.db import find
from backend.funds.models import Fund
from backend.group_points import rules, runs
from backend.group_points.models import GroupAwardRun, GroupPointRule
from backend.groups.models import Group
from backend.people.models import Person
from tests.builders.street import Street


def months_ago(months: int = 1) -> str:
    """A month that is over, YYYY-MM in Shanghai."""
    first = shanghai_day(now()).replace(day=1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return f"{first:%Y-%m}"


def noon_in(month: str) -> datetime:
    """The middle of a month."""
    return start_of_day(date.fromisoformat(f"{month}-15")) + timedelta(hours=12)


def neighbours(street: Street, people: int = 5) -> list[Person]:
    """So many residents, each behind a door of their own."""
    return [street.resident(f"邻居{n}") for n in range(people)]


def settled(
    street: Street, group: Group, comers: Sequence[Person], *, on: datetime | None = None, leader: Person | None = None
) -> Activity:
    """An activity of the group at which those were seen, settled on the day."""
    began = on or noon_in(months_ago())
    with as_of(began):
        with street.inside():
            by = leader or find(Person, group.founder_id)
        activity = street.draft(by=by, group=group, starts_at=began - timedelta(minutes=5))
        recorder, as_leader = street.caller(street.worker()), street.caller(by)
        street.does(lambda: publish(find(Activity, activity.id, locked=True), publisher=as_leader))
        with street.inside():
            sitting = drafting.sessions_of(activity.id)[0]

        def all_come() -> None:
            for person in comers:
                check_ins.arrive(sitting, Seen(find(Person, person.id), "scan"), recorder=recorder)

        street.does(all_come)
        street.does(lambda: settle(find(Activity, activity.id, locked=True), by=as_leader))
    return activity


def rule(street: Street, **figures: int) -> GroupPointRule:
    """A version that two officers agreed to, valid since long ago."""
    proposer, approver = street.officer(), street.officer("陈主任")
    proposed = street.does(rules.propose, figures, valid_from="2020-01", proposer_id=proposer.id)
    decider = street.caller(approver)
    return street.does(lambda: rules.decide(find(GroupPointRule, proposed.id), decider=decider, approved=True)[0])


def awarded(street: Street, fund: Fund, *, month: str | None = None) -> UUID:
    """The list of the month, asked for by one officer and approved by another."""
    first, second = street.caller(street.officer()), street.caller(street.officer("陈主任"))

    def both() -> UUID:
        run, _ = runs.request_run(month or months_ago(), find(Fund, fund.id), requester=first)
        runs.decide(find(GroupAwardRun, run.id), decider=second, approved=True)
        return run.id

    return street.does(both)


def rich(street: Street, group: Group, points: int, *, fund: Fund | None = None, month: str | None = None) -> Group:
    """A group with so many points in its wallet, for a month in which it was lively."""
    settled(street, group, neighbours(street), on=noon_in(month or months_ago()))
    rule(street, points_each=points, points_most=points)
    awarded(street, fund or street.fund(points), month=month)
    return group
