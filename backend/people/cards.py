"""The paper card of somebody without a phone: a random token on the paper, a PIN in the holder's head."""

import secrets

from sqlalchemy import select
from werkzeug.security import generate_password_hash

from backend.foundation.clock import now
from backend.foundation.crypto import fingerprint
from backend.foundation.db import add, find, session
from backend.people.errors import CardBlocked, CardUnknown
from backend.people.models import Card, Person


def issue_card(person: Person, *, pin: str) -> str:
    """Make a card and return its token, which is shown this once and then known to the paper only."""
    token = f"{person.office_id}.{secrets.token_urlsafe(16)}"
    add(
        Card(
            person_id=person.id,
            fingerprint=fingerprint(token),
            pin_hash=generate_password_hash(pin),
            issued_at=now(),
        )
    )
    return token


def person_of_card(token: str) -> Person:
    """Whose card this is; good enough to be checked in, not to spend. Raises `CardUnknown` or `CardBlocked`."""
    card = session().scalar(select(Card).where(Card.fingerprint == fingerprint(token)))
    if card is None:
        raise CardUnknown()
    if card.blocked_at is not None:
        raise CardBlocked()
    return find(Person, card.person_id)
