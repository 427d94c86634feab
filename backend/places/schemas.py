"""Shapes of places."""

from backend.foundation.shapes import Identifier, Many, Part, Shape, Text, Whole


class OfficeView(Shape):
    id = Whole(required=True)
    name = Text(required=True)


class OfficesView(Shape):
    items = Many(Part(OfficeView), required=True)
    next = Text(required=True, allow_none=True)


class AreaView(Shape):
    id = Identifier(required=True)
    kind = Text(required=True, choices=("community", "grid", "building", "unit"))
    name = Text(required=True)
    path = Text(required=True)
