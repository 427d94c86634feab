"""Endpoints of point rules: propose, try on what happened, approve."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.activities.dry_running import dry_run
from backend.foundation.admission import requires
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import NotFound, SecondPersonNeeded, Unprocessable
from backend.foundation.pages import PageQuery, page, page_of
from backend.people.permissions import officers
from backend.point_rules import versions
from backend.point_rules.cap_rules import Caps
from backend.point_rules.errors import PointRuleDecided
from backend.point_rules.models import PointRule
from backend.point_rules.schemas import DryRunForm, DryRunView, PointRuleDecisionForm, PointRuleForm, PointRuleView

point_rules = Blueprint("point_rules", __name__, description="积分规则")


@point_rules.get("/point-rules")
@requires(anybody_here)
@point_rules.arguments(PageQuery, location="query")
@point_rules.response(200, page_of(PointRuleView))
def list_rules(asked: dict[str, Any]) -> dict[str, Any]:
    """Every version, newest first; everybody may read what they are paid by."""
    return page(select(PointRule), asked, by=(PointRule.version,))


@point_rules.post("/point-rules")
@requires(officers)
@point_rules.arguments(PointRuleForm)
@point_rules.response(201, PointRuleView)
@refuses(NotFound, Unprocessable)
@transactional
def propose(form: dict[str, Any]) -> PointRule:
    """Propose the next version; a second officer approves it. What is left out has no cap."""
    return versions.propose(form, proposer=caller())


@point_rules.post("/point-rules/dry-run")
@requires(officers)
@point_rules.arguments(DryRunForm)
@point_rules.response(200, DryRunView)
def try_out(form: dict[str, Any]) -> dict[str, Any]:
    """What these caps would have made of those days: the cost, who gains and loses, how long each fund lasts."""
    caps = Caps(form.get("a_day"), form.get("a_week"), form.get("an_activity"))
    return dry_run(caps, since=form["since"], until=form["until"])


@point_rules.put("/point-rules/<uuid:rule_id>")
@requires(officers)
@point_rules.arguments(PointRuleDecisionForm)
@point_rules.response(200, PointRuleView)
@refuses(NotFound, SecondPersonNeeded, PointRuleDecided)
@transactional
def decide(form: dict[str, Any], rule_id: UUID) -> Any:
    """Approve or decline what another officer proposed."""
    decided, is_new = versions.decide(find(PointRule, rule_id), by=caller(), approved=form["decision"] == "approved")
    return decided if is_new else (decided, 200, REPLAYED)
