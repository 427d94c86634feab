"""Who is too near to a redemption to serve it: nobody serves themselves, their household, or a group they lead."""

from backend.foundation.callers import Caller
from backend.merchants.models import Redemption
from backend.people.permissions import is_close, leads
from backend.people.persons import person_now


def is_too_near(clerk: Caller, redemption: Redemption) -> bool:
    """Is it their own, of somebody of their household, or paid by a group they lead?"""
    return is_close(clerk, person_now(redemption.person_id)) or leads(clerk, redemption.group_id)
