"""Shapes of transparency."""

from backend.foundation.shapes import Flag, Instant, Many, Part, Shape, Text, Whole
from backend.places.schemas import OfficeView


class CellView(Shape):
    value = Whole(required=True, allow_none=True, metadata={"description": "null: about fewer than five people"})
    is_withheld = Flag(required=True)


class ByVerificationView(Shape):
    none = Part(CellView, required=True)
    phone = Part(CellView, required=True)
    resident = Part(CellView, required=True)


class SubDistrictView(Shape):
    office = Part(OfficeView, required=True)
    communities = Whole(required=True)
    households = Part(CellView, required=True)
    people = Part(ByVerificationView, required=True, metadata={"description": "by verification"})
    groups = Whole(required=True)
    activities = Whole(required=True)
    participations = Part(CellView, required=True)
    points_issued = Part(CellView, required=True, metadata={"description": "awarded for taking part"})
    points_redeemed = Part(CellView, required=True)


class DistrictFiguresView(Shape):
    at = Instant(required=True)
    items = Many(Part(SubDistrictView), required=True)
    next = Text(required=True, allow_none=True)
