"""Shapes of helper–elder patterns."""

from marshmallow import EXCLUDE

from backend.foundation.shapes import Day, Identifier, Instant, Many, Part, Shape, Text, Whole


class PatternQuery(Shape):
    class Meta:
        unknown = EXCLUDE

    since = Day(data_key="from", metadata={"description": "a day in Asia/Shanghai; absent: 30 days before `until`"})
    until = Day(metadata={"description": "the last day; absent: today"})


class NamedView(Shape):
    id = Identifier(required=True)
    name = Text(required=True, metadata={"description": "masked, of a person"})


class ShopView(NamedView):
    points = Whole(required=True)


class PatternView(Shape):
    helper = Part(NamedView, required=True)
    beneficiary = Part(NamedView, required=True)
    acts = Whole(required=True)
    points = Whole(required=True)
    last_at = Instant(required=True)
    share_percent = Whole(required=True, metadata={"description": "of all that was done for the beneficiary by others"})
    shop = Part(ShopView, required=True, allow_none=True, metadata={"description": "where most of the points went"})


class PatternsView(Shape):
    items = Many(Part(PatternView), required=True)
    next = Text(required=True, allow_none=True)
