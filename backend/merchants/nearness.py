"""Who is too near: nobody serves themselves, their household or a group they lead, nor decides about their own shop."""

from uuid import UUID

from backend.foundation.callers import Caller
from backend.foundation.db import find
from backend.merchants.models import Redemption
from backend.people.models import Person
from backend.people.permissions import is_close, leads
from backend.people.persons import is_one_of, person_now
from backend.people.roles import holders_of
from backend.people.scopes import over_merchant


def is_too_near(clerk: Caller, redemption: Redemption) -> bool:
    """Is it their own, of somebody of their household, or paid by a group they lead?"""
    return is_close(clerk, person_now(redemption.person_id)) or leads(clerk, redemption.group_id)


def is_of_the_shop(by: Caller, merchant_id: UUID) -> bool:
    """Do they, or somebody of their household, own the shop or work there?"""
    shop = set(holders_of(over_merchant(merchant_id, ""), "owner", "clerk"))
    return bool(shop) and is_one_of(find(Person, by.person_id), shop)
