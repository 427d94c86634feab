"""Shapes of funds."""

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Identifier, Instant, Part, Shape, Text, Whole
from backend.funds.models import SOURCES

MOST_ALLOCATED = 10**12


class FundForm(Shape):
    name = Text(required=True, low=2, high=60)
    source = Text(required=True, choices=SOURCES)
    fen_per_100_points = Whole(required=True, high=1_000_000)
    area_id = Identifier()
    leader_limit_points = Whole(allow_none=True)


class FundAreaView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)


class FundView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    source = Text(required=True, choices=SOURCES)
    fen_per_100_points = Whole(
        required=True,
        allow_none=True,
        metadata={"description": "null for those who are not to know what a point is worth"},
    )
    area = Part(FundAreaView, required=True, allow_none=True)
    leader_limit_points = Whole(required=True, allow_none=True)
    available = Whole(required=True)


class AllocationForm(Shape):
    points = Whole(required=True, low=1, high=MOST_ALLOCATED)


class AllocationView(Shape):
    id = Identifier(required=True)
    fund_id = Identifier(required=True)
    points = Whole(required=True)
    state = Text(required=True, choices=("requested", "approved", "declined"))
    requester_id = Identifier(required=True)
    requested_at = Instant(required=True)
    decider_id = Identifier(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    reason = Text(required=True, low=0, allow_none=True)


class AllocationQuery(PageQuery):
    state = Text(choices=("requested", "approved", "declined"))
    fund_id = Identifier()


class AllocationDecisionForm(Shape):
    decision = Text(required=True, choices=("approved", "declined"))
    reason = Text(low=0, high=200)
