"""Versions of the rule: one officer proposes, another approves; which one holds for a month.

A version that holds is not changed and not taken back: a later one takes its place from a month on.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Replan, SecondPersonNeeded
from backend.group_points.errors import GroupRuleDecided, NoGroupRule
from backend.group_points.models import GroupPointRule
from backend.people.permissions import is_close
from backend.people.persons import person_now

# What an office is suggested to begin with, and what a proposal leaves unsaid.
DEFAULTS: dict[str, Any] = {
    "activities_needed": 1,
    "people_needed": 5,
    "households_needed": 3,
    "points_each": 20,
    "points_most": 100,
    "counts_own_households": False,
}


def suggest() -> bool:
    """Lay the first version before an office that has none, in nobody's name; whether there was something to do."""
    if not none_yet():
        return False
    at = now()
    first = insert_once(
        GroupPointRule, version=1, state="suggested", valid_from=month_of(at), proposed_at=at, **DEFAULTS
    )
    return first is not None


def none_yet() -> bool:
    """Has the office no version at all?"""
    return session().scalar(select(GroupPointRule.id).limit(1)) is None


def propose(figures: dict[str, Any], *, valid_from: str, proposer_id: UUID) -> GroupPointRule:
    """The next version, waiting for a second officer."""
    newest = session().scalars(select(func.coalesce(func.max(GroupPointRule.version), 0))).one()
    rule = insert_once(
        GroupPointRule,
        version=newest + 1,
        state="proposed",
        valid_from=valid_from,
        proposer_id=proposer_id,
        proposed_at=now(),
        **DEFAULTS | figures,
    )
    if rule is None:  # Another officer proposed this version at this moment.
        raise Replan()
    trail.record("group_point_rules.propose", rule, after={"state": "proposed"})
    return rule


def decide(rule: GroupPointRule, *, decider: Caller, approved: bool) -> tuple[GroupPointRule, bool]:
    """Approve or decline, and whether that is new: the same answer again is fine.

    Who approves what nobody proposed takes it up, and a second officer approves it then. Raises `SecondPersonNeeded`
    for the proposer and their household, `GroupRuleDecided` when it was decided otherwise.
    """
    if rule.proposer_id is not None and is_close(decider, person_now(rule.proposer_id)):
        raise SecondPersonNeeded()
    at, before = now(), rule.state
    takes_up = approved and before == "suggested"
    state = "proposed" if takes_up else "approved" if approved else "declined"
    said = {"proposer_id": decider.person_id} if takes_up else {"decider_id": decider.person_id, "decided_at": at}
    decided = session().scalar(
        update(GroupPointRule)
        .where(
            GroupPointRule.id == rule.id,
            GroupPointRule.state == before,
            GroupPointRule.state.in_(("suggested", "proposed")),
        )
        .values(state=state, **said)
        .returning(GroupPointRule.id)
    )
    if decided is None and before in ("suggested", "proposed"):  # Another officer was faster.
        raise Replan()
    session().refresh(rule)
    if decided is None:
        if rule.state != state:
            raise GroupRuleDecided(state=rule.state)
        return rule, False
    if takes_up:
        trail.record("group_point_rules.take_up", rule, before={"state": before}, after={"state": state})
        return rule, True
    trail.record(
        "group_point_rules.approve" if approved else "group_point_rules.decline",
        rule,
        before={"state": before},
        after={"state": state},
    )
    return rule, True


def rule_for(month: str, *, version: int | None = None) -> GroupPointRule:
    """The newest version that holds for the month, or that one if it does. Raises `NoGroupRule`."""
    query = select(GroupPointRule).where(GroupPointRule.state == "approved", GroupPointRule.valid_from <= month)
    if version is not None:
        query = query.where(GroupPointRule.version == version)
    rule = session().scalars(query.order_by(GroupPointRule.version.desc()).limit(1)).one_or_none()
    if rule is None:
        raise NoGroupRule()
    return rule


def month_of(at: datetime) -> str:
    """YYYY-MM in Asia/Shanghai."""
    return shanghai_day(at).strftime("%Y-%m")
