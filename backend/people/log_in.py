"""WeChat code → person → tokens. A refresh token is good once; a second use of it ends its family.

OAuth 2.0 Security Best Current Practice (RFC 9700), section 4.14: refresh token rotation.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from backend.foundation.clock import now
from backend.foundation.crypto import fingerprint
from backend.foundation.db import add, find, session
from backend.foundation.tenancy import acting_in
from backend.people.blocking import is_blocked
from backend.people.devices import REFRESH_LASTS, begin_device, end_device, goes_on
from backend.people.errors import BlockedFromLogin, RefreshRefused, RefreshReused
from backend.people.facts import facts_of
from backend.people.models import Person
from backend.people.persons import person_of_openid
from backend.people.session_models import Device, RefreshToken
from backend.people.tokens import access_token

GRACE = timedelta(seconds=20)  # one phone asking twice at the same moment is no thief


@dataclass(frozen=True)
class LoggedIn:
    person: Person
    access_token: str
    refresh_token: str


def log_in(openid: str, *, office_id: int, device: str | None = None, installation_id: str | None = None) -> LoggedIn:
    """Log a WeChat user in to an office; whoever is unknown there becomes a new, unverified person.

    Raises `BlockedFromLogin`.
    """
    with acting_in(office_id):
        person = person_of_openid(openid)
        return _hand_out(person, begin_device(person.id, name=device, installation_id=installation_id))


def refresh(token: str) -> LoggedIn:
    """Exchange a refresh token for new ones. Raises `RefreshRefused` or `BlockedFromLogin`; a used one ends its device.

    A token exchanged less than 20 seconds ago is exchanged again while nothing that came of it has been used: its
    answer was lost, or one phone asked twice at the same moment.
    """
    with acting_in(_office_of(token)):
        at = now()
        known = _find(token)
        if known is None:
            raise RefreshRefused()
        if is_blocked(known.person_id):
            raise BlockedFromLogin()
        device = find(Device, known.family_id)
        if known.revoked_at is not None or known.expires_at <= at or not goes_on(device.id, at=at):
            raise RefreshRefused()
        rotated = session().scalar(
            update(RefreshToken)
            .where(RefreshToken.id == known.id, RefreshToken.rotated_at.is_(None), RefreshToken.revoked_at.is_(None))
            .values(rotated_at=at)
            .returning(RefreshToken.id)
        )
        if rotated is None:
            session().refresh(known)
            if known.revoked_at is not None:
                raise RefreshRefused()
            if known.rotated_at is None or at - known.rotated_at > GRACE or _went_on(known):
                end_device(device, reason="reused")
                raise RefreshReused()
        person = find(Person, known.person_id)
        if person.merged_into_id is not None:  # they log in again, as the account that was kept
            raise RefreshRefused()
        return _hand_out(person, device)


def log_out(token: str) -> None:
    """End the device of this token; an unknown token has ended already."""
    try:
        office_id = _office_of(token)
    except RefreshRefused:
        return
    with acting_in(office_id):
        known = _find(token)
        if known is not None:
            end_device(find(Device, known.family_id), reason="logged_out")


def _hand_out(person: Person, device: Device) -> LoggedIn:
    """New tokens that say what is true now. Whoever is blocked a moment later is named in the feed after them."""
    facts = facts_of(person.id, device_id=device.id)
    if facts is None or facts.is_blocked:
        raise BlockedFromLogin()
    at = now()
    token = f"{person.office_id}.{secrets.token_urlsafe(32)}"
    add(
        RefreshToken(
            person_id=person.id,
            family_id=device.id,
            fingerprint=fingerprint(token),
            issued_at=at,
            expires_at=at + REFRESH_LASTS,
        )
    )
    signed = access_token(facts, office_id=person.office_id, person_id=person.id, device_id=device.id)
    return LoggedIn(person, signed, token)


def _office_of(token: str) -> int:
    """The office stands in clear before the dot, so that nothing is ever looked up without one."""
    office, dot, _ = token.partition(".")
    if not dot or not office.isascii() or not office.isdigit() or len(office) > 4:
        raise RefreshRefused()
    return int(office)


def _went_on(known: RefreshToken) -> bool:
    """Has a token of the family been exchanged after this one? Then its phone has long had the answer."""
    later = select(RefreshToken.id).where(
        RefreshToken.family_id == known.family_id,
        RefreshToken.id != known.id,
        RefreshToken.issued_at >= known.rotated_at,
        RefreshToken.rotated_at.is_not(None),
    )
    return session().scalars(later.limit(1)).first() is not None


def _find(token: str) -> RefreshToken | None:
    return session().scalar(select(RefreshToken).where(RefreshToken.fingerprint == fingerprint(token)))
