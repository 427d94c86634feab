"""Shapes of flags."""

from marshmallow import fields

from backend.flags.kinds import KINDS
from backend.flags.models import ABOUT, STATES
from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Identifier, Instant, Shape, Text


class FlagQuery(PageQuery):
    state = Text(choices=STATES)
    kind = Text(choices=KINDS)
    about_id = Identifier()


class FlagDecisionForm(Shape):
    decision = Text(required=True, choices=("upheld", "dismissed"))
    reason = Text(required=True, high=200)


class FlagView(Shape):
    id = Identifier(required=True)
    kind = Text(required=True, choices=KINDS)
    about_type = Text(required=True, choices=ABOUT)
    about_id = Identifier(required=True)
    area_id = Identifier(required=True)
    said = Text(required=True, metadata={"description": "why it looks odd"})
    facts = fields.Dict(keys=fields.String(), required=True)
    state = Text(required=True, choices=STATES)
    raised_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    reason = Text(required=True, allow_none=True)
