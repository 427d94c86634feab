"""A worker records that somebody died: what they had in hand ends, their points go to the pot, the household is told.

A head who dies leaves the household without one; an election follows, or a worker names somebody.
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find
from backend.foundation.errors import NotFound, Unprocessable
from backend.households.claims import claims_end
from backend.households.elections import elections_end
from backend.households.spending import requests_end
from backend.households.telling import adults_of, tell
from backend.ledger.drafts import Draft
from backend.people.errors import OwnCase
from backend.people.home_areas import home_path
from backend.people.models import Person
from backend.people.parting import LetGo, part
from backend.people.parting_models import Parting
from backend.people.permissions import is_close, works_over


def record_death(person_id: UUID, *, died_on: date, reason: str, by: Caller, let_go: Iterable[LetGo]) -> Parting:
    """Write down that somebody died on that day (Asia/Shanghai), in one deed with everything that follows.

    Raises `NotFound` for people of another area and for who is gone already, `OwnCase` for the own household,
    `Unprocessable` for a day that has not come, and what `part` raises.
    """
    person = find(Person, person_id)
    if person.parted_at is not None or person.merged_into_id is not None or not works_over(by, home_path(person)):
        raise NotFound()
    if is_close(by, person):
        raise OwnCase()
    if died_on > shanghai_day(now()):
        raise Unprocessable(errors={"died_on": ["日期不能晚于今天"]})
    home_id, was_head = person.household_id, person.household_role == "head"
    parting = part(person.id, cause="death", recorder_id=by.person_id, let_go=let_go, died_on=died_on)
    if home_id is not None:
        adults = [adult.id for adult in adults_of(home_id)]
        tell(adults, "death_of_head" if was_head else "death", about=parting.id)
    trail.record(
        "people.record_death",
        parting,
        beneficiary_id=person.id,
        reason=reason,
        before={"household": home_id, "household_role": "head" if was_head else "member" if home_id else None},
        after={"household": None},
    )
    return parting


def let_go(person: Person, _: str, __: datetime) -> list[Draft]:
    """Somebody is gone: what they claimed, were elected to or asked of the head ends. Nothing of it is the ledger's."""
    claims_end(person.id)
    elections_end(person.id)
    requests_end(person.id)
    return []
