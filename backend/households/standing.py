"""In what capacity somebody asks about a household, and which household a door belongs to today."""

from uuid import UUID

from sqlalchemy import select

from backend.foundation.callers import Caller
from backend.foundation.db import find, session
from backend.foundation.errors import NotFound, Replan
from backend.people.models import Person
from backend.people.permissions import works_over
from backend.places.models import Area, Household


def household_today(household_id: UUID) -> Household:
    """The household, or the one it was merged into. Raises `NotFound`."""
    home = find(Household, household_id)
    return find(Household, home.merged_into_id) if home.merged_into_id else home


def locked_household(household_id: UUID) -> Household:
    """The same, kept until the deed ends from being merged and from counting its members a second time."""
    home = household_today(household_id)
    wanted = select(Household).where(Household.id == home.id).with_for_update(key_share=True)
    row = session().scalar(wanted.execution_options(populate_existing=True))
    if row is None:
        raise NotFound()
    if row.merged_into_id is not None:  # merged while we waited
        raise Replan()
    return row


def member_of(home: Household, person_id: UUID) -> Person | None:
    """Somebody who lives there now, as the database has it; None for everybody else."""
    person = find(Person, person_id)
    return person if person.household_id == home.id else None


def head_of(home: Household) -> Person | None:
    """Who speaks for the household, if anybody."""
    return session().scalar(select(Person).where(Person.household_id == home.id, Person.household_role == "head"))


def is_head_of(caller: Caller, home: Household) -> bool:
    person = member_of(home, caller.person_id)
    return person is not None and person.household_role == "head"


def works_at(caller: Caller, home: Household) -> bool:
    """A worker of the area the door lies in, or an officer."""
    return works_over(caller, find(Area, home.area_id).path)


def decides_at(caller: Caller, home: Household) -> bool:
    """The same, and for nobody of their own household: that is for another worker."""
    return works_at(caller, home) and caller.household_id != home.id
