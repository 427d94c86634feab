"""One phone verifies one person of an office. The unique key of the number decides who that is.

Whoever proves to have a number that verifies somebody else already waits for a worker (`merge_cases`), and learns
nothing about the other one. Numbers are found by a blind index and kept sealed.
"""

from uuid import UUID

from sqlalchemy import delete, select

from backend.foundation.clock import now
from backend.foundation.crypto import blind_index
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Replan
from backend.foundation.tenancy import office_in_force
from backend.people.consents import agree_by_doing
from backend.people.errors import TokenInvalid
from backend.people.merge_cases import open_by_phone
from backend.people.models import Person
from backend.people.phone_rules import e164, masked_number
from backend.people.standing import rise_to
from backend.people.verification_models import Phone
from backend.wechat.errors import PhoneCodeRefused

VERIFIED, WAITING = "verified", "waiting"


def verify_phone(person_id: UUID, number: str, *, consent_version: int | None = None) -> str:
    """Take the number that WeChat says is theirs: "verified", or "waiting" for a worker where it is somebody else's.

    A new number of one's own frees the old one. Pressing WeChat's button agrees to this use of the number. Raises
    `PhoneCodeRefused` for what is no number, `TokenInvalid` when the account was merged a moment ago, and what
    `agree_by_doing` raises.
    """
    written = e164(number)
    if written is None:
        raise PhoneCodeRefused()
    person = _one_deed_at_a_time(person_id)
    if person.merged_into_id is not None:
        raise TokenInvalid()
    agree_by_doing(person.id, "phone", version=consent_version)
    at = now()
    index = _index(written)
    entered = insert_once(Phone, number_index=index, number=written, person_id=person.id, verified_at=at)
    if entered is not None:
        session().execute(delete(Phone).where(Phone.person_id == person.id, Phone.id != entered.id))
    else:
        holder_id = session().scalar(select(Phone.person_id).where(Phone.number_index == index))
        if holder_id is None:  # They gave it up this very moment.
            raise Replan()
        if holder_id != person.id:
            open_by_phone(person, holder_id, at=at)
            return WAITING
    rise_to(person, "phone")
    return VERIFIED


def give_up_phone(person_id: UUID) -> None:
    """The number is deleted, and free for anybody."""
    session().execute(delete(Phone).where(Phone.person_id == person_id))


def shown_number(person_id: UUID) -> str | None:
    """138****1234, for the person themselves; None without a number."""
    phone = session().scalar(select(Phone).where(Phone.person_id == person_id))
    return masked_number(phone.number) if phone else None


def hand_over_phone(*, merged_id: UUID, kept_id: UUID) -> None:
    """The number of an account that ends goes to the kept one if that has none; else it is free for anybody."""
    has_one = session().scalar(select(Phone.id).where(Phone.person_id == kept_id))
    theirs = session().scalar(select(Phone).where(Phone.person_id == merged_id))
    if theirs is None:
        return
    if has_one is not None:
        session().delete(theirs)
    else:
        theirs.person_id = kept_id
    session().flush()


def _one_deed_at_a_time(person_id: UUID) -> Person:
    """The person, kept from being merged and from taking another number meanwhile; others may still refer to them."""
    locked = select(Person).where(Person.id == person_id).with_for_update(key_share=True)
    return session().scalars(locked, execution_options={"populate_existing": True}).one()


def _index(number: str) -> bytes:
    return blind_index(number, purpose=f"phone:{office_in_force()}")
