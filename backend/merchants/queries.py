"""What screens show about offers and redemptions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, false, func, or_, select

from backend.foundation.clock import now
from backend.foundation.db import session
from backend.foundation.search import matches
from backend.merchants.models import Merchant, Offer, Redemption
from backend.merchants.redeeming import had_by, in_the_period, left_for
from backend.merchants.vouchers import voucher_of
from backend.people.persons import selves_of
from backend.people.queries import people_by_id


def offers_asked_for(asked: dict[str, Any]) -> Select[Offer]:
    """What can be had now, cheapest first."""
    query = select(Offer).where(
        Offer.state == "live", Offer.merchant_id.in_(select(Merchant.id).where(Merchant.state == "active"))
    )
    for name in ("merchant_id", "kind"):
        if asked.get(name):
            query = query.where(getattr(Offer, name) == asked[name])
    if q := asked.get("q"):
        query = query.where(matches(Offer.search, q))
    return query


def shown_offers(offers: Sequence[Offer], *, to: UUID) -> list[dict[str, Any]]:
    """Offers with their merchants and how many more the person may have."""
    merchants = _by_id(Merchant, {offer.merchant_id for offer in offers})
    limited = [offer for offer in offers if offer.per_person is not None]
    at = now()
    counts = [and_(Redemption.offer_id == offer.id, in_the_period(offer.per_period, at=at)) for offer in limited]
    had = session().execute(
        select(Redemption.offer_id, func.sum(Redemption.quantity))
        .where(or_(false(), *counts), had_by(to), Redemption.state.in_(("held", "captured")))
        .group_by(Redemption.offer_id)
    )
    already = {offer_id: int(quantity) for offer_id, quantity in had}
    return [
        {
            **{column.key: getattr(offer, column.key) for column in Offer.__table__.columns},
            "merchant": merchants[offer.merchant_id],
            "left_for_me": left_for(offer, already.get(offer.id, 0)),
        }
        for offer in offers
    ]


def redemptions_asked_for(asked: dict[str, Any], *, of: UUID) -> Select[Redemption]:
    """Somebody's redemptions; a hold whose time is up has expired, whether or not the clock has released it yet."""
    query = select(Redemption).where(Redemption.person_id.in_(selves_of(of)))
    state, is_late = asked.get("state"), Redemption.expires_at <= now()
    if state == "held":
        return query.where(Redemption.state == "held", ~is_late)
    if state == "expired":
        return query.where(or_(Redemption.state == "expired", and_(Redemption.state == "held", is_late)))
    return query.where(Redemption.state == state) if state else query


def shown_redemptions(redemptions: Sequence[Redemption], *, to: UUID) -> list[dict[str, Any]]:
    """Redemptions: their owner sees the code, everybody else a masked name."""
    offers = _by_id(Offer, {redemption.offer_id for redemption in redemptions})
    merchants = _by_id(Merchant, {redemption.merchant_id for redemption in redemptions})
    others = people_by_id(redemption.person_id for redemption in redemptions if redemption.person_id != to)
    at = now()
    shown = []
    for redemption in redemptions:
        offer = offers[redemption.offer_id]
        is_late = redemption.state == "held" and redemption.expires_at <= at
        shown.append(
            {
                **redemption.as_read(),
                "state": "expired" if is_late else redemption.state,
                "offer": {
                    "id": offer.id,
                    "name": offer.name,
                    "kind": offer.kind,
                    "merchant": merchants[redemption.merchant_id],
                },
                "wallet": redemption.wallet,
            }
        )
        owner = others.get(redemption.person_id)
        if owner is None or owner.merged_into_id == to:
            if redemption.voucher_until is not None and redemption.state == "held":
                shown[-1]["voucher"] = voucher_of(redemption, offer)
            continue
        del shown[-1]["code"]
        shown[-1]["customer"] = owner.masked_name
    return shown


def _by_id(model: Any, ids: set[UUID]) -> dict[UUID, Any]:
    return {row.id: row for row in session().scalars(select(model).where(model.id.in_(ids)))}
