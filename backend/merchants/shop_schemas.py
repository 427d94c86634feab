"""Shapes of a shop: its application, its offers as it sees them, and its day."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Day, Identifier, Instant, Many, Part, Shape, Text, Whole
from backend.merchants.schemas import STATES, MerchantView, OfferView

MERCHANT_STATES = ("applied", "active", "suspended", "declined")
OFFER_STATES = ("review", "live", "withdrawn", "declined")
PERIODS = ("ever", "month", "week", "day")


class MerchantForm(Shape):
    name = Text(required=True, low=2, high=60)
    credit_code = Text(required=True, low=18, high=30, metadata={"description": "统一社会信用代码"})
    area_id = Identifier(required=True)
    address = Text(required=True, high=100)
    contact = Text(required=True, high=60)
    settlement_cycle = Text(choices=("week", "month"), load_default="month")


class MerchantDecisionForm(Shape):
    decision = Text(required=True, choices=("approved", "declined", "suspended", "resumed"))
    reason = Text(required=True, high=200)
    share_percent = Whole(low=1, high=100, metadata={"description": "contract share of the nominal value, per cent"})
    settlement_cycle = Text(choices=("week", "month"))


class ShopCapsForm(Shape):
    """Points; null: no cap."""

    person_a_day = Whole(required=True, low=1, high=10**9, allow_none=True)
    person_a_month = Whole(required=True, low=1, high=10**9, allow_none=True)
    shop_a_day = Whole(required=True, low=1, high=10**9, allow_none=True)
    shop_a_month = Whole(required=True, low=1, high=10**9, allow_none=True)


class ContractView(MerchantView):
    """A merchant as its own people and officers see it."""

    state = Text(required=True, choices=MERCHANT_STATES)
    credit_code = Text(required=True, allow_none=True)
    contact = Text(required=True, allow_none=True)
    share_percent = Whole(required=True)
    settlement_cycle = Text(required=True, choices=("week", "month"))
    person_a_day = Whole(required=True, allow_none=True)
    person_a_month = Whole(required=True, allow_none=True)
    shop_a_day = Whole(required=True, allow_none=True)
    shop_a_month = Whole(required=True, allow_none=True)
    applied_at = Instant(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    decision_reason = Text(required=True, allow_none=True)


class MerchantQuery(PageQuery):
    state = Text(choices=MERCHANT_STATES)


class OfferEditForm(Shape):
    """Name, kind, price, words or picture make a new version, which an officer looks at; the rest holds at once."""

    name = Text(low=2, high=60)
    kind = Text(choices=("counter", "reserved"))
    price_points = Whole(low=1, high=1_000_000)
    price_fen = Whole(high=100_000_000)
    description = Text(low=0, high=500)
    picture_id = Identifier(allow_none=True, metadata={"description": "sent with purpose `offer`, and shown"})
    stock = Whole(high=1_000_000)
    per_person = Whole(low=1, high=1000, allow_none=True)
    per_period = Text(choices=PERIODS)
    opens_minute = Whole(high=1439, allow_none=True, metadata={"description": "of the day, Asia/Shanghai"})
    closes_minute = Whole(low=1, high=1440, allow_none=True)


class OfferForm(OfferEditForm):
    merchant_id = Identifier(required=True)
    name = Text(required=True, low=2, high=60)
    kind = Text(required=True, choices=("counter", "reserved"))
    price_points = Whole(required=True, low=1, high=1_000_000)
    stock = Whole(required=True, high=1_000_000)


class OfferDecisionForm(Shape):
    decision = Text(required=True, choices=("approved", "declined"))
    reason = Text(low=0, high=200)

    @validates_schema
    def a_no_has_a_reason(self, data: dict[str, Any], **_: Any) -> None:
        if data["decision"] == "declined" and not data.get("reason"):
            raise ValidationError({"reason": ["不通过请写明原因"]})


class ShopOfferView(OfferView):
    state = Text(required=True, choices=OFFER_STATES)
    replaces_id = Identifier(required=True, allow_none=True, metadata={"description": "the version before"})
    decision_reason = Text(required=True, allow_none=True)


class DayQuery(Shape):
    day = Day(metadata={"description": "absent: today"})

    class Meta:
        unknown = PageQuery.Meta.unknown


class SumsView(Shape):
    times = Whole(required=True)
    quantity = Whole(required=True)
    points = Whole(required=True)
    fen = Whole(required=True, metadata={"description": "worth to the merchant"})


class MonthSumsView(Shape):
    captured = Part(SumsView, required=True)
    voided = Part(SumsView, required=True)


class NamedSumView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    times = Whole(required=True)
    quantity = Whole(required=True)
    points = Whole(required=True)


class ShopDayView(MonthSumsView):
    day = Day(required=True)
    month = Part(MonthSumsView, required=True, metadata={"description": "from the first to that day"})
    open_holds = Whole(required=True)
    by_offer = Many(Part(NamedSumView), required=True)
    by_clerk = Many(Part(NamedSumView), required=True)


class ShopRedemptionQuery(PageQuery):
    state = Text(choices=STATES)
    day = Day(metadata={"description": "captured that day"})
    # No more than four: whoever could ask for the code one character longer each time would read the whole of it.
    tail = Text(low=3, high=4, metadata={"description": "the last three or four characters of the code"})
