"""What people see of what is listed, and of what they wrote to each other."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import aliased

from backend.foundation.callers import Caller
from backend.foundation.db import find, session
from backend.foundation.errors import NotFound
from backend.foundation.search import matches
from backend.people.models import Person, masked
from backend.people.persons import selves_of
from backend.people.queries import people_now
from backend.places.areas import within
from backend.places.models import Area, Household
from backend.places.paths import steps
from backend.skills.models import CapablePerson, SkillContact, SkillListing

# Made once: what SQLAlchemy works out about an alias, it keeps with it.
whose, today = aliased(Person), aliased(Person)


def residents(asking: Caller) -> bool:
    """Whoever lives here, as somebody confirmed: neighbours show themselves to neighbours."""
    return asking.verified == "resident"


def seen_by(asking: Caller) -> Select[SkillListing]:
    """The listings of whoever still lives where they did, for those who live in the unit, building or community."""
    return (
        select(SkillListing)
        .join(whose, (whose.office_id == SkillListing.office_id) & (whose.id == SkillListing.person_id))
        .join(
            today,
            (today.office_id == whose.office_id) & (today.id == func.coalesce(whose.merged_into_id, whose.id)),
        )
        .where(
            SkillListing.withdrawn_at.is_(None),
            today.household_id == SkillListing.household_id,
            SkillListing.seen_from_id.in_(_ground_of(asking)),
        )
    )


def asked_for(query: Select[SkillListing], asked: dict[str, Any]) -> Select[SkillListing]:
    """What was typed, of one kind, or seen from within an area: who narrows it down never learns a door."""
    if q := asked.get("q"):
        query = query.where(matches(SkillListing.search, q))
    if asked.get("kind"):
        query = query.where(SkillListing.kind == asked["kind"])
    if asked.get("area_id"):
        query = query.where(SkillListing.seen_from_id.in_(within(find(Area, asked["area_id"]).path)))
    return query


def own(asking: Caller) -> Select[SkillListing]:
    """What is listed about me, and what I listed for my household."""
    mine = selves_of(asking.person_id)
    return select(SkillListing).where(
        SkillListing.withdrawn_at.is_(None), or_(SkillListing.person_id.in_(mine), SkillListing.lister_id.in_(mine))
    )


def is_own(listing: SkillListing, asking: Caller) -> bool:
    """May they take it back?"""
    mine = selves_of(asking.person_id)
    return listing.person_id in mine or listing.lister_id in mine


def find_seen(listing_id: UUID, asking: Caller) -> SkillListing:
    """A listing the caller may see; any other is as missing as none."""
    listing = session().scalar(seen_by(asking).where(SkillListing.id == listing_id))
    if listing is None:
        raise NotFound()
    return listing


def shown(listings: Sequence[SkillListing], asking: Caller) -> list[dict[str, Any]]:
    """A page of listings, with the names their people want to be seen."""
    people = people_now(listing.person_id for listing in listings)
    return [
        {
            **{name: getattr(listing, name) for name in ("id", "kind", "title", "note", "visibility", "listed_at")},
            "name": shown_name(people[listing.person_id], listing.shown_as),
            "is_mine": people[listing.person_id].id == asking.person_id,
        }
        for listing in listings
    ]


def shown_name(person: Person, shown_as: str) -> str:
    return person.name if shown_as == "name" else masked(person.name)


def contacts_of(asking: Caller, box: str) -> Select[SkillContact]:
    """What I sent, or what was sent to me."""
    mine = selves_of(asking.person_id)
    side = SkillContact.asker_id if box == "sent" else SkillContact.person_id
    return select(SkillContact).where(side.in_(mine))


def shown_contacts(contacts: Sequence[SkillContact], asking: Caller) -> list[dict[str, Any]]:
    """A page of what was written: the other one masked until both have said yes."""
    mine = set(selves_of(asking.person_id))
    people = people_now({each for contact in contacts for each in (contact.asker_id, contact.person_id)})
    titles = _titles(SkillListing, {contact.listing_id for contact in contacts}) | _titles(
        CapablePerson, {contact.capable_id for contact in contacts}
    )
    rows = []
    for contact in contacts:
        other = people[contact.person_id if contact.asker_id in mine else contact.asker_id]
        rows.append(
            {
                **{name: getattr(contact, name) for name in ("id", "state", "text", "answer", "asked_at")},
                **{name: getattr(contact, name) for name in ("answered_at", "listing_id")},
                "capable_person_id": contact.capable_id,
                "title": titles.get(contact.listing_id or contact.capable_id, ""),
                "with": shown_name(other, "name" if contact.state == "accepted" else "masked"),
                "is_received": contact.asker_id not in mine,
            }
        )
    return rows


def _titles(model: Any, ids: set[UUID | None]) -> dict[UUID | None, str]:
    return {row.id: row.title for row in session().execute(select(model.id, model.title).where(model.id.in_(ids)))}


def _ground_of(asking: Caller) -> Any:
    """The areas the caller's door lies in, and those that were merged into them; nothing without a door."""
    if asking.household_id is None:
        return select(Area.id).where(false())
    home = (
        select(Area.path)
        .join(Household, (Household.office_id == Area.office_id) & (Household.area_id == Area.id))
        .where(Household.id == asking.household_id)
    )
    path = session().scalar(home)
    here = select(Area.id).where(Area.path.in_(steps(path or "/")))
    return list(session().scalars(select(Area.id).where(or_(Area.id.in_(here), Area.merged_into_id.in_(here)))))
