"""What somebody agreed to: given, given by the act itself, and asked again when the words have changed.

Every step is a row, and the last one of a purpose counts. Who helps at the desk, and whether a signed paper lies
there, stands in the row.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Replan, Unprocessable
from backend.foundation.tenancy import office_in_force
from backend.people.consent_models import Consent, PolicyVersion
from backend.people.errors import ConsentWithdrawn, PolicyChanged
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.people.purposes import PURPOSES
from backend.safety.pictures import hide_all_of

GIVEN, WITHDRAWN = "given", "withdrawn"


@dataclass(frozen=True)
class Way:
    """How somebody said it: by themselves, or to whoever wrote it down for them."""

    channel: str = "app"
    actor_id: UUID | None = None
    on_paper: bool = False


def way_of(by: Caller, *, on_paper: bool = False) -> Way:
    """How the caller says it. Raises `Unprocessable` for a paper that nobody at the desk has seen."""
    if on_paper and by.channel != "desk":
        raise Unprocessable(errors={"paper": ["纸质同意书只能在服务台登记"]})
    return Way(by.channel or "app", by.helper_id, on_paper)


def give(person_id: UUID, purpose: str, version: int, *, way: Way) -> tuple[Consent, bool]:
    """Agree to a purpose in the words of that version; the agreement, and whether it is new.

    Raises `PolicyChanged` for words that are no longer asked with.
    """
    one_at_a_time(person_id)
    asked_with = version_now(purpose)
    if not asked_with or version != asked_with:
        raise PolicyChanged(purpose=PURPOSES[purpose].name, version=asked_with)
    last = last_of(person_id, purpose)
    if last is not None and (last.state, last.version) == (GIVEN, version):
        return last, False
    if purpose == "photos":
        hide_all_of(selves_of(person_id), hidden=False)
    return note(person_id, purpose, version, state=GIVEN, way=way), True


def agree_by_doing(person_id: UUID, purpose: str, *, version: int | None = None) -> None:
    """The act itself agrees to what it needs, in the words asked with now; a version named agrees in so many words.

    Raises `ConsentWithdrawn` for whoever took it back and has not said otherwise since, `PolicyChanged`.
    """
    if version is not None:
        give(person_id, purpose, version, way=Way())
        return
    one_at_a_time(person_id)
    last = last_of(person_id, purpose)
    if last is not None and last.state == WITHDRAWN:
        raise ConsentWithdrawn(purpose=PURPOSES[purpose].name)
    asked_with = version_now(purpose)
    if asked_with and (last is None or last.version != asked_with):
        note(person_id, purpose, asked_with, state=GIVEN, way=Way())


def may_send_pictures(person_id: UUID) -> bool:
    """Sending a picture agrees to its being shown; False for whoever took that back."""
    try:
        agree_by_doing(person_id, "photos")
    except ConsentWithdrawn:
        return False
    return True


def has_agreed(person_id: UUID, purpose: str) -> bool:
    """Have they agreed, in the words of whatever version, and not taken it back?"""
    last = last_of(person_id, purpose)
    return last is not None and last.state == GIVEN


def withdrew(person_id: Any, purpose: str) -> ColumnElement[bool]:
    """Did they take it back last? For a statement that is about to act: `person_id` may be a column of it."""
    last = (
        select(Consent.state)
        .where(Consent.office_id == office_in_force(), Consent.person_id == person_id, Consent.purpose == purpose)
        .order_by(Consent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(last, GIVEN) == WITHDRAWN


def last_of(person_id: UUID, purpose: str) -> Consent | None:
    """What they said last, under whichever of their accounts."""
    said = select(Consent).where(Consent.person_id.in_(selves_of(person_id)), Consent.purpose == purpose)
    return session().scalars(said.order_by(Consent.id.desc()).limit(1)).first()


def version_now(purpose: str) -> int:
    """The version that is asked with now; 0 if the office asks nobody."""
    newest = select(func.max(PolicyVersion.version)).where(PolicyVersion.purpose == purpose)
    return session().scalar(newest) or 0


def note(person_id: UUID, purpose: str, version: int, *, state: str, way: Way) -> Consent:
    """Write the next step down."""
    steps = select(func.max(Consent.n)).where(Consent.person_id == person_id, Consent.purpose == purpose)
    noted = insert_once(
        Consent,
        person_id=person_id,
        purpose=purpose,
        n=(session().scalar(steps) or 0) + 1,
        version=version,
        state=state,
        at=now(),
        channel=way.channel,
        actor_id=way.actor_id,
        on_paper=way.on_paper,
    )
    if noted is None:  # They said something else at the same moment.
        raise Replan()
    return noted


def one_at_a_time(person_id: UUID) -> None:
    """What is said and what follows from it happen together: others wait who change the same person."""
    session().scalar(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
