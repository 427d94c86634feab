"""The paper card of somebody without a phone: a random token on the paper, a PIN in the holder's head."""

import secrets

from sqlalchemy import select
from werkzeug.security import generate_password_hash

from backend.foundation.clock import now
from backend.foundation.crypto import fingerprint
from backend.foundation.db import add, find, session
from backend.people.errors import CardBlocked, CardUnknown
from backend.people.models import Card, Person


def new_card_token(office_id: int) -> str:
    """What stands on a card: the office in clear, then 128 random bits."""
    return f"{office_id}.{secrets.token_urlsafe(16)}"


def issue_card(person: Person, *, token: str, pin: str) -> Card:
    """Make a card for a token, which is shown once and then known to the paper only; the PIN to its holder."""
    return add(
        Card(
            person_id=person.id,
            fingerprint=fingerprint(token),
            pin_hash=generate_password_hash(pin),
            issued_at=now(),
        )
    )


def person_of_card(token: str) -> Person:
    """Whose card this is; good enough to be checked in, not to spend. Raises `CardUnknown` or `CardBlocked`."""
    card = session().scalar(select(Card).where(Card.fingerprint == fingerprint(token)))
    if card is None:
        raise CardUnknown()
    if card.blocked_at is not None:
        raise CardBlocked()
    return find(Person, card.person_id)
