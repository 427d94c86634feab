"""Shapes of point rules. Days are of Asia/Shanghai."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from backend.foundation.shapes import Day, Identifier, Instant, Many, Part, Shape, Text, Whole

_MOST = 100_000


class FiguresForm(Shape):
    a_day = Whole(low=1, high=_MOST, allow_none=True)
    a_week = Whole(low=1, high=_MOST, allow_none=True)
    an_activity = Whole(low=1, high=_MOST, allow_none=True)
    log_points_per_hour = Whole(high=1000)
    log_fund_id = Identifier(allow_none=True)


class PointRuleForm(FiguresForm):
    valid_from = Day(required=True)


class DryRunForm(FiguresForm):
    since = Day(required=True)
    until = Day(required=True)

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        if not 0 <= (data["until"] - data["since"]).days <= 366:
            raise ValidationError({"until": ["结束日期不能早于开始日期，最长一年"]})


class PointRuleDecisionForm(Shape):
    decision = Text(required=True, choices=("approved", "declined"))


class PointRuleView(Shape):
    id = Identifier(required=True)
    version = Whole(required=True)
    a_day = Whole(required=True, allow_none=True)
    a_week = Whole(required=True, allow_none=True)
    an_activity = Whole(required=True, allow_none=True)
    log_points_per_hour = Whole(required=True)
    log_fund_id = Identifier(required=True, allow_none=True)
    valid_from = Day(required=True)
    state = Text(required=True, choices=("proposed", "approved", "declined"))
    proposed_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)


class FundDryRunView(Shape):
    fund_id = Identifier(required=True)
    name = Text(required=True)
    points_then = Whole(required=True)
    points_now = Whole(required=True)
    available = Whole(required=True)
    lasts_until = Day(required=True, allow_none=True, metadata={"description": "at this pace; null: nothing is spent"})


class DryRunView(Shape):
    points_then = Whole(required=True, metadata={"description": "what was awarded"})
    points_now = Whole(required=True, metadata={"description": "what would have been"})
    people = Whole(required=True)
    people_gain = Whole(required=True)
    people_lose = Whole(required=True)
    most_lost = Whole(required=True, metadata={"description": "by one person"})
    funds = Many(Part(FundDryRunView), required=True)
