"""Shapes of merchants."""

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Identifier, Instant, Part, Shape, Text, Whole

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
    left_for_me = Whole(required=True, allow_none=True, metadata={"description": "null: no limit"})


class ShopQuery(PageQuery):
    q = Text(low=0, high=40)


class OfferQuery(ShopQuery):
    merchant_id = Identifier()
    kind = Text(choices=("counter", "reserved"))


class RedemptionForm(Shape):
    offer_id = Identifier(required=True)
    quantity = Whole(low=1, high=100, load_default=1)
    wallet = Text(choices=("own",), load_default="own")


class RedeemedOfferView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    kind = Text(required=True, choices=("counter", "reserved"))
    merchant = Part(MerchantNameView, required=True)


class RedemptionView(Shape):
    id = Identifier(required=True)
    state = Text(required=True, choices=STATES)
    offer = Part(RedeemedOfferView, required=True)
    quantity = Whole(required=True)
    points = Whole(required=True)
    price_fen = Whole(required=True, metadata={"description": "to be paid at the till, in fen"})
    wallet = Text(required=True, choices=("own",))
    code = Text(metadata={"description": "to its owner only"})
    customer = Text(metadata={"description": "masked; to the shop only"})
    held_at = Instant(required=True)
    expires_at = Instant(required=True)
    captured_at = Instant(required=True, allow_none=True)
    voided_at = Instant(required=True, allow_none=True)


class RedemptionQuery(PageQuery):
    state = Text(choices=STATES)


class CaptureForm(Shape):
    code = Text(required=True, low=6, high=40)


class VoidForm(Shape):
    reason = Text(low=0, high=200)
