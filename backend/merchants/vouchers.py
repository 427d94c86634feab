"""Vouchers for a shop without a network: points that are on hold already, signed for one merchant, good for a while.

The shop checks our signature by `GET /keys` and hands over; it uploads later. Nothing is spent twice, because the hold
exists; no sale is lost, because the signature proves it: the hold outlives the voucher by a grace for the upload, and
its owner cannot cancel it meanwhile. A voucher is captured once by nature, like any code.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.foundation.callers import Caller
from backend.foundation.db import find
from backend.foundation.errors import NotFound
from backend.foundation.shapes import said_in_utc
from backend.foundation.signing import NotSigned, opened, signed
from backend.merchants import counter
from backend.merchants.errors import VoucherExpired, VoucherInvalid, VoucherOfOtherShop
from backend.merchants.models import Offer, Redemption
from backend.people.permissions import serves

FORMAT = 1
SKEW = timedelta(minutes=5)  # of the shop's clock

PURPOSE = "voucher"


@dataclass(frozen=True)
class Taken:
    """What came of one voucher."""

    redemption: Redemption
    is_new: bool


def voucher_of(redemption: Redemption, offer: Offer) -> str:
    """The signed voucher, as a compact JWS; the same for as long as it is held."""
    assert redemption.voucher_until is not None  # noqa: S101  # asked only of those that have one
    content: dict[str, Any] = {
        "format": FORMAT,
        "office_id": redemption.office_id,
        "redemption_id": str(redemption.id),
        "merchant_id": str(redemption.merchant_id),
        "offer": offer.name,
        "quantity": redemption.quantity,
        "points": redemption.points,
        "price_fen": redemption.price_fen,
        "code_tail": redemption.code[-4:],
        "good_until": said_in_utc(redemption.voucher_until),
    }
    return signed(content, purpose=PURPOSE)


def take(voucher: str, *, scanned_at: datetime, clerk: Caller) -> Taken:
    """Capture what a voucher was handed over for; once, and a repeat by the same clerk is told so.

    Raises `VoucherInvalid` for what we did not sign, `VoucherOfOtherShop`, `VoucherExpired` when it was scanned after
    its time, and what `counter.capture` raises.
    """
    try:
        content = opened(voucher, purpose=PURPOSE)
        redemption_id = UUID(content["redemption_id"])
    except (NotSigned, KeyError, ValueError):
        raise VoucherInvalid() from None
    if content.get("office_id") != clerk.office_id:
        raise VoucherOfOtherShop()
    try:
        redemption = find(Redemption, redemption_id)
    except NotFound:
        raise VoucherInvalid() from None
    if not serves(clerk, redemption.merchant_id):
        raise VoucherOfOtherShop()
    if redemption.voucher_until is None or scanned_at > redemption.voucher_until + SKEW:
        raise VoucherExpired()
    captured, is_new = counter.capture(redemption.code, clerk=clerk)
    return Taken(captured, is_new)
