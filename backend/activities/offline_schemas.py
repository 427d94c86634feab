"""Shapes of what goes to a phone without a network and of what it brings back."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from backend.activities.offline_models import MOST_SCANS, RESULTS
from backend.foundation.shapes import Identifier, Instant, Many, Part, Shape, Text, Whole, only_one


class PackActivityView(Shape):
    id = Text(required=True)
    title = Text(required=True)
    place = Text(required=True)


class PackSessionView(Shape):
    id = Text(required=True)
    starts_at = Text(required=True)
    ends_at = Text(required=True)


class ExpectedView(Shape):
    code_hash = Text(
        required=True,
        metadata={"description": "SHA-256 of the personal code without its last part: `<office>-<token>`"},
    )
    card_hash = Text(required=True, allow_none=True, metadata={"description": "SHA-256 of the token on the card"})
    name = Text(required=True, metadata={"description": "masked"})
    building = Text(required=True, allow_none=True)


class PackView(Shape):
    format = Whole(required=True, metadata={"description": "version of the roster and its rules"})
    office_id = Whole(required=True)
    activity = Part(PackActivityView, required=True)
    sessions = Many(Part(PackSessionView), required=True)
    device_id = Text(required=True)
    fetched_at = Text(required=True)
    valid_until = Text(required=True)
    roster = Many(Part(ExpectedView), required=True)
    signed = Text(required=True, high=2**24, metadata={"description": "the same, as a JWS (EdDSA) of a key of /keys"})


class ScanForm(Shape):
    scan_id = Text(required=True, low=8, high=64, metadata={"description": "chosen by the phone, used once"})
    session_id = Identifier(required=True)
    person_code = Text(high=40)
    card = Text(high=80)
    direction = Text(choices=("in", "out"), load_default="in")
    scanned_at = Instant(required=True, metadata={"description": "by the clock of the phone"})

    @validates_schema
    def one_way(self, data: dict[str, Any], **_: Any) -> None:
        only_one(data, "person_code", "card")


class BatchForm(Shape):
    device_id = Text(required=True, low=8, high=64)
    sent_at = Instant(required=True, metadata={"description": "by the clock of the phone, when it sends"})
    items = Many(Part(ScanForm), required=True, low=0, high=MOST_SCANS)
    done = Many(
        Identifier(),
        load_default=list,
        high=50,
        metadata={"description": "activities of which this phone has nothing left"},
    )

    @validates_schema
    def each_once(self, data: dict[str, Any], **_: Any) -> None:
        numbers = [item["scan_id"] for item in data["items"]]
        if len(set(numbers)) != len(numbers):
            raise ValidationError({"items": ["每条扫码记录的编号不能重复"]})


class ScanView(Shape):
    scan_id = Text(required=True)
    result = Text(required=True, choices=RESULTS)
    refusal = Text(required=True, allow_none=True, metadata={"description": "the code, where it was refused"})
    happened_at = Instant(required=True, metadata={"description": "by our clock"})
    check_in_id = Identifier(required=True, allow_none=True)
    points = Whole(required=True)
    unpaid = Text(required=True, allow_none=True)


class ReceiptView(Shape):
    receipt = Identifier(required=True)
    received_at = Instant(required=True)
    clock_skew_seconds = fields.Integer(required=True, metadata={"description": "what the phone's clock is behind"})
    items = Many(Part(ScanView), required=True)


class KeyView(Shape):
    kty = Text(required=True)
    crv = Text(required=True)
    use = Text(required=True)
    alg = Text(required=True)
    kid = Text(required=True)
    typ = Text(required=True, metadata={"description": "what it signs"})
    x = Text(required=True)


class KeysView(Shape):
    keys = Many(Part(KeyView), required=True)
