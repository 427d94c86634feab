"""Shapes of settlement. Points and fen of voids are negative."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Asked, Identifier, Instant, Many, Part, Shape, Text, Whole
from backend.funds.models import SOURCES
from backend.merchants.schemas import MerchantNameView
from backend.settlement.models import STATES

DECISIONS = ("confirmed", "disputed", "answered", "adjusted", "paid")
_NEEDS = {
    "disputed": ("line_id", "reason"),
    "answered": ("line_id", "reason"),
    "adjusted": ("line_id", "reason"),
    "paid": ("invoice_number", "voucher_number"),
}
_SAID = {
    "line_id": "请选择有疑问的一行",
    "reason": "请写明原因",
    "invoice_number": "付款要填写发票号",
    "voucher_number": "付款要填写凭证号",
}


class Signed(fields.Integer):
    """A whole number that may be below zero; only shown."""


class SpentAtView(Shape):
    merchant = Part(MerchantNameView, required=True, allow_none=True, metadata={"description": "null: small ones"})
    points = Whole(required=True)
    fen = Whole(metadata={"description": "to officers and auditors only"})


class FlowView(Shape):
    """allocated − withdrawn = in_fund + in_activities + with_residents + with_merchants + settled."""

    id = Identifier(required=True)
    name = Text(required=True)
    source = Text(required=True, choices=SOURCES)
    allocated = Whole(required=True)
    withdrawn = Whole(required=True)
    reserved = Whole(required=True, metadata={"description": "ever set aside for activities"})
    returned = Whole(required=True, metadata={"description": "back in the fund, unused or undone"})
    earned = Whole(required=True)
    expired = Whole(required=True)
    in_fund = Whole(required=True)
    in_activities = Whole(required=True)
    with_residents = Whole(required=True, metadata={"description": "in wallets and pots, on hold, in the pool"})
    with_merchants = Whole(required=True, metadata={"description": "captured and on no statement yet"})
    settled = Whole(required=True)
    spent_at = Many(Part(SpentAtView), required=True)


class PublicFlowQuery(PageQuery):
    office_id = Asked(required=True, low=1, high=9999)


class CloseForm(Shape):
    merchant_id = Identifier(required=True)
    until = Instant(required=True, metadata={"description": "everything up to this moment that is on no statement yet"})


class StatementDecisionForm(Shape):
    decision = Text(required=True, choices=DECISIONS)
    line_id = Identifier()
    reason = Text(high=200)
    invoice_number = Text(high=40)
    voucher_number = Text(high=40)

    @validates_schema
    def says_what_it_needs(self, data: dict[str, Any], **_: Any) -> None:
        missing = [name for name in _NEEDS.get(data["decision"], ()) if not data.get(name)]
        if missing:
            raise ValidationError({name: [_SAID[name]] for name in missing})


class StatementQuery(PageQuery):
    state = Text(choices=STATES)
    merchant_id = Identifier()


class StatementSumsView(Shape):
    merchant = Part(MerchantNameView, required=True)
    number = Whole(required=True)
    since = Instant(required=True, allow_none=True)
    lines = Whole(required=True)
    points = Signed(required=True)
    fen = Signed(required=True, metadata={"description": "of the lines"})
    carried_fen = Signed(required=True, metadata={"description": "what the one before came to, below zero"})
    total_fen = Signed(required=True, metadata={"description": "to be paid; not positive: carried to the next one"})


class OpenStatementView(StatementSumsView):
    """What would be on a statement closed now."""


class StatementView(StatementSumsView):
    id = Identifier(required=True)
    until = Instant(required=True)
    state = Text(required=True, choices=STATES)
    closed_at = Instant(required=True)
    confirmed_at = Instant(required=True, allow_none=True)
    invoice_number = Text(required=True, allow_none=True)
    voucher_number = Text(required=True, allow_none=True)
    payment_asker_id = Identifier(
        required=True, allow_none=True, metadata={"description": "above the limit: the first of two officers"}
    )
    paid_at = Instant(required=True, allow_none=True)


class DisputeView(Shape):
    state = Text(required=True, choices=("open", "answered", "adjusted"))
    reason = Text(required=True)
    raised_at = Instant(required=True)
    adjust_asker_id = Identifier(
        required=True, allow_none=True, metadata={"description": "one officer wants it voided; a second one does it"}
    )
    answer = Text(required=True, allow_none=True)
    answered_at = Instant(required=True, allow_none=True)


class StatementLineView(Shape):
    id = Identifier(required=True)
    number = Whole(required=True)
    kind = Text(required=True, choices=("capture", "void"))
    redemption_id = Identifier(required=True)
    happened_at = Instant(required=True)
    offer = Text(required=True)
    quantity = Whole(required=True)
    code_tail = Text(required=True)
    points = Signed(required=True)
    fen = Signed(required=True)
    dispute = Part(DisputeView, required=True, allow_none=True)
