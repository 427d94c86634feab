"""Access tokens: signed claims about one person in one office, short-lived, with no database in them.

HS256 only (RFC 8725, section 3.1: the algorithm is ours to choose, not the token's).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt

from backend.foundation.clock import now
from backend.foundation.crypto import derived_key
from backend.foundation.ids import uuid7
from backend.people.errors import TokenExpired, TokenInvalid
from backend.places.offices import MOST_OFFICES

ACCESS_LASTS = timedelta(minutes=30)
LONGEST = 2000  # characters; ours have about 300

_ISSUER = "xingfu"
_AUDIENCE = "xingfu-api"


@dataclass(frozen=True)
class Claims:
    office_id: int
    person_id: UUID


def access_token(*, office_id: int, person_id: UUID) -> str:
    at = now()
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": str(person_id),
        "office": office_id,
        "jti": str(uuid7()),
        "iat": at,
        "exp": at + ACCESS_LASTS,
    }
    return jwt.encode(claims, derived_key("access-token"), algorithm="HS256")


def read_access_token(token: str) -> Claims:
    """The claims of a token that we signed and that has not expired. Raises `TokenInvalid` or `TokenExpired`."""
    if len(token) > LONGEST:
        raise TokenInvalid()
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            derived_key("access-token"),
            algorithms=["HS256"],
            issuer=_ISSUER,
            audience=_AUDIENCE,
            # RFC 7519, section 4.1.6: `iat` tells an age, it is no condition. Clocks differ between servers and are
            # set back; whoever logged in a moment ahead of us must not be logged out.
            options={"require": ["iss", "aud", "sub", "exp", "iat", "jti"], "verify_iat": False},
        )
        office_id = claims["office"]
        if type(office_id) is not int or not 1 <= office_id <= MOST_OFFICES:
            raise TokenInvalid()
        return Claims(office_id=office_id, person_id=UUID(claims["sub"]))
    except jwt.ExpiredSignatureError:
        raise TokenExpired() from None
    except (jwt.InvalidTokenError, KeyError, ValueError):
        raise TokenInvalid() from None
