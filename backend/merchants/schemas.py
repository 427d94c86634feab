"""Shapes of merchants."""

from typing import Any

from marshmallow import ValidationError, validate, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Flag, Identifier, Instant, Many, Part, Shape, Text, Whole, only_one

STATES = ("held", "captured", "released", "expired", "voided")


class MerchantView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    address = Text(required=True)
    area_id = Identifier(required=True)


class MerchantNameView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)


class OfferView(Shape):
    id = Identifier(required=True)
    merchant = Part(MerchantNameView, required=True)
    name = Text(required=True)
    kind = Text(required=True, choices=("counter", "reserved"))
    price_points = Whole(required=True)
    price_fen = Whole(required=True, metadata={"description": "paid at the till on top, in fen"})
    stock = Whole(required=True)
    per_person = Whole(required=True, allow_none=True)
    per_period = Text(required=True, choices=("ever", "month", "week", "day"))
    description = Text(required=True, low=0, high=500)
    opens_minute = Whole(required=True, allow_none=True, metadata={"description": "of the day; null: all day"})
    closes_minute = Whole(required=True, allow_none=True)
    picture_id = Identifier(required=True, allow_none=True)
    left_for_me = Whole(required=True, allow_none=True, metadata={"description": "null: no limit"})


class ShopQuery(PageQuery):
    q = Text(low=0, high=40)


class OfferQuery(ShopQuery):
    merchant_id = Identifier()
    kind = Text(choices=("counter", "reserved"))


class PayingWallet(Text):
    """`own`, `household` for our pot, or `group:<id>` where a leader spends for the group."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(high=42, **kwargs)
        shape = "^(own|household|group:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
        self.validators = [validate.Regexp(shape, error="只能是 own、household 或 group:队伍编号")]


class RedemptionForm(Shape):
    offer_id = Identifier(required=True)
    quantity = Whole(low=1, high=100, load_default=1)
    wallet = PayingWallet(
        load_default="own",
        metadata={"description": "own; household: our pot, above the head's limit after the head approved; group:<id>"},
    )
    offline = Flag(
        load_default=False,
        metadata={"description": "with a signed voucher for a shop without a network; cannot be cancelled meanwhile"},
    )


class VoucherForm(Shape):
    voucher = Text(required=True, high=2000)
    scanned_at = Instant(required=True, metadata={"description": "by the shop's clock"})


class VouchersForm(Shape):
    items = Many(Part(VoucherForm), required=True, low=1, high=200)


class VoucherResultView(Shape):
    n = Whole(required=True)
    result = Text(required=True, choices=("captured", "replayed", "refused"))
    redemption_id = Identifier(required=True, allow_none=True)
    captured_at = Instant(required=True, allow_none=True)
    code = Text(required=True, allow_none=True, metadata={"description": "why it was refused"})
    message = Text(required=True, allow_none=True)


class VoucherResultsView(Shape):
    items = Many(Part(VoucherResultView), required=True)


class RedeemedOfferView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    kind = Text(required=True, choices=("counter", "reserved"))
    merchant = Part(MerchantNameView, required=True)


class RedemptionView(Shape):
    id = Identifier(required=True)
    state = Text(required=True, choices=STATES)
    offer = Part(RedeemedOfferView, required=True)
    quantity = Whole(required=True, metadata={"description": "once captured: what was handed over"})
    points = Whole(required=True)
    returned_points = Whole(required=True, metadata={"description": "given back at the counter, with fewer goods"})
    price_fen = Whole(required=True, metadata={"description": "to be paid at the till, in fen"})
    wallet = PayingWallet(required=True)
    code = Text(metadata={"description": "to its owner only"})
    needs_confirmation = Flag(required=True, metadata={"description": "asked on the customer's phone"})
    confirmed_at = Instant(required=True, allow_none=True)
    voucher = Text(metadata={"description": "to its owner only: a JWS (keys under /keys, typ voucher)"})
    voucher_until = Instant(required=True, allow_none=True)
    customer = Text(metadata={"description": "masked; to the shop only"})
    channel = Text(
        required=True,
        allow_none=True,
        choices=("desk", "card", "code", "household"),
        metadata={"description": "how somebody else asked for it; null: they did so themselves"},
    )
    held_at = Instant(required=True)
    expires_at = Instant(required=True)
    captured_at = Instant(required=True, allow_none=True)
    void_asked_at = Instant(
        required=True, allow_none=True, metadata={"description": "one officer wants it voided; a second one does it"}
    )
    voided_at = Instant(required=True, allow_none=True)


class RedemptionQuery(PageQuery):
    state = Text(choices=STATES)


class CaptureForm(Shape):
    """What the clerk scanned: a redemption's code; or a customer's card with the PIN they typed, or their code."""

    code = Text(low=6, high=40, metadata={"description": "of a redemption; then nothing else is needed"})
    person_code = Text(low=6, high=60, metadata={"description": "what the customer's phone shows now; pays once"})
    card = Text(low=6, high=60, metadata={"description": "the token on the paper card"})
    pin = Text(low=4, high=6, metadata={"description": "typed by the holder; needed with `card`"})
    offer_id = Identifier()
    quantity = Whole(
        low=1, high=100, metadata={"description": "with `code`: so many leave, where that is fewer; the rest returns"}
    )

    @validates_schema
    def names_one_thing(self, data: dict[str, Any], **_: Any) -> None:
        only_one(data, "code", "person_code", "card")
        if ("card" in data) != ("pin" in data):
            raise ValidationError({"pin": ["刷卡时请持卡人输入 PIN，其他方式不填"]})
        if ("code" in data) != ("offer_id" not in data):
            raise ValidationError({"offer_id": ["没有兑换码时请选择商品，有兑换码时不填"]})


class VoidForm(Shape):
    reason = Text(low=0, high=200)
