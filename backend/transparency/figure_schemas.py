"""Shapes of figures and of the register."""

from marshmallow import EXCLUDE, fields

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Asked, Day, Flag, Identifier, Instant, Many, MonthText, Part, Shape, Text, Whole
from backend.groups.models import CATEGORIES, LEVELS, STAGES
from backend.places.models import NATURES
from backend.transparency.figure_definitions import BY_NAME
from backend.transparency.schemas import CellView


class FiguresQuery(Shape):
    class Meta:
        unknown = EXCLUDE

    month = MonthText(metadata={"description": "absent: the one that runs"})


class PublicFiguresQuery(FiguresQuery):
    office_id = Asked(required=True, low=1, high=9999)


class BehindQuery(PageQuery):
    month = MonthText(metadata={"description": "absent: the one that runs"})
    area_id = Identifier(required=True, metadata={"description": "a community"})


class RegisterQuery(PageQuery):
    area_id = Identifier()
    category = Text(choices=CATEGORIES)
    level = Text(choices=LEVELS)
    stage = Text(choices=STAGES, metadata={"description": "absent: all but dissolved ones"})
    q = Text(low=0, high=40, metadata={"description": "Chinese, pinyin or initials"})


class PublicRegisterQuery(RegisterQuery):
    office_id = Asked(required=True, low=1, high=9999)


class FigureCommunityView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    nature = Text(required=True, choices=NATURES, allow_none=True)


class FigureView(Shape):
    said = Text(required=True, metadata={"description": "what it is, in Chinese"})
    value = Whole(required=True, allow_none=True, metadata={"description": "null: about fewer than five people"})
    per_mille = Whole(required=True, allow_none=True, metadata={"description": "of the residents, rounded down"})
    target = Whole(required=True, allow_none=True)
    is_reached = Flag(required=True, allow_none=True)
    is_withheld = Flag(required=True)
    query_version = Whole(required=True, metadata={"description": "of the rule by which it was counted"})
    taken_at = Instant(required=True, allow_none=True, metadata={"description": "null: counted at this moment"})


class CommunityFiguresView(Shape):
    area = Part(FigureCommunityView, required=True)
    figures = fields.Dict(
        keys=fields.String(),
        values=Part(FigureView),
        required=True,
        metadata={"description": "by name: " + ", ".join(BY_NAME)},
    )


class FiguresView(Shape):
    month = MonthText(required=True)
    at = Instant(required=True)
    items = Many(Part(CommunityFiguresView), required=True)
    next = Text(required=True, allow_none=True)


class BehindView(Shape):
    id = Identifier(required=True)
    name = Text(required=True, metadata={"description": "of a person: masked"})
    filing_number = Text(required=True, allow_none=True)


class BehindPageView(Shape):
    month = MonthText(required=True)
    value = Whole(required=True)
    query_version = Whole(required=True)
    taken_at = Instant(required=True, allow_none=True)
    fingerprint = Text(required=True, metadata={"description": "SHA-256 over the sorted ids, hexadecimal"})
    items = Many(Part(BehindView), required=True)
    next = Text(required=True, allow_none=True)


class RegisterAreaView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)


class RegisteredGroupView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    theme = Text(required=True)
    category = Text(required=True, choices=CATEGORIES)
    area = Part(RegisterAreaView, required=True)
    stage = Text(required=True, choices=STAGES)
    level = Text(required=True, choices=LEVELS)
    filing_number = Text(required=True)
    filed_on = Day(required=True)
    is_brand = Flag(required=True)
    members = Part(CellView, required=True)
