"""Shapes of elections and merges of households."""

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Identifier, Instant, Shape, Text, Whole

STATES = ("open", "elected", "failed", "lapsed", "withdrawn", "confirmed", "declined")
MERGE_STATES = ("asked", "agreed", "confirmed", "declined", "withdrawn")


class NominationForm(Shape):
    nominee_id = Identifier(required=True)


class ElectionDecisionForm(Shape):
    decision = Text(
        required=True,
        choices=("yes", "no", "withdrawn", "confirmed", "declined"),
        metadata={"description": "yes, no: a vote; withdrawn: whoever nominated or was; confirmed, declined: a worker"},
    )
    reason = Text(high=200)


class ElectionQuery(PageQuery):
    state = Text(choices=STATES)
    household_id = Identifier()


class ElectionView(Shape):
    id = Identifier(required=True)
    household_id = Identifier(required=True)
    state = Text(required=True, choices=STATES)
    nominee_id = Identifier(required=True)
    nominee = Text(required=True, metadata={"description": "whole to the household, masked to workers"})
    nominator_id = Identifier(required=True)
    electors = Whole(required=True, metadata={"description": "the adults when it opened; more than half must say yes"})
    yes = Whole(required=True)
    no = Whole(required=True)
    my_vote = Text(required=True, allow_none=True, choices=("yes", "no"))
    opened_at = Instant(required=True)
    closes_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)


class HouseholdMergeForm(Shape):
    into_id = Identifier(required=True, metadata={"description": "the household that goes on, as its head tells it"})


class HouseholdMergeDecisionForm(Shape):
    decision = Text(required=True, choices=("agreed", "withdrawn", "confirmed", "declined"))
    reason = Text(high=200)


class HouseholdMergeQuery(PageQuery):
    state = Text(choices=MERGE_STATES)


class HouseholdMergeView(Shape):
    id = Identifier(required=True)
    state = Text(required=True, choices=MERGE_STATES)
    household_id = Identifier(required=True, metadata={"description": "that ends"})
    into_id = Identifier(required=True, metadata={"description": "that goes on"})
    reason = Text(required=True, allow_none=True)
    asked_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)
