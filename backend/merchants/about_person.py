"""What merchants know about somebody: what they redeemed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.foundation.own_copy import Part, Rows, labelled
from backend.merchants.models import Merchant, Offer, Redemption


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Every redemption, oldest first; how it was paid, and not the code."""
    return {
        "redemptions": labelled(
            select(
                *(Redemption.id, Offer.name.label("offer"), Merchant.name.label("merchant"), Redemption.quantity),
                *(Redemption.points, Redemption.price_fen, Redemption.state, Redemption.channel, Redemption.held_at),
                *(Redemption.captured_at, Redemption.released_at, Redemption.voided_at, Redemption.void_reason),
            )
            .join(Offer, (Offer.office_id == Redemption.office_id) & (Offer.id == Redemption.offer_id))
            .join(Merchant, (Merchant.office_id == Redemption.office_id) & (Merchant.id == Redemption.merchant_id))
            .where(Redemption.person_id.in_(selves))
            .order_by(Redemption.id)
        )
    }


PART = Part("merchants", ("redemptions.person_id",), tell)
