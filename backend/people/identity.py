"""The bearer of a request → Caller. Grants are read with each request, so a withdrawn role ends at once."""

import logging

from flask import Request, request
from sqlalchemy import or_, select

from backend.foundation.api import refuses
from backend.foundation.callers import Caller, Grant
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.foundation.errors import AppError, Unauthorized
from backend.foundation.tenancy import acting_in
from backend.people.errors import TokenExpired, TokenInvalid
from backend.people.models import Person, Role
from backend.people.tokens import Claims, read_access_token

log = logging.getLogger(__name__)


@refuses(TokenInvalid, TokenExpired)
def authenticate() -> Caller:
    """Who sent this request. Raises `Unauthorized`, `TokenInvalid` or `TokenExpired`."""
    claims = _claims(request)
    if claims is None:
        raise Unauthorized()
    with acting_in(claims.office_id):
        rows = (
            session()
            .execute(
                select(Person.household_id, Person.verified, Role.role, Role.scope)
                .outerjoin(
                    Role,
                    (Role.office_id == Person.office_id)
                    & (Role.person_id == Person.id)
                    & Role.withdrawn_at.is_(None)
                    & or_(Role.ends_at.is_(None), Role.ends_at > now()),
                )
                .where(Person.id == claims.person_id, Person.merged_into_id.is_(None))
            )
            .all()
        )
    if not rows:
        log.warning("a token we signed names nobody", extra={"person_id": str(claims.person_id)})
        raise TokenInvalid()
    return Caller(
        office_id=claims.office_id,
        person_id=claims.person_id,
        household_id=rows[0].household_id,
        verified=rows[0].verified,
        grants=frozenset(Grant(row.role, row.scope) for row in rows if row.role),
    )


def who_asks(asking: Request) -> str | None:
    """The person a request is counted under, if its token is good; the limits ask before anybody else does."""
    try:
        claims = _claims(asking)
    except AppError:
        return None
    return f"person:{claims.office_id}:{claims.person_id}" if claims else None


def _claims(asking: Request) -> Claims | None:
    scheme, _, token = asking.headers.get("Authorization", "").partition(" ")
    return read_access_token(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
