"""Shapes of messages."""

from marshmallow import fields, validate

from backend.foundation.shapes import Identifier, Instant, Many, Part, Shape, Text, Whole
from backend.messages.texts import TEXTS


class NoticeView(Shape):
    id = Identifier(required=True)
    at = Instant(required=True)
    topic = Text(required=True, choices=tuple(TEXTS))
    text = Text(required=True, metadata={"description": "in Chinese, ready to be shown"})
    facts = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "expiry: points, expires_on, days (30 or 7), wallet (own or household); household: what"
        },
    )


class SubscriptionView(Shape):
    topic = Text(required=True)
    template_id = Text(required=True, metadata={"description": "for wx.requestSubscribeMessage"})
    credits = Whole(required=True, metadata={"description": "messages I agreed to that were not sent yet"})


class SubscriptionsView(Shape):
    items = Many(Part(SubscriptionView), required=True)
    next = Text(required=True, allow_none=True)


class SubscriptionForm(Shape):
    templates = fields.Dict(
        keys=Text(high=64),
        values=Text(choices=("accept", "reject", "ban")),
        required=True,
        validate=validate.Length(min=1, max=20, error="需要 1 到 20 项"),
        error_messages={"required": "请填写此项", "null": "此项不能为空", "invalid": "需要一个 JSON 对象"},
        metadata={"description": "what wx.requestSubscribeMessage said: template id → accept, reject or ban"},
    )
