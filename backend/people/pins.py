"""The PIN of a card: chosen by its holder, stored as a hash, five tries.

Hashing takes a while, and so it is done before a deed begins (`hash_pin`, `try_pin`); what the try is worth is decided
in the deed (`spend_by`), in the statement that counts it.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update
from werkzeug.security import check_password_hash, generate_password_hash

from backend.foundation.crypto import fingerprint
from backend.foundation.db import done_reading, session
from backend.foundation.errors import Busy, Unprocessable
from backend.people.errors import CardBlocked, CardLocked, CardUnknown, PinWrong
from backend.people.models import TRIES, Card
from backend.people.pin_rules import is_easy

# What a card that does not exist is compared with, so that it takes as long as one that does.
_NOBODYS = generate_password_hash("no card has this PIN")


@dataclass(frozen=True)
class TriedPin:
    """Somebody showed a card and typed a PIN; the hash it was compared with was the card's at that moment."""

    fingerprint: bytes
    pin_hash: str
    is_right: bool


def hash_pin(pin: str) -> str:
    """How a PIN is stored. Raises `Unprocessable` for one that everybody tries first."""
    if is_easy(pin):
        raise Unprocessable(errors={"pin": ["这个 PIN 太容易被猜到，请换一个不连续、不重复的"]})
    return generate_password_hash(pin)


def try_pin(token: str, pin: str) -> TriedPin:
    """Compare, outside of any deed; an unknown card takes as long as a known one."""
    shown = fingerprint(token)
    known = session().scalar(select(Card.pin_hash).where(Card.fingerprint == shown))
    done_reading()
    pin_hash = known or _NOBODYS
    return TriedPin(shown, pin_hash, check_password_hash(pin_hash, pin) and known is not None)


def spend_by(tried: TriedPin) -> Card:
    """The card, if it may spend now. Counts the try, also when it refuses.

    Raises `CardUnknown`, `CardBlocked`, `CardLocked`, `PinWrong`, or `Busy` if the PIN was set anew meanwhile.
    """
    mine = Card.fingerprint == tried.fingerprint
    counted = session().scalar(
        update(Card)
        .where(mine, Card.pin_hash == tried.pin_hash, Card.blocked_at.is_(None), Card.wrong_pins < TRIES)
        .values(wrong_pins=0 if tried.is_right else Card.wrong_pins + 1)
        .returning(Card.wrong_pins)
        .execution_options(synchronize_session=False)
    )
    card = _now(mine)
    if card is None:
        raise CardUnknown()
    if counted is not None:
        if not tried.is_right:
            raise PinWrong(left=TRIES - counted)
        return card
    if card.is_blocked:
        raise CardBlocked()
    if card.is_locked:
        raise CardLocked()
    raise Busy()


def _now(mine: ColumnElement[bool]) -> Card | None:
    """As the statement above left it."""
    return session().scalar(select(Card).where(mine).execution_options(populate_existing=True))
