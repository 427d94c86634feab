"""Endpoints of the desk: entering somebody without a phone, and everything about their paper card."""

from typing import Any
from uuid import UUID

from flask import Response

from backend.foundation.admission import requires, visible
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import Caller, anybody_here, caller
from backend.foundation.db import done_reading, find, transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.guesses import guessable
from backend.foundation.limits import fails_closed
from backend.people import cards as deeds
from backend.people.card_queries import history_of
from backend.people.card_schemas import (
    CardForm,
    CardQuery,
    CardReasonForm,
    CardsView,
    CardTokenForm,
    CardView,
    FoundCardView,
    IssuedCardView,
    NewPinForm,
    PersonForm,
)
from backend.people.card_sheets import sheet_of
from backend.people.errors import (
    CardBlocked,
    CardExists,
    CardUnknown,
    ConsentNeeded,
    HouseholdFull,
    OwnDesk,
    PolicyChanged,
    ResidentNeeded,
    UnderFourteen,
)
from backend.people.home_areas import home_path
from backend.people.models import Card, Person
from backend.people.permissions import workers_and_officers, works_over
from backend.people.persons import person_now
from backend.people.pins import hash_pin
from backend.people.registering import register
from backend.people.verification_schemas import FoundPersonView
from backend.places.models import Household

cards = Blueprint("cards", __name__, description="服务台与积分卡")


def card_readers(caller: Caller) -> bool:
    """Whoever is shown cards: at the desk, at a door, in a shop."""
    return caller.holds("worker", "officer", "leader", "deputy", "helper", "clerk", "owner")


@cards.post("/people")
@requires(workers_and_officers)
@cards.arguments(PersonForm)
@cards.response(201, FoundPersonView)
@refuses(NotFound, Forbidden, OwnDesk, UnderFourteen, HouseholdFull, PolicyChanged)
@transactional
def enter(form: dict[str, Any]) -> dict[str, Any]:
    """Enter somebody who has no phone: a resident by this act, of a household or of the worker's area."""
    person = register(**form, by=caller())
    home = find(Household, person.household_id) if person.household_id else None
    return {
        "id": person.id,
        "name": person.masked_name,
        "verified": person.verified,
        "age_class": person.age_class,
        "has_household": home is not None,
        "household": home and {"id": home.id, "name": home.door, "role": person.household_role},
    }


@cards.get("/cards")
@requires(anybody_here)
@cards.arguments(CardQuery, location="query")
@cards.response(200, CardsView)
@refuses(NotFound)
def list_cards(asked: dict[str, Any]) -> dict[str, Any]:
    """Somebody's cards, newest first, and what was done with them: for whoever may block one."""
    person = person_now(asked["person_id"])
    visible(deeds.may_see(person, caller()))
    found = deeds.cards_of(person)
    history = history_of(found)
    return {"items": [_shown(card) | {"history": history[card.id]} for card in found]}


@cards.post("/cards")
@requires(workers_and_officers)
@cards.arguments(CardForm)
@cards.response(201, IssuedCardView)
@refuses(NotFound, OwnDesk, ResidentNeeded, ConsentNeeded, CardExists)
@fails_closed
def issue(form: dict[str, Any]) -> dict[str, Any]:
    """Issue somebody's paper card; they type the PIN themselves. The token is told this once."""
    return _issue(form["person_id"], pin_hash=_hashed(form["pin"]))


@transactional
def _issue(person_id: UUID, *, pin_hash: str) -> dict[str, Any]:
    card, token = deeds.issue(person_id, pin_hash=pin_hash, by=caller())
    return _shown(card) | {"token": token}


@cards.post("/cards/<uuid:card_id>/replace")
@requires(workers_and_officers)
@cards.arguments(NewPinForm)
@cards.response(201, IssuedCardView)
@refuses(NotFound, OwnDesk, CardExists)
@fails_closed
def replace(form: dict[str, Any], card_id: UUID) -> dict[str, Any]:
    """Block a card that is lost or worn out and issue another; the old one stays on record."""
    return _replace(card_id, pin_hash=_hashed(form["pin"]), reason=form["reason"])


@transactional
def _replace(card_id: UUID, *, pin_hash: str, reason: str) -> dict[str, Any]:
    card, token = deeds.replace(find(Card, card_id), pin_hash=pin_hash, reason=reason, by=caller())
    return _shown(card) | {"token": token}


@cards.post("/cards/<uuid:card_id>/block")
@requires(anybody_here)
@cards.arguments(CardReasonForm)
@cards.response(200, CardView)
@refuses(NotFound)
@transactional
def block(form: dict[str, Any], card_id: UUID) -> dict[str, Any]:
    """Block a card at once and for good: its holder, the head of their household, or a worker."""
    return _shown(deeds.block(find(Card, card_id), reason=form["reason"], by=caller()))


@cards.post("/cards/<uuid:card_id>/pin")
@requires(workers_and_officers)
@cards.arguments(NewPinForm)
@cards.response(200, CardView)
@refuses(NotFound, OwnDesk, CardBlocked)
@fails_closed
def set_pin(form: dict[str, Any], card_id: UUID) -> dict[str, Any]:
    """Set another PIN, typed by the holder at the desk; it also unlocks the card."""
    return _set_pin(card_id, pin_hash=_hashed(form["pin"]), reason=form["reason"])


@transactional
def _set_pin(card_id: UUID, *, pin_hash: str, reason: str) -> dict[str, Any]:
    return _shown(deeds.set_pin(find(Card, card_id), pin_hash=pin_hash, reason=reason, by=caller()))


@cards.post("/cards/lookup")
@requires(card_readers)
@cards.arguments(CardTokenForm)
@cards.response(200, FoundCardView)
@refuses(CardUnknown)
@guessable("token")
@fails_closed
def look_up(form: dict[str, Any]) -> dict[str, Any]:
    """Whose card this is, and whether it is still good."""
    card = deeds.card_of(form["token"])
    person = find(Person, card.person_id)
    return {
        "id": card.id,
        "number": card.number,
        "person": {"id": person.id, "name": person.masked_name},
        "is_blocked": card.is_blocked,
        "is_locked": card.is_locked,
    }


@cards.post("/cards/sheet")
@requires(workers_and_officers)
@cards.arguments(CardTokenForm)
@cards.response(200, {"type": "string"}, content_type="text/html")
@refuses(CardUnknown, CardBlocked, NotFound)
@guessable("token")
@fails_closed
def print_sheet(form: dict[str, Any]) -> Response:
    """The page a card is printed from, made from the token in hand: a QR and a number, no name and no PIN."""
    card = deeds.card_of(form["token"])
    visible(works_over(caller(), home_path(find(Person, card.person_id))))
    if card.is_blocked:
        raise CardBlocked()
    page = sheet_of(form["token"], number=card.number)
    return Response(page, content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})


def _hashed(pin: str) -> str:
    """Before the deed: it takes long."""
    done_reading()
    return hash_pin(pin)


def _shown(card: Card) -> dict[str, Any]:
    fields = ("id", "person_id", "number", "issued_at", "blocked_at", "is_locked", "replaces_id")
    return {name: getattr(card, name) for name in fields}
