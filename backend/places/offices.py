"""The offices served, which of them lie in which district, and the ledger book of the one in force."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from backend.foundation.db import add, session
from backend.foundation.tenancy import office_in_force
from backend.ledger.posting import Book
from backend.places.errors import NoDistrict, OfficeExists, UnknownOffice
from backend.places.models import OFFICE_KINDS, Office

MOST_OFFICES = 9999  # numbers of offices; what a code or token says beyond it is no office


def open_office(office_id: int, name: str, *, kind: str = "sub_district", district_id: int | None = None) -> Office:
    """Begin to serve an office. Raises `OfficeExists`, or `NoDistrict` if it is to lie in what is none."""
    if kind not in OFFICE_KINDS:
        raise ValueError(f"{kind} is no kind of office")
    if session().scalar(select(Office.id).where(or_(Office.id == office_id, Office.name == name))):
        raise OfficeExists(office_id=office_id)
    if district_id is not None:
        district = session().get(Office, district_id)
        if district is None or district.kind != "district":
            raise NoDistrict(office_id=district_id)
    return add(Office(id=office_id, name=name, kind=kind, district_id=district_id))


def offices() -> Sequence[Office]:
    """Every office served here, by number."""
    return session().scalars(select(Office).order_by(Office.id)).all()


def sub_districts() -> Sequence[Office]:
    """The offices where residents log in, by number."""
    return session().scalars(select(Office).where(Office.kind == "sub_district").order_by(Office.id)).all()


def office(office_id: int) -> Office:
    """One office. Raises `UnknownOffice`."""
    found = session().get(Office, office_id)
    if found is None:
        raise UnknownOffice()
    return found


def the_book() -> Book:
    """The ledger of the office in force, inside the running transaction."""
    return Book(session(), office_in_force())
