"""Endpoints of group points: rules, runs, and what they found."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.admission import requires
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import NotFound, SecondPersonNeeded
from backend.foundation.pages import PageQuery, page, page_of
from backend.funds.models import Fund
from backend.group_points import rules, runs
from backend.group_points.errors import (
    GroupListChanged,
    GroupRuleDecided,
    GroupRunDecided,
    GroupRunWaiting,
    MonthNotOver,
    NoGroupRule,
    NothingToAward,
)
from backend.group_points.measuring import list_of, listed
from backend.group_points.models import GroupAwardLine, GroupAwardRun, GroupPointRule
from backend.group_points.queries import shown_lines, shown_preview, shown_runs
from backend.group_points.schemas import (
    LineView,
    MadeRunView,
    RuleDecisionForm,
    RuleForm,
    RuleView,
    RunDecisionForm,
    RunForm,
    RunQuery,
    RunView,
)
from backend.ledger.errors import BalanceTooLarge, BudgetExhausted
from backend.people.permissions import officers, officers_and_auditors

group_points = Blueprint("group_points", __name__, description="队伍评定")


@group_points.post("/group-point-rules")
@requires(officers)
@group_points.arguments(RuleForm)
@group_points.response(201, RuleView)
@transactional
def propose(form: dict[str, Any]) -> GroupPointRule:
    """Propose the next version of what a lively group is; a second officer approves it."""
    valid_from = form.pop("valid_from")
    return rules.propose(form, valid_from=valid_from, proposer_id=caller().person_id)


@group_points.get("/group-point-rules")
@requires(anybody_here)
@group_points.arguments(PageQuery, location="query")
@group_points.response(200, page_of(RuleView))
def list_rules(asked: dict[str, Any]) -> dict[str, Any]:
    """Every version of the rule, newest first: groups may know what they are measured by."""
    return page(select(GroupPointRule), asked, by=(GroupPointRule.version,))


@group_points.put("/group-point-rules/<uuid:rule_id>")
@requires(officers)
@group_points.arguments(RuleDecisionForm)
@group_points.response(200, RuleView)
@refuses(NotFound, SecondPersonNeeded, GroupRuleDecided)
@transactional
def decide_rule(form: dict[str, Any], rule_id: UUID) -> Any:
    """Approve or decline a version that somebody else proposed; of a suggested one, take it up."""
    rule = find(GroupPointRule, rule_id)
    decided, is_new = rules.decide(rule, decider=caller(), approved=form["decision"] == "approved")
    return decided if is_new else (decided, 200, REPLAYED)


@group_points.post("/group-awards")
@requires(officers)
@group_points.arguments(RunForm)
@group_points.creates(MadeRunView)
@refuses(NotFound, MonthNotOver, NoGroupRule, GroupRunWaiting, NothingToAward)
def measure(form: dict[str, Any]) -> Any:
    """The list of a month that is over: which groups are in or out and why, and what it costs.

    With `preview` nothing is written. Without, a second officer decides; one list waits per month, and asking for the
    same again answers it.
    """
    if not form.pop("preview"):
        return _request(**form)
    fund = find(Fund, form["fund_id"])
    rule, found = runs.preview(form["month"], rule_version=form.get("rule_version"))
    return shown_preview(form["month"], rule, fund, found), 200


@transactional
def _request(*, month: str, fund_id: UUID, rule_version: int | None = None) -> Any:
    run, is_new = runs.request_run(month, find(Fund, fund_id), requester=caller(), rule_version=rule_version)
    answer = shown_runs([run])[0] | {"groups": shown_lines(list_of(run.id))}
    return (answer, 201) if is_new else (answer, 200, REPLAYED)


@group_points.get("/group-awards")
@requires(officers_and_auditors)
@group_points.arguments(RunQuery, location="query")
@group_points.response(200, page_of(RunView))
def list_runs(asked: dict[str, Any]) -> dict[str, Any]:
    """Runs, newest first; `state=requested` is what waits for a second officer."""
    query = select(GroupAwardRun)
    if asked.get("state"):
        query = query.where(GroupAwardRun.state == asked["state"])
    found = page(query, asked, by=(GroupAwardRun.id,))
    return {**found, "items": shown_runs(found["items"])}


@group_points.get("/group-awards/<uuid:run_id>")
@requires(officers_and_auditors)
@group_points.response(200, RunView)
@refuses(NotFound)
def show_run(run_id: UUID) -> dict[str, Any]:
    """One run."""
    return shown_runs([find(GroupAwardRun, run_id)])[0]


@group_points.get("/group-awards/<uuid:run_id>/groups")
@requires(officers_and_auditors)
@group_points.arguments(PageQuery, location="query")
@group_points.response(200, page_of(LineView))
@refuses(NotFound)
def list_groups(asked: dict[str, Any], run_id: UUID) -> dict[str, Any]:
    """The list of a run as it was written down: every group that settled an activity, with its figures."""
    run = find(GroupAwardRun, run_id)
    lines = select(GroupAwardLine).where(GroupAwardLine.run_id == run.id)
    found = page(lines, asked, by=(GroupAwardLine.group_id,), newest_first=False)
    return {**found, "items": shown_lines(listed(found["items"]))}


@group_points.put("/group-awards/<uuid:run_id>")
@requires(officers)
@group_points.arguments(RunDecisionForm)
@group_points.response(200, RunView)
@refuses(NotFound, SecondPersonNeeded, GroupRunDecided, GroupListChanged, BudgetExhausted, BalanceTooLarge)
@transactional
def decide_run(form: dict[str, Any], run_id: UUID) -> Any:
    """Approve or decline a list that somebody else asked for; approved, every group on it is paid, or none."""
    run = find(GroupAwardRun, run_id)
    decided, is_new = runs.decide(
        run, decider=caller(), approved=form["decision"] == "approved", reason=form.get("reason")
    )
    (answer,) = shown_runs([decided])
    return answer if is_new else (answer, 200, REPLAYED)
