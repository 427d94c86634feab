"""A merchant as the scope of a role: clerks and owners hold theirs over it."""

from uuid import UUID

from sqlalchemy import Select, select

from backend.foundation.db import find
from backend.merchants.models import Merchant
from backend.people.scopes import Scope, areas_within, over_merchant
from backend.places.models import Area


def merchant_scope(merchant_id: UUID) -> Scope:
    """The merchant, and the area it lies in. Raises `NotFound`."""
    merchant = find(Merchant, merchant_id)
    return over_merchant(merchant.id, merchant.name, within=find(Area, merchant.area_id).path)


def merchants_within(path: str) -> Select[UUID]:
    """The ids of the merchants of an area and of everything below it."""
    return select(Merchant.id).where(Merchant.area_id.in_(areas_within(path)))
