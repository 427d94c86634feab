"""Runs: an officer asks for the list of a month, another one approves or declines it."""

from sqlalchemy import select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Replan, SecondPersonNeeded
from backend.foundation.ids import uuid7
from backend.funds.models import Fund
from backend.group_points.awarding import award_groups
from backend.group_points.errors import GroupRunDecided, GroupRunWaiting, MonthNotOver, NothingToAward
from backend.group_points.measuring import Measured, measure_month
from backend.group_points.models import GroupAwardLine, GroupAwardRun, GroupAwardTurnout, GroupPointRule
from backend.group_points.rules import month_of, rule_for
from backend.people.permissions import is_close
from backend.people.persons import person_now


def preview(month: str, *, rule_version: int | None = None) -> tuple[GroupPointRule, list[Measured]]:
    """What a run would find. Raises `MonthNotOver` or `NoGroupRule`."""
    if month >= month_of(now()):
        raise MonthNotOver()
    rule = rule_for(month, version=rule_version)
    return rule, measure_month(month, rule)


def request_run(
    month: str, fund: Fund, *, requester: Caller, rule_version: int | None = None
) -> tuple[GroupAwardRun, bool]:
    """Write the list of the month down, for a second officer; the run, and whether it is new: the same one may wait.

    Raises what `preview` raises, `GroupRunWaiting` while one by another rule or fund waits, `NothingToAward`.
    """
    waiting = session().scalar(
        select(GroupAwardRun).where(GroupAwardRun.month == month, GroupAwardRun.state == "requested")
    )
    rule, found = preview(month, rule_version=rule_version)
    if waiting is not None:
        if (waiting.rule_id, waiting.fund_id) != (rule.id, fund.id):
            raise GroupRunWaiting()
        return waiting, False
    points = sum(each.pays for each in found)
    if not points:
        raise NothingToAward()
    run = insert_once(
        GroupAwardRun,
        month=month,
        rule_id=rule.id,
        fund_id=fund.id,
        points=points,
        requester_id=requester.person_id,
        requested_at=now(),
    )
    if run is None:  # Another officer asked at this moment: theirs waits.
        raise Replan()
    _write_down(run, found)
    trail.record("group_awards.ask", run, after={"state": "requested", "rule": rule.id, "fund": fund.id})
    return run, True


def decide(
    run: GroupAwardRun, *, decider: Caller, approved: bool, reason: str | None = None
) -> tuple[GroupAwardRun, bool]:
    """Approve (every group on the list is paid, or none) or decline; and whether that is new: the same again is fine.

    Raises `SecondPersonNeeded` for whoever asked and their household, `GroupRunDecided` when it was decided otherwise,
    and for a yes what `award_groups` raises.
    """
    if is_close(decider, person_now(run.requester_id)):
        raise SecondPersonNeeded()
    at = now()
    state = "approved" if approved else "declined"
    decided = session().scalar(
        update(GroupAwardRun)
        .where(GroupAwardRun.id == run.id, GroupAwardRun.state == "requested")
        .values(state=state, decider_id=decider.person_id, decided_at=at, reason=reason)
        .returning(GroupAwardRun.id)
    )
    session().refresh(run)
    if decided is None:
        if run.state != state:
            raise GroupRunDecided(state=run.state)
        return run, False
    if approved:
        award_groups(run, find(GroupPointRule, run.rule_id), approver=decider, at=at)
    trail.record(
        "group_awards.approve" if approved else "group_awards.decline",
        run,
        reason=reason,
        before={"state": "requested"},
        after={"state": state},
    )
    return run, True


def _write_down(run: GroupAwardRun, found: list[Measured]) -> None:
    lines = [
        GroupAwardLine(
            id=uuid7(),
            run_id=run.id,
            group_id=each.group_id,
            activities=each.activities,
            counted=each.verdict.counted,
            why=each.verdict.why,
            points=each.verdict.points,
        )
        for each in found
    ]
    session().add_all(lines)
    session().flush()  # before what refers to them
    session().add_all(
        GroupAwardTurnout(
            line_id=line.id, activity_id=turnout.activity_id, people=turnout.people, households=turnout.households
        )
        for line, each in zip(lines, found, strict=True)
        for turnout in each.turnouts
    )
    session().flush()
