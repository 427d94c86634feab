"""Becoming a resident: a worker or the head of the household confirms the door.

A worker does it for the area they work over, for nobody of their own household; the head takes somebody without a
household into their own, as a member. The class of age is recorded here; a date of birth never is. Who asked to be
confirmed by themselves, and whose guardian consented, `households` knows and says.
"""

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, select

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import add, find, session
from backend.foundation.errors import Forbidden, NotFound, Unprocessable
from backend.foundation.tables import InOffice
from backend.people.errors import (
    HeadStays,
    HouseholdFull,
    HouseholdHasHead,
    LivesElsewhere,
    MoveTooSoon,
    OwnCase,
    UnderFourteen,
)
from backend.people.models import Person
from backend.people.permissions import is_close, works_over
from backend.people.persons import person_of_code
from backend.people.queries import members_of
from backend.people.standing import move_in, rise_to
from backend.people.verification_models import Verification
from backend.places.models import Area, Household

Row = TypeVar("Row", bound=InOffice)

MOST_MEMBERS = 12
MOVES_AFTER_DAYS = 90  # see product.md, "household"


def is_head(caller: Caller) -> bool:
    """Is the caller the head of the household they live in?"""
    return caller.household_id is not None and find(Person, caller.person_id).household_role == "head"


def verify_resident(
    person_id: UUID,
    *,
    household_id: UUID,
    verifier: Caller,
    role: str | None = None,
    age_class: str | None = None,
    reason: str | None = None,
    person_code: str | None = None,
    has_claimed: bool = False,
    guardian_agrees: bool = False,
) -> Person:
    """Confirm that somebody lives behind that door: they are a resident from now on. The same again changes nothing.

    A head needs the code that the other one shows at this moment, unless that one has claimed the door by themselves.

    Raises `NotFound`, `Forbidden`, `Unprocessable` or what `person_of_code` raises, `OwnCase`, `UnderFourteen` without
    a guardian who agrees, `HouseholdFull` (12 people), `HouseholdHasHead`, `HeadStays`, `LivesElsewhere` for a head,
    and `MoveTooSoon` within 90 days unless a worker says why.
    """
    verified_as = _standing_of(verifier, find(Household, household_id), role)
    home = _locked(select(Household).where(Household.id == household_id))  # so that its members are counted once
    if home.merged_into_id is not None:  # areas were merged, and this one lives behind the same door
        home = _locked(select(Household).where(Household.id == home.merged_into_id))
    # An account that was merged is nobody any more, and who is gone lives nowhere.
    is_here = Person.merged_into_id.is_(None) & Person.parted_at.is_(None)
    person = _locked(select(Person).where(Person.id == person_id, is_here))
    if verified_as == "head" and not has_claimed:
        _agree(person, person_code)
    if verifier.person_id == person.id or (verified_as == "worker" and _is_own(verifier, person, home)):
        raise OwnCase()
    age_class = age_class or person.age_class
    if age_class == "under_14" and not guardian_agrees:
        raise UnderFourteen()
    at = now()
    members = members_of(home.id)
    if person.household_id == home.id:
        role = role or person.household_role or "member"
    else:
        role = role or "member"
        _refuse_a_move(person, verified_as=verified_as, reason=reason, at=at)
        if len(members) >= MOST_MEMBERS:
            raise HouseholdFull(most=MOST_MEMBERS)
    if role == "head" and any(member.household_role == "head" and member.id != person.id for member in members):
        raise HouseholdHasHead()
    if _is_so_already(person, home, role, age_class):
        return person
    before = {"verified": person.verified, "household": person.household_id}
    if person.household_id != home.id or person.household_role != role:
        since = person.household_since if person.household_id == home.id else at
        move_in(person, home.id, role=role, at=since)
    person.age_class = age_class
    rise_to(person, "resident")
    verification = add(
        Verification(
            person_id=person.id,
            household_id=home.id,
            household_role=role,
            age_class=age_class,
            verifier_id=verifier.person_id,
            verified_as=verified_as,
            reason=reason,
            verified_at=at,
        )
    )
    after = {"verified": person.verified, "household": home.id, "household_role": role}
    trail.record("people.verify", verification, beneficiary_id=person.id, reason=reason, before=before, after=after)
    return person


def _standing_of(verifier: Caller, home: Household, role: str | None) -> str:
    """As what the caller confirms. Raises `Forbidden`."""
    if home.id == verifier.household_id and role != "head" and is_head(verifier):
        return "head"
    if works_over(verifier, find(Area, home.area_id).path):
        return "worker"
    raise Forbidden()


def _is_own(verifier: Caller, person: Person, home: Household) -> bool:
    return is_close(verifier, person) or home.id == verifier.household_id


def _refuse_a_move(person: Person, *, verified_as: str, reason: str | None, at: datetime) -> None:
    """Whoever lives elsewhere comes by a worker, leaves nobody without a head, and moves every 90 days at most.

    Who has left a household keeps the day on which they moved in there: leaving first makes no move sooner.
    """
    if person.household_id is not None:
        if verified_as == "head":
            raise LivesElsewhere()
        if person.household_role == "head" and len(members_of(person.household_id)) > 1:
            raise HeadStays()
    if person.household_since is not None and not (reason and verified_as == "worker"):
        first_day = shanghai_day(person.household_since) + timedelta(days=MOVES_AFTER_DAYS)
        if shanghai_day(at) < first_day:
            said = f"{first_day.year}年{first_day.month}月{first_day.day}日"
            raise MoveTooSoon(days=MOVES_AFTER_DAYS, day=said, first_day=first_day)


def _is_so_already(person: Person, home: Household, role: str, age_class: str) -> bool:
    return (person.verified, person.household_id, person.household_role, person.age_class) == (
        "resident",
        home.id,
        role,
        age_class,
    )


def _agree(person: Person, person_code: str | None) -> None:
    """Whoever a neighbour takes into their household shows their own code: an id alone is nobody's consent."""
    if person_code is None or person_of_code(person_code, scanned_at=now()).id != person.id:
        raise Unprocessable(errors={"person_code": ["请让对方打开“我的码”，当面扫码"]})


def _locked(wanted: Select[Row]) -> Row:
    """The row, kept from changing meanwhile; others may still refer to it. Raises `NotFound`."""
    row = session().scalar(wanted.with_for_update(key_share=True).execution_options(populate_existing=True))
    if row is None:
        raise NotFound()
    return row
