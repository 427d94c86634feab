"""Nobody decides about the money of a shop they work in, or in which somebody of their household does."""

from backend.foundation.callers import Caller
from backend.merchants.models import Merchant
from backend.merchants.nearness import is_of_the_shop
from backend.settlement.errors import OwnMerchant


def keep_away(by: Caller, merchant: Merchant) -> None:
    """Raises `OwnMerchant`."""
    if is_of_the_shop(by, merchant.id):
        raise OwnMerchant()
