"""Shapes of the pot: what the head chooses and approves."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Flag, Identifier, Instant, Shape, Text, Whole

STATES = ("asked", "approved", "declined", "withdrawn", "used")


class ChoiceForm(Shape):
    spend_limit_points = Whole(
        high=1_000_000, metadata={"description": "of one redemption from the pot; above it the head approves"}
    )
    awards_to_pot = Flag(metadata={"description": "what adults earn from now on goes to the pot"})

    @validates_schema
    def chooses_something(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError({"spend_limit_points": ["请至少修改一项"]})


class SpendingQuery(PageQuery):
    state = Text(choices=STATES)


class SpendingDecisionForm(Shape):
    decision = Text(required=True, choices=("approved", "declined", "withdrawn"))


class SpendingView(Shape):
    id = Identifier(required=True)
    state = Text(required=True, choices=STATES)
    person_id = Identifier(required=True)
    person = Text(required=True, metadata={"description": "whole: only the household sees it"})
    label = Text(required=True, metadata={"description": "what it is for"})
    points = Whole(required=True)
    asked_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    good_until = Instant(required=True, allow_none=True, metadata={"description": "of an approval: redeem before"})
