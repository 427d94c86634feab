"""Shapes of messages."""

from marshmallow import fields

from backend.foundation.shapes import Identifier, Instant, Shape, Text
from backend.messages.texts import TEXTS


class NoticeView(Shape):
    id = Identifier(required=True)
    at = Instant(required=True)
    topic = Text(required=True, choices=tuple(TEXTS))
    text = Text(required=True, metadata={"description": "in Chinese, ready to be shown"})
    facts = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "expiry: points, expires_on, days (30 or 7), wallet (own or household)"},
    )
