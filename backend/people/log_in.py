"""WeChat code → person → tokens. A refresh token is good once; a second use of it ends its family.

OAuth 2.0 Security Best Current Practice (RFC 9700), section 4.14: refresh token rotation.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation.clock import now
from backend.foundation.crypto import fingerprint
from backend.foundation.db import add, session
from backend.foundation.ids import uuid7
from backend.foundation.tenancy import acting_in
from backend.people.errors import RefreshRefused, RefreshReused
from backend.people.models import Person, RefreshToken
from backend.people.persons import person_of_openid
from backend.people.tokens import access_token

REFRESH_LASTS = timedelta(days=60)
GRACE = timedelta(seconds=20)  # one phone asking twice at the same moment is no thief


@dataclass(frozen=True)
class LoggedIn:
    person: Person
    access_token: str
    refresh_token: str


def log_in(openid: str, *, office_id: int) -> LoggedIn:
    """Log a WeChat user in to an office; whoever is unknown there becomes a new, unverified person."""
    with acting_in(office_id):
        return _hand_out(person_of_openid(openid), family_id=uuid7())


def refresh(token: str) -> LoggedIn:
    """Exchange a refresh token for new ones. Raises `RefreshRefused`; a used one revokes its family.

    A token exchanged less than 20 seconds ago is exchanged again while nothing that came of it has been used: its
    answer was lost, or one phone asked twice at the same moment.
    """
    with acting_in(_office_of(token)):
        at = now()
        known = _find(token)
        if known is None or known.revoked_at is not None or known.expires_at <= at:
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
                _revoke(known.family_id)
                raise RefreshReused()
        person = session().scalars(select(Person).where(Person.id == known.person_id)).one()
        if person.merged_into_id is not None:  # they log in again, as the account that was kept
            raise RefreshRefused()
        return _hand_out(person, family_id=known.family_id)


def log_out(token: str) -> None:
    """End the family of this token; an unknown token has ended already."""
    try:
        office_id = _office_of(token)
    except RefreshRefused:
        return
    with acting_in(office_id):
        known = _find(token)
        if known is not None:
            _revoke(known.family_id)


def _hand_out(person: Person, *, family_id: UUID) -> LoggedIn:
    at = now()
    token = f"{person.office_id}.{secrets.token_urlsafe(32)}"
    add(
        RefreshToken(
            person_id=person.id,
            family_id=family_id,
            fingerprint=fingerprint(token),
            issued_at=at,
            expires_at=at + REFRESH_LASTS,
        )
    )
    return LoggedIn(person, access_token(office_id=person.office_id, person_id=person.id), token)


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


def _revoke(family_id: UUID) -> None:
    session().execute(
        update(RefreshToken)
        .where(RefreshToken.family_id == family_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now())
    )
