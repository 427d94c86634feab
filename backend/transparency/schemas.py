"""Shapes of transparency."""

from marshmallow import fields

from backend.foundation.acting import CHANNELS
from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Day, Flag, Identifier, Instant, Many, Part, Shape, Text, Whole
from backend.places.schemas import OfficeView

REFERENCES = {"description": "ids and state words, by name"}


class TrailQuery(PageQuery):
    actor_id = Identifier()
    beneficiary_id = Identifier()
    act = Text(high=61)
    subject_id = Identifier()
    channel = Text(choices=CHANNELS)
    day = Day()


class TrailPersonView(Shape):
    id = Identifier(required=True)
    name = Text(required=True, allow_none=True, metadata={"description": "masked"})


class TrailSubjectView(Shape):
    type = Text(required=True, metadata={"description": "a table"})
    id = Identifier(required=True)


class OwnTrailView(Shape):
    id = Identifier(required=True)
    at = Instant(required=True)
    act = Text(required=True)
    said = Text(required=True, metadata={"description": "the act in Chinese"})
    roles = fields.List(fields.String(), required=True, metadata={"description": "what they held at that moment"})
    by = Text(required=True, metadata={"description": "who it was: a masked name, or 系统"})
    channel = Text(required=True, choices=CHANNELS)
    reason = Text(required=True, low=0, allow_none=True)


class TrailView(Shape):
    id = Identifier(required=True)
    at = Instant(required=True)
    act = Text(required=True)
    said = Text(required=True, metadata={"description": "the act in Chinese"})
    roles = fields.List(fields.String(), required=True, metadata={"description": "what they held at that moment"})
    actor = Part(
        TrailPersonView,
        required=True,
        allow_none=True,
        metadata={"description": "null: a command at the server, or the clock; see `channel`"},
    )
    beneficiary = Part(TrailPersonView, required=True, allow_none=True)
    channel = Text(required=True, choices=CHANNELS)
    subject = Part(TrailSubjectView, required=True)
    reason = Text(required=True, low=0, allow_none=True)
    before = fields.Dict(keys=fields.String(), required=True, allow_none=True, metadata=REFERENCES)
    after = fields.Dict(keys=fields.String(), required=True, allow_none=True, metadata=REFERENCES)
    request_id = Text(required=True)


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
