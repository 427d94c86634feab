"""What screens show about runs: one query per kind of row, whatever the length of the list."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from backend.foundation.db import session
from backend.funds.available import available_in
from backend.funds.models import Fund
from backend.group_points.lively_rules import AWARDED, CLOSED, IN, NOT_FILED, TOO_FEW
from backend.group_points.measuring import Measured
from backend.group_points.models import GroupAwardRun, GroupPointRule
from backend.groups.models import Group

SAID = {
    IN: "符合规则",
    CLOSED: "队伍已暂停或注销",
    NOT_FILED: "队伍还没有备案",
    TOO_FEW: "符合条件的活动次数不够",
    AWARDED: "这个月已经发放过",
}


def shown_runs(runs: Sequence[GroupAwardRun]) -> list[dict[str, Any]]:
    """Runs with what their funds still have."""
    rules = session().scalars(select(GroupPointRule).where(GroupPointRule.id.in_({run.rule_id for run in runs})))
    versions = {rule.id: rule.version for rule in rules}
    wanted = select(Fund).where(Fund.id.in_({run.fund_id for run in runs}))
    funds = {fund.id: fund for fund in session().scalars(wanted)}
    left = available_in(funds)
    return [
        {column.key: getattr(run, column.key) for column in GroupAwardRun.__table__.columns}
        | {"rule_version": versions[run.rule_id], "fund": shown_fund(funds[run.fund_id], left[run.fund_id])}
        for run in runs
    ]


def shown_preview(month: str, rule: GroupPointRule, fund: Fund, found: Sequence[Measured]) -> dict[str, Any]:
    """What a run would be, as if it were one."""
    nobody = dict.fromkeys(("id", "requester_id", "requested_at", "decider_id", "decided_at", "reason"))
    return nobody | {
        "month": month,
        "rule_version": rule.version,
        "fund": shown_fund(fund, available_in([fund.id])[fund.id]),
        "points": sum(each.pays for each in found),
        "state": "preview",
        "groups": shown_lines(found),
    }


def shown_lines(found: Sequence[Measured]) -> list[dict[str, Any]]:
    """The groups of a list, with why each is in or out."""
    wanted = select(Group).where(Group.id.in_({each.group_id for each in found}))
    groups = {group.id: group for group in session().scalars(wanted)}
    return [
        {
            "group": groups[each.group_id],
            "activities": each.activities,
            "counted": each.verdict.counted,
            "why": each.verdict.why,
            "said": SAID[each.verdict.why],
            "points": each.verdict.points,
            "turnouts": each.turnouts,
        }
        for each in found
    ]


def shown_fund(fund: Fund, available: int) -> dict[str, Any]:
    return {"id": fund.id, "name": fund.name, "available": available}
