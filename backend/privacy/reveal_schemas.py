"""Shapes of reveals."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from backend.foundation.shapes import Identifier, Instant, Many, Shape, Text, Whole
from backend.privacy.reveal_models import FIELDS


class RevealForm(Shape):
    wanted = Many(Text(choices=FIELDS), required=True, low=1, high=len(FIELDS), data_key="fields", attribute="fields")
    reason = Text(required=True, low=4, high=200, metadata={"description": "the person reads it, too"})

    @validates_schema
    def each_once(self, data: dict[str, Any], **_: Any) -> None:
        if len(set(data["fields"])) != len(data["fields"]):
            raise ValidationError({"fields": ["同一项只需填写一次"]})


class RevealedView(Shape):
    id = Identifier(required=True)
    person_id = Identifier(required=True)
    at = Instant(required=True)
    name = Text(metadata={"description": "only if it was asked for"})
    phone = Text(allow_none=True, metadata={"description": "E.164; null: there is none"})
    door = Text(allow_none=True)
    left_today = Whole(required=True)


class RevealView(Shape):
    id = Identifier(required=True)
    at = Instant(required=True)
    by = Text(required=True, metadata={"description": "who looked, masked"})
    shown = fields.List(fields.String(), required=True, data_key="fields")
    reason = Text(required=True)
