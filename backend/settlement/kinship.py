"""Nobody decides about the money of a shop they work in, or in which somebody of their household does."""

from backend.foundation.callers import Caller
from backend.foundation.db import find
from backend.merchants.models import Merchant
from backend.people.models import Person
from backend.people.persons import is_one_of
from backend.people.roles import holders_of
from backend.people.scopes import over_merchant
from backend.settlement.errors import OwnMerchant


def keep_away(by: Caller, merchant: Merchant) -> None:
    """Raises `OwnMerchant`."""
    shop = set(holders_of(over_merchant(merchant.id, merchant.name), "owner", "clerk"))
    if shop and is_one_of(find(Person, by.person_id), shop):
        raise OwnMerchant()
