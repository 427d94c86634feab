"""Shapes of group points."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Flag, Identifier, Instant, Many, MonthText, Part, Shape, Text, Whole
from backend.group_points.lively_rules import REASONS
from backend.group_points.rules import DEFAULTS
from backend.group_wallets.schemas import NameOnlyView

RULE_STATES = ("suggested", "proposed", "approved", "declined")
RUN_STATES = ("requested", "approved", "declined")
MOST = 1_000_000


class RuleForm(Shape):
    """What is left out is as in the version that every office is suggested."""

    activities_needed = Whole(low=1, high=1000, load_default=DEFAULTS["activities_needed"])
    people_needed = Whole(low=5, high=1000, load_default=DEFAULTS["people_needed"])
    households_needed = Whole(low=3, high=1000, load_default=DEFAULTS["households_needed"])
    points_each = Whole(low=1, high=MOST, load_default=DEFAULTS["points_each"])
    points_most = Whole(low=1, high=MOST, load_default=DEFAULTS["points_most"])
    counts_own_households = Flag(load_default=DEFAULTS["counts_own_households"])
    valid_from = MonthText(required=True)

    @validates_schema
    def fits_together(self, data: dict[str, Any], **_: Any) -> None:
        if data["households_needed"] > data["people_needed"]:
            raise ValidationError({"households_needed": ["户数不能多于人数"]})
        if data["points_most"] < data["points_each"]:
            raise ValidationError({"points_most": ["每月上限不能低于一次活动的积分"]})


class RuleView(Shape):
    id = Identifier(required=True)
    version = Whole(required=True)
    activities_needed = Whole(required=True, metadata={"description": "settled in the month, with enough people"})
    people_needed = Whole(required=True, metadata={"description": "different residents at each of them"})
    households_needed = Whole(required=True, metadata={"description": "of the day of the run"})
    points_each = Whole(required=True)
    points_most = Whole(required=True, metadata={"description": "per group and month"})
    counts_own_households = Flag(required=True, metadata={"description": "of those who lead the group"})
    valid_from = MonthText(required=True)
    state = Text(required=True, choices=RULE_STATES, metadata={"description": "suggested: nobody proposed it yet"})
    proposed_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)


class RuleDecisionForm(Shape):
    decision = Text(required=True, choices=("approved", "declined"))


class RunForm(Shape):
    month = MonthText(required=True)
    rule_version = Whole(low=1, high=2**31 - 1)
    fund_id = Identifier(required=True)
    preview = Flag(load_default=False)


class RunFundView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    available = Whole(required=True)


class RunView(Shape):
    id = Identifier(required=True, allow_none=True, metadata={"description": "null: only looked at"})
    month = MonthText(required=True)
    rule_version = Whole(required=True)
    fund = Part(RunFundView, required=True)
    points = Whole(required=True, metadata={"description": "what all groups that are in get together"})
    state = Text(required=True, choices=("preview", *RUN_STATES))
    requester_id = Identifier(required=True, allow_none=True)
    requested_at = Instant(required=True, allow_none=True)
    decider_id = Identifier(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    reason = Text(required=True, low=0, allow_none=True)


class TurnoutView(Shape):
    activity_id = Identifier(required=True)
    people = Whole(required=True)
    households = Whole(required=True)


class LineView(Shape):
    group = Part(NameOnlyView, required=True)
    activities = Whole(required=True, metadata={"description": "settled in the month"})
    counted = Whole(required=True, metadata={"description": "of those, with enough people of enough households"})
    why = Text(required=True, choices=REASONS)
    said = Text(required=True, metadata={"description": "the same in Chinese"})
    points = Whole(required=True, metadata={"description": "by the rule; paid where `why` is in"})
    turnouts = Many(Part(TurnoutView), required=True)


class MadeRunView(RunView):
    groups = Many(Part(LineView), required=True, metadata={"description": "one per group with a settled activity"})


class RunQuery(PageQuery):
    state = Text(choices=RUN_STATES)


class RunDecisionForm(Shape):
    decision = Text(required=True, choices=("approved", "declined"))
    reason = Text(low=0, high=200)
