"""Shapes of groups."""

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Identifier, Instant, Shape, Text, Whole
from backend.groups.models import CATEGORIES, STAGES


class CircleForm(Shape):
    name = Text(required=True, low=2, high=40)
    theme = Text(required=True, high=200)
    category = Text(required=True, choices=CATEGORIES)
    area_id = Identifier()


class GroupView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    theme = Text(required=True)
    category = Text(required=True, choices=CATEGORIES)
    stage = Text(required=True, choices=STAGES)
    members = Whole(required=True)
    area_id = Identifier(required=True)


class GroupQuery(PageQuery):
    q = Text(low=0, high=40)
    area_id = Identifier()
    category = Text(choices=CATEGORIES)


class MemberView(Shape):
    person_id = Identifier(required=True)
    name = Text(required=True, metadata={"description": "masked unless you lead the group"})
    joined_at = Instant(required=True)


class ApplicationForm(Shape):
    note = Text(low=0, high=200)


class ApplicationView(Shape):
    id = Identifier(required=True)
    group_id = Identifier(required=True)
    person_id = Identifier(required=True)
    name = Text(required=True)
    note = Text(required=True, low=0)
    state = Text(required=True, choices=("applied", "approved", "declined", "withdrawn"))
    applied_at = Instant(required=True)
    reason = Text(required=True, low=0, allow_none=True)


class DecisionForm(Shape):
    decision = Text(required=True, choices=("approved", "declined"))
    reason = Text(low=0, high=200)
