"""A person appears, says their name, shows their code.

The personal code is `<office>-<token>-<digits>`: a fixed random token and eight digits that change every 30 seconds.
The digits are HMAC-SHA256(secret, step) reduced as in RFC 4226 section 5.3 (dynamic truncation, eight digits), where
step is the Unix time divided by 30 (RFC 6238); the phone has the secret and computes them without a network.
"""

import hmac
import re
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select

from backend.foundation.clock import now
from backend.foundation.crypto import blind_index, same, sign, signatures
from backend.foundation.db import add, find, insert_once, session
from backend.foundation.errors import Replan
from backend.foundation.ids import uuid7
from backend.foundation.tenancy import office_in_force
from backend.people.errors import CodeOfOtherOffice, PersonCodeExpired, PersonCodeInvalid
from backend.people.models import Person, WeChatAccount
from backend.places.models import Office
from backend.places.offices import MOST_OFFICES

STEP_SECONDS = 30
_SHAPE = re.compile(r"([0-9]{1,4})-([A-Za-z0-9]{12})-([0-9]{8})", re.ASCII)
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"  # without look-alikes


def person_of_openid(openid: str) -> Person:
    """The person of that WeChat user in this office; a new, unverified one if there is none."""
    account = account_of_openid(openid)
    if account is None:
        return new_person("", openid=openid)
    account.last_seen_at = now()
    if account.openid_sealed is None:  # from before we kept it
        account.openid = openid
    session().flush()
    return find(Person, account.person_id)


def account_of_openid(openid: str) -> WeChatAccount | None:
    """That WeChat user's account in this office, if they have been here."""
    return session().scalar(select(WeChatAccount).where(WeChatAccount.openid_index == _openid_index(openid)))


def openids_of(person_id: UUID) -> list[str]:
    """Under which openids WeChat reaches somebody: the one that logged in last comes first; often none."""
    accounts = session().scalars(
        select(WeChatAccount)
        .where(WeChatAccount.person_id == person_id, WeChatAccount.openid_sealed.is_not(None))
        .order_by(WeChatAccount.last_seen_at.desc(), WeChatAccount.id.desc())
    )
    return [openid for account in accounts if (openid := account.openid)]


def person_now(person_id: UUID) -> Person:
    """Who that is today: after a merge, the one they were merged into. Raises `NotFound`."""
    person = find(Person, person_id)
    return find(Person, person.merged_into_id) if person.merged_into_id else person


def selves_of(person_id: UUID) -> list[UUID]:
    """The person and every account that was merged into them: what they did under any of these is theirs."""
    person = session().get(Person, (office_in_force(), person_id))  # mostly read a moment ago
    if person is None or person.took_over_at is None:
        return [person_id]
    return [person_id, *session().scalars(select(Person.id).where(Person.merged_into_id == person_id))]


def is_one_of(person: Person, ids: Collection[UUID]) -> bool:
    """Is the person one of those, or of one household with one of them, under whichever account they were named?"""
    if person.id in ids:
        return True
    now_are = select(func.coalesce(Person.merged_into_id, Person.id)).where(Person.id.in_(ids))
    close = Person.id == person.id
    if person.household_id is not None:
        close = or_(close, Person.household_id == person.household_id)
    return session().scalar(select(Person.id).where(close, Person.id.in_(now_are)).limit(1)) is not None


def new_person(name: str, *, openid: str | None = None, verified: str = "none", age_class: str = "adult") -> Person:
    """Enter somebody; a WeChat user who is already here is returned as they are. Without a name, a polite number."""
    known = account_of_openid(openid) if openid else None
    if known is not None:
        return find(Person, known.person_id)
    person = Person(
        office_id=office_in_force(),
        id=uuid7(),
        verified=verified,
        age_class=age_class,
        code_token=fresh_code_token(),
        joined_at=now(),
    )
    person.name = name or f"居民{secrets.randbelow(9000) + 1000}"
    add(person)
    if openid:
        _give_account(person, openid)
    return person


def fresh_code_token() -> str:
    """The fixed part of a personal code: random, and nobody's yet."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


def _give_account(person: Person, openid: str) -> None:
    entered = insert_once(
        WeChatAccount,
        openid_index=_openid_index(openid),
        openid=openid,
        person_id=person.id,
        joined_at=person.joined_at,
        last_seen_at=person.joined_at,
    )
    if entered is None:  # Their other phone logged in a moment earlier: there is somebody to be found now.
        raise Replan()


def _openid_index(openid: str) -> bytes:
    return blind_index(openid, purpose=f"openid:{office_in_force()}")


def edit_profile(person: Person, *, display_name: str | None = None, elder_mode: bool | None = None) -> Person:
    """Change what somebody may change about themselves; what is not given stays."""
    if display_name is not None:
        person.name = display_name
    if elder_mode is not None:
        person.elder_mode = elder_mode
    session().flush()
    return person


def code_secret(person: Person) -> bytes:
    """What the phone computes the changing digits with; 32 bytes, never stored."""
    return sign(_signed(person), purpose="person-code")


def person_code(person: Person) -> tuple[str, datetime]:
    """The code of this moment and the end of its 30 seconds."""
    step = int(now().timestamp()) // STEP_SECONDS
    digits = _digits(code_secret(person), step)
    valid_until = datetime.fromtimestamp((step + 1) * STEP_SECONDS, UTC)
    return f"{person.office_id}-{person.code_token}-{digits}", valid_until


def person_of_code(code: str, *, scanned_at: datetime) -> Person:
    """Whose code this is, if its digits are at most one step (30 s) away from the instant it was scanned.

    Raises `PersonCodeInvalid`, `PersonCodeExpired` or `CodeOfOtherOffice`.
    """
    shape = _SHAPE.fullmatch(code)
    if shape is None:
        raise PersonCodeInvalid()
    office_id, token, digits = int(shape[1]), shape[2], shape[3]
    if office_id != office_in_force():
        raise of_other_office(office_id) or PersonCodeInvalid()
    person = session().scalar(select(Person).where(Person.code_token == token))
    if person is None or person.parted_at is not None:
        raise PersonCodeInvalid()
    step = int(scanned_at.timestamp()) // STEP_SECONDS
    known = signatures(_signed(person), purpose="person-code")  # a phone may keep the one of the key before
    if any(same(_digits(secret, step + away), digits) for secret in known for away in (0, -1, 1)):
        return person_now(person.id) if person.merged_into_id else person
    if any(same(_digits(secret, step - away), digits) for secret in known for away in range(2, 121)):
        raise PersonCodeExpired()  # it was right an hour ago at most
    raise PersonCodeInvalid()


def token_of_code(code: str) -> str:
    """The fixed part of a personal code of this office. Raises `PersonCodeInvalid` or `CodeOfOtherOffice`."""
    shape = _SHAPE.fullmatch(code)
    if shape is None:
        raise PersonCodeInvalid()
    if int(shape[1]) != office_in_force():
        raise of_other_office(int(shape[1])) or PersonCodeInvalid()
    return shape[2]


def was_shown_at(person: Person, code: str, at: datetime, *, within: timedelta) -> bool:
    """Are the digits of this person's code those of an instant not further than `within` from that one?"""
    digits = code.rpartition("-")[2]
    step, steps = int(at.timestamp()) // STEP_SECONDS, int(within.total_seconds()) // STEP_SECONDS
    known = signatures(_signed(person), purpose="person-code")
    return any(same(_digits(secret, step + away), digits) for secret in known for away in range(-steps, steps + 1))


def of_other_office(office_id: int) -> CodeOfOtherOffice | None:
    """The refusal of a code from another office that we serve, with its name; None if we serve no such office."""
    office = session().get(Office, office_id) if office_id <= MOST_OFFICES else None
    return CodeOfOtherOffice(office=office.name) if office else None


def _signed(person: Person) -> bytes:
    return f"{person.office_id}:{person.code_token}".encode()


def _digits(secret: bytes, step: int) -> str:
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha256")
    start = digest[-1] & 0x0F
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 10**8:08d}"
