"""Who may act for whom: a worker at the desk for the people of their area, a head for the dependants of the household.

Whoever acts for somebody has only what that person may do, and none of that person's roles; their own rights count for
nothing meanwhile.
"""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from backend.foundation.callers import Caller
from backend.foundation.db import session
from backend.foundation.errors import NotFound
from backend.people.errors import NoDependant
from backend.people.home_areas import refuse_unless_theirs
from backend.people.models import Person, WeChatAccount
from backend.people.persons import person_now
from backend.people.verifying import is_head


def stand_in(helper: Caller, *, person_id: UUID, channel: str, reason: str | None) -> Caller:
    """The caller as whom the request goes on.

    Raises `NotFound` for people who are none of theirs, `OwnDesk` at the desk for the own household, `NoDependant`.
    """
    person = person_now(person_id)
    if channel == "desk":
        refuse_unless_theirs(person, helper)
    else:
        _refuse_unless_dependant(person, helper)
    return replace(
        helper,
        person_id=person.id,
        household_id=person.household_id,
        verified=person.verified,
        grants=frozenset(),
        helper_id=helper.person_id,
        channel=channel,
        reason=reason,
    )


def _refuse_unless_dependant(person: Person, helper: Caller) -> None:
    if person.household_id is None or person.household_id != helper.household_id:
        raise NotFound()
    if person.id == helper.person_id or not is_head(helper) or not _depends(person):
        raise NoDependant()


def _depends(person: Person) -> bool:
    """Somebody under 18, or without a phone of their own."""
    if person.age_class != "adult":
        return True
    return session().scalar(select(WeChatAccount.id).where(WeChatAccount.person_id == person.id).limit(1)) is None
