"""What funds still have: allocated and neither set aside for an activity nor given out."""

from collections.abc import Iterable
from uuid import UUID

from backend.ledger.accounts import Lot, fund_account
from backend.ledger.reading import balances_of
from backend.places.offices import the_book


def available_in(fund_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Points in each fund that can still be set aside."""
    places = {fund_id: (fund_account(str(fund_id)), Lot.undated(str(fund_id))) for fund_id in fund_ids}
    found = balances_of(the_book(), list(places.values()))
    return {fund_id: found[place] for fund_id, place in places.items()}
