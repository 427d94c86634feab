"""Writing to whoever listed a skill, or to a capable person, and answering."""

from uuid import UUID

from sqlalchemy import select, update

from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Replan
from backend.people.persons import person_now, selves_of
from backend.skills.errors import ContactAnswered, OwnListing
from backend.skills.listing import tell
from backend.skills.models import CapablePerson, SkillContact, SkillListing


def write_to(about: SkillListing | CapablePerson, *, by: Caller, text: str) -> tuple[SkillContact, bool]:
    """Leave words for them; and whether it is new: while they have not answered, writing again answers the first.

    Whoever calls this has asked whether the caller may see what it is about. Raises `OwnListing`.
    """
    person = person_now(about.person_id)
    if person.id == by.person_id:
        raise OwnListing()
    is_listing = isinstance(about, SkillListing)
    listing_id, capable_id = (about.id, None) if is_listing else (None, about.id)
    new = insert_once(
        SkillContact,
        asker_id=by.person_id,
        person_id=person.id,
        listing_id=listing_id,
        capable_id=capable_id,
        text=text,
        state="sent",
        asked_at=now(),
    )
    if new is not None:
        tell(person.id, "contact", new.id)
        return new, True
    return _sent_before(by, listing_id, capable_id), False


def answer(contact: SkillContact, *, by: Caller, accepted: bool, said: str | None = None) -> SkillContact:
    """Say yes or no, with a few words. The same again is fine; raises `ContactAnswered` for another answer."""
    state = "accepted" if accepted else "declined"
    answered = session().scalar(
        update(SkillContact)
        .where(SkillContact.id == contact.id, SkillContact.state == "sent")
        .values(state=state, answered_at=now())
        .returning(SkillContact.id)
    )
    session().refresh(contact)
    if answered is None:
        if contact.state != state:
            raise ContactAnswered()
        return contact
    if said:
        contact.answer = said
        session().flush()
    tell(person_now(contact.asker_id).id, f"contact_{state}", contact.id)
    return contact


def is_theirs(contact: SkillContact, person_id: UUID) -> bool:
    """Was it written to that person?"""
    return contact.person_id in selves_of(person_id)


def _sent_before(by: Caller, listing_id: UUID | None, capable_id: UUID | None) -> SkillContact:
    about = SkillContact.listing_id == listing_id if listing_id else SkillContact.capable_id == capable_id
    first = session().scalar(
        select(SkillContact).where(SkillContact.asker_id == by.person_id, about, SkillContact.state == "sent")
    )
    if first is None:  # It was answered this very moment.
        raise Replan()
    return first
