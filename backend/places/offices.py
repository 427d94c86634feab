"""The offices served, and the ledger book of the one in force."""

from collections.abc import Sequence

from sqlalchemy import select

from backend.foundation.db import session
from backend.foundation.tenancy import office_in_force
from backend.ledger.posting import Book
from backend.places.errors import UnknownOffice
from backend.places.models import Office

MOST_OFFICES = 9999  # numbers of offices; what a code or token says beyond it is no office


def offices() -> Sequence[Office]:
    """Every office served here, by number."""
    return session().scalars(select(Office).order_by(Office.id)).all()


def office(office_id: int) -> Office:
    """One office. Raises `UnknownOffice`."""
    found = session().get(Office, office_id)
    if found is None:
        raise UnknownOffice()
    return found


def the_book() -> Book:
    """The ledger of the office in force, inside the running transaction."""
    return Book(session(), office_in_force())
