"""Endpoints of skills: 能力共享."""

from operator import itemgetter
from typing import Any
from uuid import UUID

from backend.foundation.admission import requires, visible
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import NotFound
from backend.foundation.pages import PageQuery, page, page_of
from backend.people.assisted import assisted
from backend.safety.judged import judged
from backend.skills import contacting, listing
from backend.skills.capable_queries import find_listed
from backend.skills.errors import ContactAnswered, GroundUnknown, NotToBeListed, OwnListing
from backend.skills.models import SkillContact, SkillListing
from backend.skills.queries import (
    asked_for,
    contacts_of,
    find_seen,
    is_own,
    own,
    residents,
    seen_by,
    shown,
    shown_contacts,
)
from backend.skills.schemas import (
    ContactAnswerForm,
    ContactForm,
    ContactQuery,
    ContactView,
    SkillForm,
    SkillQuery,
    SkillView,
    SkillWordQuery,
    SkillWordsView,
)
from backend.skills.vocabulary import suggestions

skills = Blueprint("skills", __name__, description="能力共享")


@skills.get("/skill-words")
@requires(anybody_here)
@skills.arguments(SkillWordQuery, location="query")
@skills.response(200, SkillWordsView)
def suggest_words(asked: dict[str, Any]) -> dict[str, Any]:
    """Words to choose from when listing something; other words are welcome."""
    found = suggestions(kind=asked.get("kind"), typed=asked.get("q"))
    return {"items": [{"kind": kind, "title": title} for kind, title in found]}


@skills.get("/skills")
@requires(residents)
@skills.arguments(SkillQuery, location="query")
@skills.response(200, page_of(SkillView))
@refuses(NotFound)
def list_seen(asked: dict[str, Any]) -> dict[str, Any]:
    """What my neighbours list for my unit, building or community; `q` finds by Chinese, pinyin or initials."""
    found = page(asked_for(seen_by(caller()), asked), asked, by=(SkillListing.id,))
    return {**found, "items": shown(found["items"], caller())}


@skills.get("/me/skills")
@requires(anybody_here)
@skills.arguments(PageQuery, location="query")
@skills.response(200, page_of(SkillView))
def list_mine(asked: dict[str, Any]) -> dict[str, Any]:
    """What is listed about me, and what I listed for my household."""
    found = page(own(caller()), asked, by=(SkillListing.id,))
    return {**found, "items": shown(found["items"], caller())}


@skills.post("/skills")
@requires(residents)
@skills.arguments(SkillForm)
@skills.creates(SkillView)
@refuses(NotFound, NotToBeListed, GroundUnknown)
@judged("title", "note", about=SkillListing)
@assisted("list_skill")
def list_skill(form: dict[str, Any]) -> Any:
    """List an interest, a skill or a profession; the same again answers the first one. Listing is the consent."""
    listed, is_new = listing.list_skill(caller(), **form)
    (view,) = shown([listed], caller())
    return view, 201 if is_new else 200


@skills.delete("/skills/<uuid:listing_id>")
@requires(anybody_here)
@skills.response(204)
@refuses(NotFound)
@transactional
def withdraw(listing_id: UUID) -> None:
    """Take it back: it is found by nobody from now on, and its words are deleted."""
    found = find(SkillListing, listing_id)
    visible(is_own(found, caller()))
    listing.withdraw(found, by=caller())


@skills.get("/me/skill-contacts")
@requires(anybody_here)
@skills.arguments(ContactQuery, location="query")
@skills.response(200, page_of(ContactView))
def list_contacts(asked: dict[str, Any]) -> dict[str, Any]:
    """What neighbours wrote to me about what I can do, or (`box=sent`) what I wrote to them."""
    found = page(contacts_of(caller(), asked["box"]), asked, by=(SkillContact.id,))
    return {**found, "items": shown_contacts(found["items"], caller())}


@skills.post("/skill-contacts")
@requires(residents)
@skills.arguments(ContactForm)
@skills.creates(ContactView)
@refuses(NotFound, OwnListing)
@judged("text", about=SkillContact)
def write_to(form: dict[str, Any]) -> Any:
    """Write to whoever listed a skill, or to a capable person; no number and no door is shown to either."""
    listing_id = form.get("listing_id")
    about = find_seen(listing_id, caller()) if listing_id else find_listed(form["capable_person_id"])
    contact, is_new = contacting.write_to(about, by=caller(), text=form["text"])
    (view,) = shown_contacts([contact], caller())
    return view, 201 if is_new else 200


@skills.put("/skill-contacts/<uuid:contact_id>")
@requires(anybody_here)
@skills.arguments(ContactAnswerForm)
@skills.response(200, ContactView)
@refuses(NotFound, ContactAnswered)
@judged("answer", about=SkillContact, edits=itemgetter("contact_id"))
def answer(form: dict[str, Any], contact_id: UUID) -> dict[str, Any]:
    """Say yes or no to a neighbour who wrote to me."""
    contact = find(SkillContact, contact_id)
    visible(contacting.is_theirs(contact, caller().person_id))
    answered = contacting.answer(contact, by=caller(), accepted=form["decision"] == "accepted", said=form.get("answer"))
    (view,) = shown_contacts([answered], caller())
    return view
