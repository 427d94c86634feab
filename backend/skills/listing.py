"""Listing what somebody can do, and taking it back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation import outbox, trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import NotFound, Replan
from backend.foundation.search import searchable
from backend.ledger.drafts import Draft
from backend.messages.texts import SKILLS
from backend.people.models import Person
from backend.people.persons import person_now, selves_of
from backend.places.areas import standing
from backend.places.models import Area, Household
from backend.places.paths import steps
from backend.safety.reviews import no_longer_said
from backend.skills.errors import GroundUnknown, NotToBeListed
from backend.skills.models import OPEN_STATES, CapablePerson, SkillContact, SkillListing


def list_skill(
    by: Caller,
    *,
    kind: str,
    title: str,
    visibility: str,
    note: str = "",
    shown_as: str = "masked",
    person_id: UUID | None = None,
) -> tuple[SkillListing, bool]:
    """List something of one's own or, as the head, of an adult of one's household; and whether it is new.

    The same kind and title again answers the first one. Raises `NotFound` for whoever is not of the
    household or is not the caller's to list, `NotToBeListed`, `GroundUnknown`.
    """
    person = _whose(by, person_id)
    home = home_of_a_grown_resident(person)
    listing = insert_once(
        SkillListing,
        person_id=person.id,
        lister_id=by.person_id,
        household_id=home.id,
        kind=kind,
        title=title,
        note=note,
        visibility=visibility,
        seen_from_id=_ground(home.area_id, visibility).id,
        shown_as=shown_as,
        search=searchable(title, note),
        listed_at=now(),
    )
    if listing is None:
        return _listed_before(person, kind, title), False
    if person.id != by.person_id:
        trail.record("skills.list", listing, beneficiary_id=person.id, after={"kind": kind, "visibility": visibility})
        tell(person.id, "listed_for_you", listing.id)
    return listing, True


def withdraw(listing: SkillListing, *, by: Caller) -> SkillListing:
    """Take it back: nobody finds it from now on, and its words are gone. Once: a repeat is fine."""
    if forget([listing.id], at=now()):
        no_longer_said(listing, ["title", "note"])
        if by.person_id not in selves_of(listing.person_id):
            trail.record("skills.withdraw", listing, beneficiary_id=person_now(listing.person_id).id)
    session().refresh(listing)
    return listing


def let_go(person: Person, _: str, at: datetime) -> list[Draft]:
    """Somebody is gone: nothing of theirs is listed, asked or waited for any more. Nothing of it is the ledger's."""
    theirs = selves_of(person.id)
    forget(session().scalars(select(SkillListing.id).where(SkillListing.person_id.in_(theirs))).all(), at=at)
    session().execute(
        update(CapablePerson)
        .where(CapablePerson.person_id.in_(theirs), CapablePerson.state.in_(OPEN_STATES))
        .values(state="withdrawn", closed_at=at)
    )
    unanswered = SkillContact.person_id.in_(theirs) | SkillContact.asker_id.in_(theirs)
    session().execute(
        update(SkillContact).where(SkillContact.state == "sent", unanswered).values(state="declined", answered_at=at)
    )
    return []


def forget(listing_ids: Collection[UUID], *, at: datetime) -> bool:
    """Withdraw listings and their words; whether one of them stood until now."""
    gone = session().scalars(
        update(SkillListing)
        .where(SkillListing.id.in_(listing_ids), SkillListing.withdrawn_at.is_(None))
        .values(withdrawn_at=at, title="", note="", search="")
        .returning(SkillListing.id)
    )
    return bool(gone.all())


def home_of_a_grown_resident(person: Person) -> Household:
    """Their door. Nobody lists a minor, nor somebody whose door nobody confirmed. Raises `NotToBeListed`."""
    if person.age_class != "adult" or person.verified != "resident" or person.household_id is None:
        raise NotToBeListed()
    return find(Household, person.household_id)


def tell(person_id: UUID, what: str, about: UUID) -> None:
    """Lay out for a person what happened: no names, no words of anybody; they are read where they are sealed."""
    outbox.put(f"skills:{what}:{about}", topic=SKILLS, person_id=person_id, facts={"what": what})


def _whose(by: Caller, person_id: UUID | None) -> Person:
    me = find(Person, by.person_id)
    if person_id is None or person_id == me.id:
        return me
    other = find(Person, person_id)
    if me.household_role != "head" or me.household_id is None or other.household_id != me.household_id:
        raise NotFound()
    return other


def _ground(area_id: UUID, visibility: str) -> Area:
    """The unit, building or community a door lies in."""
    of_the_door = standing(area_id)
    wanted = select(Area).where(Area.path.in_(steps(of_the_door.path)), Area.kind == visibility)
    ground = session().scalars(wanted).first()
    if ground is None:
        raise GroundUnknown()
    return ground


def _listed_before(person: Person, kind: str, title: str) -> SkillListing:
    first = session().scalar(
        select(SkillListing).where(
            SkillListing.person_id == person.id,
            SkillListing.kind == kind,
            SkillListing.title == title,
            SkillListing.withdrawn_at.is_(None),
        )
    )
    if first is None:  # It was withdrawn this very moment.
        raise Replan()
    return first
