"""What merchants know about somebody: what they redeemed, and the shops they applied for."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.foundation.own_copy import Part, Rows, joined, rows
from backend.merchants.models import Merchant, Offer, Redemption


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Every redemption, oldest first; how it was paid, and not the code."""
    return {
        "redemptions": joined(
            select(Redemption, Offer.name.label("offer"), Merchant.name.label("merchant"))
            .join(Offer, (Offer.office_id == Redemption.office_id) & (Offer.id == Redemption.offer_id))
            .join(Merchant, (Merchant.office_id == Redemption.office_id) & (Merchant.id == Redemption.merchant_id))
            .where(Redemption.person_id.in_(selves))
            .order_by(Redemption.id),
            *("id", "quantity", "points", "price_fen", "state", "channel", "held_at", "captured_at", "released_at"),
            *("voided_at", "void_reason"),
        ),
        "shops": rows(
            select(Merchant).where(Merchant.applicant_id.in_(selves)).order_by(Merchant.id),
            *("name", "credit_code", "address", "contact", "state", "applied_at", "decided_at"),
        ),
    }


PART = Part("merchants", ("redemptions.person_id", "merchants.applicant_id"), tell)
