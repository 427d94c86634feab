"""The paper card of somebody without a phone: a random token on the paper, a PIN in the holder's head.

A worker issues it at the desk, where the holder types the PIN. Lost, it is blocked at once, by a worker, the head of
the household or the holder; another one takes its place and the old one stays on record.
"""

import secrets
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.crypto import fingerprint
from backend.foundation.db import add, find, insert_once, session
from backend.foundation.errors import NotFound
from backend.foundation.ids import uuid7
from backend.foundation.tenancy import office_in_force
from backend.people.assisted_models import CardChange
from backend.people.consents import has_agreed
from backend.people.errors import CardBlocked, CardExists, CardUnknown, ConsentNeeded, ResidentNeeded
from backend.people.home_areas import home_path, refuse_unless_theirs
from backend.people.models import Card, Person
from backend.people.permissions import works_over
from backend.people.persons import person_now
from backend.people.pins import hash_pin
from backend.people.purposes import PURPOSES
from backend.people.verifying import is_head


def new_card_token(office_id: int) -> str:
    """What stands on a card: the office in clear, then 128 random bits."""
    return f"{office_id}.{secrets.token_urlsafe(16)}"


def issue_card(person: Person, *, token: str, pin: str) -> Card:
    """Make a card for a token, which is shown once and then known to the paper only; the PIN to its holder."""
    return _issue(person, token=token, pin_hash=hash_pin(pin), replaces=None)


def issue(person_id: UUID, *, pin_hash: str, by: Caller) -> tuple[Card, str]:
    """Somebody's first card and its token, which nobody is told again.

    Raises `NotFound`, `OwnDesk`, `ResidentNeeded`, `ConsentNeeded` while nobody wrote down that they agreed to take
    part, or `CardExists` while they have one that is not blocked.
    """
    person = _holder(person_id, by)
    if person.verified != "resident":
        raise ResidentNeeded()
    if not has_agreed(person.id, "service"):
        raise ConsentNeeded(purpose=PURPOSES["service"].name)
    token = new_card_token(office_in_force())
    card = _issue(person, token=token, pin_hash=pin_hash, replaces=None)
    _note(card, "issued", by)
    trail.record("cards.issue", card, beneficiary_id=person.id)
    return card, token


def replace(card: Card, *, pin_hash: str, reason: str, by: Caller) -> tuple[Card, str]:
    """Another card in the place of this one, which is blocked; its token. What was done with the old one stays.

    Raises `NotFound`, `OwnDesk`, or `CardExists` if another worker has replaced it already.
    """
    person = _holder(card.person_id, by)
    _block(card)
    token = new_card_token(office_in_force())
    fresh = _issue(person, token=token, pin_hash=pin_hash, replaces=card)
    _note(card, "replaced", by, reason)
    _note(fresh, "issued", by)
    trail.record("cards.replace", card, beneficiary_id=person.id, reason=reason, after={"card": fresh.id})
    return fresh, token


def block(card: Card, *, reason: str, by: Caller) -> Card:
    """Block a card for good, at once; again changes nothing. Raises `NotFound` for whoever has no say over it."""
    if not may_see(find(Person, card.person_id), by):
        raise NotFound()
    if _block(card):
        _note(card, "blocked", by, reason)
        trail.record("cards.block", card, beneficiary_id=card.person_id, reason=reason)
    return card


def set_pin(card: Card, *, pin_hash: str, reason: str, by: Caller) -> Card:
    """Another PIN, typed by the holder at the desk; it also unlocks. Raises `NotFound`, `OwnDesk`, `CardBlocked`."""
    _holder(card.person_id, by)
    changed = session().scalar(
        update(Card)
        .where(Card.id == card.id, Card.blocked_at.is_(None))
        .values(pin_hash=pin_hash, wrong_pins=0)
        .returning(Card.id)
    )
    session().refresh(card)
    if changed is None:
        raise CardBlocked()
    _note(card, "pin_set", by, reason)
    trail.record("cards.set_pin", card, beneficiary_id=card.person_id, reason=reason)
    return card


def cards_of(person: Person) -> Sequence[Card]:
    """Somebody's cards, the newest first."""
    return session().scalars(select(Card).where(Card.person_id == person.id).order_by(Card.id.desc())).all()


def may_see(person: Person, by: Caller) -> bool:
    """A worker of their area, the head of their household, or they themselves: whoever may block a card."""
    is_theirs = person.household_id is not None and person.household_id == by.household_id
    return by.person_id == person.id or works_over(by, home_path(person)) or (is_theirs and is_head(by))


def card_of(token: str) -> Card:
    """The card with that token, blocked or not. Raises `CardUnknown`."""
    card = session().scalar(select(Card).where(Card.fingerprint == fingerprint(token)))
    if card is None:
        raise CardUnknown()
    return card


def person_of_card(token: str) -> Person:
    """Whose card this is; good enough to be checked in, not to spend. Raises `CardUnknown` or `CardBlocked`."""
    card = card_of(token)
    if card.is_blocked:
        raise CardBlocked()
    return person_now(card.person_id)


def _holder(person_id: UUID, by: Caller) -> Person:
    person = person_now(person_id)
    refuse_unless_theirs(person, by)
    return person


def _issue(person: Person, *, token: str, pin_hash: str, replaces: Card | None) -> Card:
    card = insert_once(
        Card,
        person_id=person.id,
        fingerprint=fingerprint(token),
        pin_hash=pin_hash,
        issued_at=now(),
        replaces_id=replaces.id if replaces else None,
    )
    if card is None:  # They have one, or another worker was faster.
        raise CardExists()
    return card


def _block(card: Card) -> bool:
    blocked = session().scalar(
        update(Card).where(Card.id == card.id, Card.blocked_at.is_(None)).values(blocked_at=now()).returning(Card.id)
    )
    session().refresh(card)
    return blocked is not None


def _note(card: Card, change: str, by: Caller, reason: str | None = None) -> None:
    noted = CardChange(
        office_id=card.office_id,
        id=uuid7(),
        card_id=card.id,
        change=change,
        changer_id=by.person_id,
        changed_at=now(),
    )
    if reason is not None:
        noted.reason = reason
    add(noted)
