"""Shapes of places."""

from backend.foundation.shapes import Identifier, Many, Part, Shape, Text, Whole
from backend.places.offices import MOST_OFFICES


class OfficeView(Shape):
    id = Whole(required=True)
    name = Text(required=True)


class OfficesView(Shape):
    items = Many(Part(OfficeView), required=True, high=MOST_OFFICES)
    next = Text(required=True, allow_none=True)


class AreaView(Shape):
    id = Identifier(required=True)
    kind = Text(required=True, choices=("community", "grid", "building", "unit"))
    name = Text(required=True)
    path = Text(required=True)
