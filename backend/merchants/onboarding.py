"""Merchants and their offers."""

from backend.foundation.db import add
from backend.foundation.search import searchable
from backend.merchants.models import Merchant, Offer
from backend.places.areas import open_ground
from backend.places.models import Area


def open_merchant(name: str, *, area: Area, address: str, share_percent: int = 100) -> Merchant:
    """A shop that takes points from now on; `share_percent` of their nominal value is paid back to it.

    Raises `AreaClosed`.
    """
    ground, search = open_ground(area.id), searchable(name, address)
    return add(Merchant(name=name, area_id=ground.id, address=address, share_percent=share_percent, search=search))


def open_offer(
    merchant: Merchant,
    name: str,
    *,
    price_points: int,
    stock: int,
    kind: str = "counter",
    price_fen: int = 0,
    per_person: int | None = None,
) -> Offer:
    """Something the shop gives for points; `price_fen` is paid at the till on top."""
    return add(
        Offer(
            merchant_id=merchant.id,
            name=name,
            kind=kind,
            price_points=price_points,
            price_fen=price_fen,
            stock=stock,
            per_person=per_person,
            search=searchable(name, merchant.name),
        )
    )
