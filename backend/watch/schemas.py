"""Shapes of calls back."""

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Identifier, Instant, Shape, Text, Whole
from backend.watch.models import OUTCOMES


class CallBackQuery(PageQuery):
    outcome = Text(choices=(*OUTCOMES, "open"), load_default="open")


class CallBackForm(Shape):
    outcome = Text(required=True, choices=OUTCOMES)
    note = Text(low=0, high=200)


class CallBackView(Shape):
    id = Identifier(required=True)
    redemption_id = Identifier(required=True)
    person_id = Identifier(required=True, metadata={"description": "their number is revealed at /people/{id}/reveals"})
    name = Text(required=True)
    offer = Text(required=True)
    merchant = Text(required=True)
    points = Whole(required=True)
    captured_at = Instant(required=True)
    outcome = Text(required=True, allow_none=True, choices=OUTCOMES)
    note = Text(required=True, allow_none=True)
    called_at = Instant(required=True, allow_none=True)
