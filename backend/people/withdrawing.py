"""Taking an agreement back, and what follows from it at once."""

from collections.abc import Callable
from uuid import UUID

from backend.foundation.db import find
from backend.people.consent_models import Consent
from backend.people.consents import WITHDRAWN, Way, last_of, note, one_at_a_time, version_now
from backend.people.errors import ConsentStays, PolicyChanged
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.people.phones import give_up_phone
from backend.people.purposes import PURPOSES
from backend.people.standing import fall_to_none
from backend.safety.pictures import hide_all_of


def withdraw(person_id: UUID, purpose: str, *, way: Way) -> tuple[Consent, bool]:
    """Take the agreement to a purpose back; the step, and whether it is new. Also before it was ever given.

    Raises `ConsentStays` for what nobody takes part without.
    """
    if PURPOSES[purpose].is_required:
        raise ConsentStays()
    one_at_a_time(person_id)
    last = last_of(person_id, purpose)
    if last is not None and last.state == WITHDRAWN:
        return last, False
    version = version_now(purpose)
    if not version:
        raise PolicyChanged(purpose=PURPOSES[purpose].name, version=version)
    _EFFECTS.get(purpose, _nothing_here)(person_id)
    return note(person_id, purpose, version, state=WITHDRAWN, way=way), True


def _forget_the_number(person_id: UUID) -> None:
    """Who was verified by the number alone is not verified any more; a confirmed door does not rest on a number."""
    give_up_phone(person_id)
    person = find(Person, person_id)
    if person.verified == "phone":
        fall_to_none(person)


def _hide_the_pictures(person_id: UUID) -> None:
    hide_all_of(selves_of(person_id), hidden=True)


def _nothing_here(_: UUID) -> None:
    """A higher floor asks before it acts: `messages` before it sends."""


_EFFECTS: dict[str, Callable[[UUID], None]] = {"phone": _forget_the_number, "photos": _hide_the_pictures}
