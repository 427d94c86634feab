"""Shapes of group wallets."""

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Identifier, Instant, Part, Shape, Text, Whole
from backend.group_wallets.models import STATES
from backend.people.schemas import WalletPointsView

MOST = 1_000_000


class GroupWalletView(Shape):
    points = Part(WalletPointsView, required=True)
    two_leaders_above = Whole(
        required=True, metadata={"description": "above so many points a second leader or deputy confirms"}
    )


class GroupLimitForm(Shape):
    two_leaders_above = Whole(required=True, high=MOST)


class ThanksForm(Shape):
    person_id = Identifier(required=True)
    points = Whole(required=True, low=1, high=MOST)
    note = Text(low=0, high=200)


class LeaderDecisionForm(Shape):
    decision = Text(required=True, choices=("confirmed", "declined"))


class NameOnlyView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)


class ThanksView(Shape):
    id = Identifier(required=True)
    group_id = Identifier(required=True)
    person = Part(NameOnlyView, required=True)
    giver = Part(NameOnlyView, required=True)
    points = Whole(required=True)
    note = Text(required=True, low=0, allow_none=True)
    state = Text(required=True, choices=STATES)
    asked_at = Instant(required=True)
    expires_at = Instant(required=True, metadata={"description": "until when it can be confirmed, while it waits"})
    decided_at = Instant(required=True, allow_none=True)
    given_at = Instant(required=True, allow_none=True)


class ThanksQuery(PageQuery):
    state = Text(choices=STATES)
