"""Access tokens: signed facts about one person on one device, short-lived, so that no request has to look them up.

HS256 only, and only under our own keys (RFC 8725, sections 3.1 and 3.10: neither the algorithm nor where a key comes
from is the token's to choose). The header is exactly ours; its `kid` is looked up among the keys we accept, at most
two, and is nothing else than that.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from backend.foundation.callers import Grant
from backend.foundation.clock import now
from backend.foundation.crypto import accepted_keys
from backend.foundation.ids import uuid7
from backend.people.errors import TokenExpired, TokenInvalid
from backend.people.facts import Facts
from backend.places.offices import MOST_OFFICES

ACCESS_LASTS = timedelta(minutes=30)
LONGEST = 2000  # characters; ours have about 500, and 100 more for each role
_LONGEST_WITH_GRANTS = 1500

_ISSUER = "xingfu"
_AUDIENCE = "xingfu-api"
_PURPOSE = "access-token"
_ALGORITHM = "HS256"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Claims:
    office_id: int
    person_id: UUID
    device_id: UUID
    version: int  # of the office's access feed when the facts were read
    facts: Facts | None  # None: too long for a token


def access_token(facts: Facts, *, office_id: int, person_id: UUID, device_id: UUID) -> str:
    """A token for what is true of somebody now. Who has a great many roles gets one without them."""
    if facts.is_blocked or facts.has_ended:
        raise ValueError("a token says nothing of being blocked or logged out, so it is not made then")
    at = now()
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": str(person_id),
        "office": office_id,
        "fam": str(device_id),
        "ver": facts.version,
        "home": facts.household_id and str(facts.household_id),
        "verified": facts.verified,
        "grants": [_written(grant) for grant in sorted(facts.grants, key=lambda grant: (grant.role, grant.scope))],
        "jti": str(uuid7()),
        "iat": at,
        "exp": at + ACCESS_LASTS,
    }
    token = _signed(claims)
    return token if len(token) <= _LONGEST_WITH_GRANTS else _signed(claims | {"grants": None})


def read_access_token(token: str) -> Claims:
    """The claims of a token that we signed and that has not expired. Raises `TokenInvalid` or `TokenExpired`."""
    if len(token) > LONGEST:
        raise TokenInvalid()
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key_of(jwt.get_unverified_header(token)),
            algorithms=[_ALGORITHM],
            issuer=_ISSUER,
            audience=_AUDIENCE,
            # RFC 7519, section 4.1.6: `iat` tells an age, it is no condition. Clocks differ between servers and are
            # set back; whoever logged in a moment ahead of us must not be logged out.
            options={"require": ["iss", "aud", "sub", "exp", "iat", "jti"], "verify_iat": False},
        )
        return _read(claims)
    except jwt.ExpiredSignatureError:
        raise TokenExpired() from None
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, OverflowError):
        raise TokenInvalid() from None


def _signed(claims: dict[str, Any]) -> str:
    kid, key = next(iter(accepted_keys(_PURPOSE).items()))
    return jwt.encode(claims, key, algorithm=_ALGORITHM, headers={"kid": kid})


def _key_of(header: dict[str, Any]) -> bytes:
    """The key a header names; a header that says anything else than ours do (`jku`, `jwk`, `crit`) names none."""
    keys = accepted_keys(_PURPOSE)
    kid = header.get("kid")
    if not isinstance(kid, str) or kid not in keys or header != {"alg": _ALGORITHM, "kid": kid, "typ": "JWT"}:
        raise TokenInvalid()
    return keys[kid]


def _read(claims: dict[str, Any]) -> Claims:
    office_id, version, verified = claims["office"], claims["ver"], claims["verified"]
    if type(office_id) is not int or not 1 <= office_id <= MOST_OFFICES:
        raise TokenInvalid()
    if type(version) is not int or version < 0 or not isinstance(verified, str):
        raise TokenInvalid()
    grants = claims["grants"]
    facts = None
    if grants is not None:
        home = claims["home"]
        facts = Facts(version, home and UUID(home), verified, frozenset(_grant(*each) for each in grants))
    return Claims(office_id, UUID(claims["sub"]), UUID(claims["fam"]), version, facts)


def _written(grant: Grant) -> list[Any]:
    dates = [at and (at - _EPOCH) // _MICROSECOND for at in (grant.starts_at, grant.ends_at)]
    return [grant.role, grant.scope, *dates, grant.is_delegated]


def _grant(role: str, scope: str, starts: int | None, ends: int | None, is_delegated: bool) -> Grant:
    starts_at, ends_at = (None if at is None else _EPOCH + at * _MICROSECOND for at in (starts, ends))
    return Grant(role, scope, starts_at=starts_at, ends_at=ends_at, is_delegated=is_delegated)
