"""Versions: one officer proposes, another approves; the newest that has begun holds."""

from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Replan, SecondPersonNeeded, Unprocessable
from backend.funds.models import Fund
from backend.people.permissions import is_close
from backend.people.persons import person_now
from backend.point_rules.errors import PointRuleDecided
from backend.point_rules.models import PointRule


def propose(form: dict[str, Any], *, proposer: Caller) -> PointRule:
    """The next version, waiting for a second officer. Raises `NotFound`, or `Unprocessable` for hours nobody pays."""
    if form.get("log_fund_id") is not None:
        find(Fund, form["log_fund_id"])
    elif form.get("log_points_per_hour"):
        raise Unprocessable(errors={"log_fund_id": ["补录时长给积分需要选择资金"]})
    newest = session().scalars(select(func.coalesce(func.max(PointRule.version), 0))).one()
    rule = insert_once(
        PointRule,
        version=newest + 1,
        state="proposed",
        proposer_id=proposer.person_id,
        proposed_at=now(),
        **{"log_points_per_hour": 0} | form,
    )
    if rule is None:  # Another officer proposed this version at this moment.
        raise Replan()
    trail.record("point_rules.propose", rule, after={"state": "proposed"})
    return rule


def decide(rule: PointRule, *, by: Caller, approved: bool) -> tuple[PointRule, bool]:
    """Approve or decline; and whether that is new. Raises `SecondPersonNeeded`, `PointRuleDecided`."""
    if is_close(by, person_now(rule.proposer_id)):
        raise SecondPersonNeeded()
    state = "approved" if approved else "declined"
    done = session().scalar(
        update(PointRule)
        .where(PointRule.id == rule.id, PointRule.state == "proposed")
        .values(state=state, decider_id=by.person_id, decided_at=now())
        .returning(PointRule.id)
    )
    session().refresh(rule)
    if done is None:
        if rule.state != state:
            raise PointRuleDecided()
        return rule, False
    act = "point_rules.approve" if approved else "point_rules.decline"
    trail.record(act, rule, before={"state": "proposed"}, after={"state": state})
    return rule, True


def rule_on(day: date) -> PointRule | None:
    """The newest approved version that had begun on that day (Asia/Shanghai)."""
    query = select(PointRule).where(PointRule.state == "approved", PointRule.valid_from <= day)
    return session().scalar(query.order_by(PointRule.version.desc()).limit(1))
