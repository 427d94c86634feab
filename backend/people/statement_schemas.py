"""Shapes of what is printed for whoever has a card and no phone."""

from marshmallow import EXCLUDE

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Identifier, Instant, MonthText, Part, Shape, Text
from backend.people.card_schemas import CardHolderView
from backend.people.schemas import OwnHouseholdView


class StatementQuery(Shape):
    class Meta:
        unknown = EXCLUDE

    month = MonthText(required=True)


class HolderQuery(PageQuery):
    area_id = Identifier(metadata={"description": "only those of this area and below; absent: of all my areas"})


class CardHolderListView(Shape):
    card_id = Identifier(required=True)
    number = Text(required=True)
    issued_at = Instant(required=True)
    person = Part(CardHolderView, required=True)
    household = Part(OwnHouseholdView, required=True, allow_none=True)
