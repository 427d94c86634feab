"""Dependants without a phone, leaving, being taken out, and a class of age that changed.

What the head enters waits for a worker; what a worker enters counts at once, never for their own household. Whoever
leaves keeps their own wallet and the pot stays, also the pot of a household in which nobody is left.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Forbidden, NotFound, Unprocessable
from backend.foundation.ids import uuid7
from backend.households.claim_models import HouseholdClaim, index_of_name
from backend.households.claims import decide
from backend.households.errors import GuardianSpeaks, MemberExists
from backend.households.guardians import may_take_part, refuse_unless_guardian
from backend.households.standing import decides_at, is_head_of, locked_household, works_at
from backend.households.telling import tell_again
from backend.people.errors import HeadStays, HouseholdFull, OwnCase, UnderFourteen
from backend.people.home_areas import home_path
from backend.people.models import Person
from backend.people.permissions import works_over
from backend.people.persons import person_now
from backend.people.queries import members_of
from backend.people.standing import move_out
from backend.people.verifying import MOST_MEMBERS
from backend.places.models import Household


def enter(
    home: Household,
    *,
    by: Caller,
    name: str | None = None,
    person_id: UUID | None = None,
    age_class: str,
    relation: str | None = None,
    consent: dict[str, Any] | None = None,
    reason: str | None = None,
) -> tuple[HouseholdClaim, bool]:
    """Say that a dependant lives here; what was written, and whether it is new.

    By the head it waits for a worker, under one name once. By a worker, who says why, it is confirmed at once, and may
    be about somebody who is here already (`person_id`: a child that moves along). Raises `NotFound`, `Forbidden`,
    `OwnCase`, `HouseholdFull`, `MemberExists`, for a child under 14 `UnderFourteen` without a guardian's consent and
    what `refuse_unless_guardian` raises, and for a worker what `verify_resident` raises.
    """
    home = locked_household(home.id)
    is_head = is_head_of(by, home)
    if not is_head and not works_at(by, home):
        raise Forbidden() if by.household_id == home.id else NotFound()
    if not is_head and not decides_at(by, home):
        raise OwnCase()
    if is_head == (reason is not None):
        said = "由庭户长登记时不填" if is_head else "请填写登记原因"
        raise Unprocessable(errors={"reason": [said]})
    if person_id is not None:
        _refuse_unless_dependant(person_id, by, is_head=is_head)
    guardian = _guardian(home, by, age_class, consent, is_head=is_head)
    members = members_of(home.id)
    waiting = _waiting_at(home)
    if name is not None:
        first = next((each for each in waiting if each.name_index == index_of_name(name)), None)
        if first is not None:
            return first, False
        if any(member.name == name for member in members):
            raise MemberExists()
    if len(members) + len(waiting) >= MOST_MEMBERS and not any(member.id == person_id for member in members):
        raise HouseholdFull(most=MOST_MEMBERS)
    at = now()
    written = insert_once(
        HouseholdClaim,
        id=uuid7(),
        person_id=person_id,
        claimed_by_id=by.person_id,
        area_id=home.area_id,
        household_id=home.id,
        door=home.door,
        name=name,
        name_index=index_of_name(name) if name else None,
        age_class=age_class,
        relation=relation,
        guardian_id=guardian.id if guardian else None,
        policy_version=consent["policy_version"] if guardian and consent else None,
        consented_at=at if guardian else None,
        claimed_at=at,
    )
    if written is None:
        raise MemberExists()
    if is_head:
        trail.record("household_claims.enter", written, after={"state": written.state})
        return written, True
    return decide(written.id, by=by, decision="confirmed", reason=reason, is_own_entry=True), True


def leave(*, by: Caller) -> UUID:
    """Live there no more, by one's own wish; which household that was.

    Raises `NotFound` for whoever lives in none, `HeadStays` while others are there.
    """
    person = person_now(by.person_id)
    if person.household_id is None:
        raise NotFound()
    home = locked_household(person.household_id)
    person = find(Person, person.id, locked=True)
    _refuse_headless(person, home)
    move_out(person)
    _tell_the_head(home, "left")
    return home.id


def take_out(home: Household, person_id: UUID, *, by: Caller, reason: str) -> Person:
    """The head, or a worker, says that somebody lives here no more; they are told.

    Raises `NotFound`, `Forbidden`, `OwnCase`, `HeadStays`.
    """
    home = locked_household(home.id)
    person = _member(home, person_id)
    is_head = is_head_of(by, home)
    if not is_head and not works_at(by, home):
        raise Forbidden() if by.household_id == home.id else NotFound()
    if person.id == by.person_id or (not is_head and not decides_at(by, home)):
        raise OwnCase()
    _refuse_headless(person, home)
    before = {"household": home.id, "household_role": person.household_role}
    move_out(person)
    trail.record("households.take_out", person, beneficiary_id=person.id, reason=reason, before=before)
    tell_again([person.id], "removed")
    return person


def grow_up(home: Household, person_id: UUID, *, by: Caller, age_class: str, reason: str) -> Person:
    """A worker writes down that a member is in another class of age now.

    Raises `NotFound`, `Forbidden`, `OwnCase`, `UnderFourteen` without a guardian's consent, `HeadStays` for a head who
    would be a minor.
    """
    home = locked_household(home.id)
    person = _member(home, person_id)
    if not works_at(by, home):
        raise Forbidden() if by.household_id == home.id else NotFound()
    if not decides_at(by, home):
        raise OwnCase()
    if person.household_role == "head" and age_class != "adult":
        raise HeadStays()
    before = {"age_class": _word(person.age_class)}
    person.age_class = age_class
    session().flush()
    if not may_take_part(person):
        raise UnderFourteen()
    after = {"age_class": _word(age_class)}
    trail.record("households.grow_up", person, beneficiary_id=person.id, reason=reason, before=before, after=after)
    return person


def _word(age_class: str) -> str:
    return {"14-17": "minor"}.get(age_class, age_class.replace("_14", "_fourteen"))


def _member(home: Household, person_id: UUID) -> Person:
    person = find(Person, person_id, locked=True)
    if person.household_id != home.id:
        raise NotFound()
    return person


def _refuse_headless(person: Person, home: Household) -> None:
    if person.household_role == "head" and len(members_of(home.id)) > 1:
        raise HeadStays()


def _refuse_unless_dependant(person_id: UUID, by: Caller, *, is_head: bool) -> None:
    """Somebody who is here already is moved by a worker of the area where they live until now."""
    person = person_now(person_id)
    if is_head:
        raise Unprocessable(errors={"person_id": ["请填写姓名；已登记的家人迁入请到社区服务台办理"]})
    if not works_over(by, home_path(person)):
        raise NotFound()


def _guardian(
    home: Household, by: Caller, age_class: str, consent: dict[str, Any] | None, *, is_head: bool
) -> Person | None:
    """Who consents for a child under 14: the head by themselves, or an adult whom the worker heard say so."""
    if age_class != "under_14":
        return None
    if consent is None:
        raise UnderFourteen()
    guardian = person_now(consent.get("guardian_id") or by.person_id)
    if is_head and guardian.id != by.person_id:
        raise GuardianSpeaks()
    refuse_unless_guardian(guardian, household_id=home.id, policy_version=consent["policy_version"])
    return guardian


def _waiting_at(home: Household) -> list[HouseholdClaim]:
    """Dependants who wait for a worker."""
    wanted = select(HouseholdClaim).where(
        HouseholdClaim.household_id == home.id,
        HouseholdClaim.state == "waiting",
        HouseholdClaim.name_index.is_not(None),
    )
    return list(session().scalars(wanted))


def _tell_the_head(home: Household, what: str) -> None:
    tell_again([member.id for member in members_of(home.id) if member.household_role == "head"], what)
