"""The bearer of a request → Caller: from the token, or from what the process knows better. No query per request."""

import logging
from typing import cast

from flask import Request, request

from backend.foundation.api import refuses
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import done_reading
from backend.foundation.errors import AppError, Unauthorized
from backend.foundation.tenancy import acting_in
from backend.people.access_memory import current_facts
from backend.people.errors import DeviceEnded, PersonBlocked, TokenExpired, TokenInvalid
from backend.people.tokens import Claims, read_access_token

log = logging.getLogger(__name__)

_READ = "xingfu.bearer"  # in the request's environment: its signature is checked once, whoever asks


@refuses(TokenInvalid, TokenExpired, DeviceEnded, PersonBlocked)
def authenticate(*, afresh: bool = False) -> Caller:
    """Who sent this request; `afresh` asks the database, which may know of a role that is a second old.

    Raises `Unauthorized`, `TokenInvalid`, `TokenExpired`, `DeviceEnded` or `PersonBlocked`.
    """
    claims = _claims(request)
    if claims is None:
        raise Unauthorized()
    if afresh:
        done_reading()  # or SQLite would show us what was true when the request began
    with acting_in(claims.office_id):
        facts = current_facts(claims, afresh=afresh)
    if facts is None:
        log.warning("a token we signed names nobody", extra={"person_id": str(claims.person_id)})
        raise TokenInvalid()
    if facts.is_blocked:
        raise PersonBlocked()
    if facts.has_ended:
        raise DeviceEnded()
    at = now()
    return Caller(
        office_id=claims.office_id,
        person_id=claims.person_id,
        household_id=facts.household_id,
        verified=facts.verified,
        grants=frozenset(grant for grant in facts.grants if grant.holds(at=at)),
        device_id=claims.device_id,
    )


def who_asks(asking: Request) -> str | None:
    """The person a request is counted under, if its token is good; the limits ask before anybody else does."""
    try:
        claims = _claims(asking)
    except AppError:
        return None
    return f"person:{claims.office_id}:{claims.person_id}" if claims else None


def _claims(asking: Request) -> Claims | None:
    if _READ not in asking.environ:
        try:
            asking.environ[_READ] = _read_bearer(asking)
        except AppError as refusal:
            asking.environ[_READ] = refusal
    read = asking.environ[_READ]
    if isinstance(read, AppError):
        raise read
    return cast(Claims | None, read)


def _read_bearer(asking: Request) -> Claims | None:
    scheme, _, token = asking.headers.get("Authorization", "").partition(" ")
    return read_access_token(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
