"""Shapes of what is printed for whoever has a card and no phone."""

from typing import Any

from marshmallow import EXCLUDE, validate

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Identifier, Instant, Part, Shape, Text
from backend.people.card_schemas import CardHolderView
from backend.people.schemas import OwnHouseholdView


class Month(Text):
    """A month in Asia/Shanghai, YYYY-MM."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(low=7, high=7, **kwargs)
        self.validators = [validate.Regexp("^20[2-9][0-9]-(0[1-9]|1[0-2])$", error="需要月份，例如 2026-11")]


class StatementQuery(Shape):
    class Meta:
        unknown = EXCLUDE

    month = Month(required=True)


class HolderQuery(PageQuery):
    area_id = Identifier(metadata={"description": "only those of this area and below; absent: of all my areas"})


class CardHolderListView(Shape):
    card_id = Identifier(required=True)
    number = Text(required=True)
    issued_at = Instant(required=True)
    person = Part(CardHolderView, required=True)
    household = Part(OwnHouseholdView, required=True, allow_none=True)
