"""Where somebody belongs, and so which workers are theirs: the area of their door, or the one they were entered in."""

from sqlalchemy import select

from backend.foundation.callers import Caller
from backend.foundation.db import find, session
from backend.foundation.errors import NotFound
from backend.people.assisted_models import Registration
from backend.people.errors import OwnDesk
from backend.people.models import Person
from backend.people.permissions import is_close, works_over
from backend.places.models import Area, Household


def home_path(person: Person) -> str:
    """The path of the area they live in; without a door, of the one a worker entered them in, or the whole office."""
    if person.household_id is not None:
        return find(Area, find(Household, person.household_id).area_id).path
    entered = session().scalar(select(Registration.area_id).where(Registration.person_id == person.id))
    return find(Area, entered).path if entered else "/"


def refuse_unless_theirs(person: Person, by: Caller) -> None:
    """A worker serves the people of their area, and at the desk nobody of the own household.

    Raises `NotFound` for people of another area and for who is gone, `OwnDesk`.
    """
    if person.parted_at is not None or not works_over(by, home_path(person)):
        raise NotFound()
    if is_close(by, person):
        raise OwnDesk()
