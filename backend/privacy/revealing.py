"""A worker sees somebody's name, number or door in full: once, for a reason, so many times a day.

Never of themselves or their own household (they can ask at home), and only in the areas they work over. The person is
told in `GET /me/reveals`, the auditor on the trail; neither says what was seen.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day, start_of_day
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Replan
from backend.people.home_areas import refuse_unless_theirs
from backend.people.models import Person
from backend.people.persons import person_now
from backend.people.verification_models import Phone
from backend.places.models import Household
from backend.privacy.errors import RevealsUsedUp
from backend.privacy.reveal_models import FIELDS, REVEALS_A_DAY, Reveal


def reveal(person_id: UUID, *, fields: Sequence[str], reason: str, by: Caller) -> tuple[Reveal, dict[str, str | None]]:
    """Note the look, and what is to be seen: each field asked for, None where there is nothing.

    Raises `NotFound` for people of another area, `OwnDesk`, `RevealsUsedUp`.
    """
    person = person_now(person_id)
    refuse_unless_theirs(person, by)
    wanted = [name for name in FIELDS if name in fields]
    noted = _next_of_today(person, wanted, reason, by)
    after = dict.fromkeys(wanted, "shown")
    trail.record("people.reveal", noted, beneficiary_id=person.id, reason=reason, after=after)
    return noted, {name: _VALUES[name](person) for name in wanted}


def _next_of_today(person: Person, wanted: list[str], reason: str, by: Caller) -> Reveal:
    """The number of the look within the day is a key, so two at once cannot both be the last one allowed."""
    at = now()
    day = shanghai_day(at)
    of_today = select(func.max(Reveal.number)).where(Reveal.viewer_id == by.person_id, Reveal.day == day)
    number = (session().scalar(of_today) or 0) + 1
    if number > REVEALS_A_DAY:
        until_tomorrow = start_of_day(day + timedelta(days=1)) - at
        raise RevealsUsedUp(most=REVEALS_A_DAY, retry_after=int(until_tomorrow.total_seconds()) + 1)
    noted = insert_once(
        Reveal,
        person_id=person.id,
        viewer_id=by.person_id,
        day=day,
        number=number,
        fields=",".join(wanted),
        reason=reason,
        at=at,
    )
    if noted is None:  # Their other look took the number at the same moment.
        raise Replan()
    return noted


def _number(person: Person) -> str | None:
    phone = session().scalar(select(Phone).where(Phone.person_id == person.id))
    return phone.number if phone else None


def _door(person: Person) -> str | None:
    return find(Household, person.household_id).door if person.household_id else None


_VALUES: dict[str, Callable[[Person], str | None]] = {
    "name": lambda person: person.name,
    "phone": _number,
    "door": _door,
}
