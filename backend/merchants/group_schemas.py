"""Shapes of spending for a group."""

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Identifier, Instant, Part, Shape, Text, Whole
from backend.group_wallets.schemas import NameOnlyView
from backend.merchants.group_models import STATES


class GroupSpendingForm(Shape):
    offer_id = Identifier(required=True)
    quantity = Whole(low=1, high=100, load_default=1)


class GroupSpendingView(Shape):
    id = Identifier(required=True)
    group_id = Identifier(required=True)
    offer = Part(NameOnlyView, required=True)
    asker = Part(NameOnlyView, required=True)
    quantity = Whole(required=True)
    points = Whole(required=True)
    state = Text(required=True, choices=STATES)
    asked_at = Instant(required=True)
    expires_at = Instant(required=True, metadata={"description": "until when it can be confirmed and used"})
    decided_at = Instant(required=True, allow_none=True)


class GroupSpendingQuery(PageQuery):
    state = Text(choices=STATES)
