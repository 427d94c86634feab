"""Claiming a door, and deciding it: who claims by themselves has consented, so a head needs no code of theirs.

Whether somebody lives behind a door, and who, is told to nobody who claims it: what they are answered is what they
typed. A dependant's claim is made by the head (see `members`) and decided by a worker only.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Forbidden, NotFound, Replan
from backend.foundation.ids import uuid7
from backend.households.claim_models import HouseholdClaim
from backend.households.errors import ClaimDecided, ClaimNeedsPhone, ClaimOpen, LivesThere
from backend.households.guardians import POLICY_VERSION, refuse_unless_guardian, write
from backend.households.standing import household_today, is_head_of
from backend.households.telling import tell
from backend.people.errors import OwnCase, UnderFourteen
from backend.people.models import Person
from backend.people.permissions import is_close, works_over
from backend.people.persons import new_person, person_now
from backend.people.verifying import verify_resident
from backend.places.areas import open_ground, open_household, within
from backend.places.models import Area, Household, index_of_door
from backend.places.name_rules import tidy


def claim(*, area_id: UUID, door: str, by: Caller, note: str | None = None) -> tuple[HouseholdClaim, bool]:
    """Say that one lives behind a door of an area; the claim, and whether it is new. It waits.

    Somebody has one open claim: for the same door it is answered, for another it is `ClaimOpen`. Raises `NotFound`,
    `AreaClosed`, `ClaimNeedsPhone`, `LivesThere`.
    """
    person = person_now(by.person_id)
    area = open_ground(area_id)
    if person.verified == "none":
        raise ClaimNeedsPhone()
    home = home_behind(door, area=area)
    if home is not None and home.id == person.household_id and person.verified == "resident":
        raise LivesThere()
    written = insert_once(
        HouseholdClaim,
        id=uuid7(),
        person_id=person.id,
        claimed_by_id=person.id,
        area_id=area.id,
        household_id=home.id if home else None,
        door=tidy(door),
        note=note,
        claimed_at=now(),
    )
    if written is not None:
        return written, True
    first = open_claim_of(person.id)
    if first is None:  # decided at this moment
        raise Replan()
    if (first.area_id, index_of_door(first.door)) != (area.id, index_of_door(door)):
        raise ClaimOpen()
    return first, False


def decide(
    claim_id: UUID,
    *,
    by: Caller,
    decision: str,
    role: str | None = None,
    age_class: str | None = None,
    household_id: UUID | None = None,
    reason: str | None = None,
    is_own_entry: bool = False,
) -> HouseholdClaim:
    """Confirm, decline, or (whoever made it) withdraw a claim. The same decision again is fine.

    A worker may name the household where the door was written in another way; what a worker entered at the desk
    (`is_own_entry`) they confirm themselves. Raises `NotFound` for whoever has
    nothing to do with it, `Forbidden`, `OwnCase`, `ClaimDecided`, and what `verify_resident` raises.
    """
    claimed = find(HouseholdClaim, claim_id, locked=True)
    seats = seats_of(by, claimed)
    if not seats:
        raise NotFound()
    if decision == "withdrawn" and "claimant" not in seats:
        raise Forbidden()
    if claimed.state != "waiting":
        if claimed.state != decision:
            raise ClaimDecided()
        return claimed
    if decision == "withdrawn":
        return _decided(claimed, "withdrawn", by, "claimant", reason)
    if ("claimant" in seats and not is_own_entry) or ("head" not in seats and _is_own(by, claimed)):
        raise OwnCase()
    decided_as = "head" if "head" in seats else "worker"
    if decision == "declined":
        declined = _decided(claimed, "declined", by, decided_as, reason)
        trail.record("household_claims.decline", declined, beneficiary_id=_whose(declined), reason=reason)
        tell([declined.claimed_by_id], "claim_declined", about=declined.id)
        return declined
    return _confirmed(claimed, by, decided_as, role=role, age_class=age_class, household_id=household_id, reason=reason)


def seats_of(by: Caller, claimed: HouseholdClaim) -> set[str]:
    """As what the caller may look at a claim: "claimant", "worker" or "head"; nothing: it does not exist for them."""
    seats = set()
    if by.person_id in (claimed.claimed_by_id, claimed.person_id):
        seats.add("claimant")
    if works_over(by, find(Area, claimed.area_id).path):
        seats.add("worker")
    if claimed.household_id is not None and not claimed.is_of_a_dependant:
        home = household_today(claimed.household_id)
        if by.household_id == home.id and is_head_of(by, home):
            seats.add("head")
    return seats


def home_behind(door: str, *, area: Area) -> Household | None:
    """Whose door that is: of the area itself, else the only one of that name below it."""
    wanted = select(Household).where(
        Household.door_index == index_of_door(door),
        Household.area_id.in_(within(area.path)),
        Household.merged_into_id.is_(None),
    )
    found = session().scalars(wanted.limit(20)).all()
    exact = [home for home in found if home.area_id == area.id]
    return exact[0] if exact else found[0] if len(found) == 1 else None


def open_claim_of(person_id: UUID) -> HouseholdClaim | None:
    """The claim of somebody that waits."""
    return session().scalar(
        select(HouseholdClaim).where(HouseholdClaim.person_id == person_id, HouseholdClaim.state == "waiting")
    )


def claims_end(person_id: UUID) -> None:
    """Whoever is gone claims nothing any more: theirs, and those they made for dependants."""
    session().execute(
        update(HouseholdClaim)
        .where(
            HouseholdClaim.state == "waiting",
            or_(HouseholdClaim.person_id == person_id, HouseholdClaim.claimed_by_id == person_id),
        )
        .values(
            state="withdrawn",
            decided_at=now(),
            decider_id=person_id,
            decided_as="claimant",
            name_sealed=None,
            name_index=None,
        )
    )


def _confirmed(
    claimed: HouseholdClaim,
    by: Caller,
    decided_as: str,
    *,
    role: str | None,
    age_class: str | None,
    household_id: UUID | None,
    reason: str | None,
) -> HouseholdClaim:
    home = _home_of(claimed, household_id if decided_as == "worker" else None)
    person_id = claimed.person_id
    if person_id is None:
        person_id = new_person(claimed.name or "", age_class=claimed.age_class or "adult").id
    if claimed.guardian_id is not None:
        guardian = person_now(claimed.guardian_id)
        if guardian.household_id != home.id:
            raise UnderFourteen()
        refuse_unless_guardian(guardian, household_id=home.id, policy_version=claimed.policy_version or "")
    is_so_already = _is_there(person_id, home)
    person = verify_resident(
        person_id,
        household_id=home.id,
        verifier=by,
        role=role,
        age_class=age_class or claimed.age_class,
        reason=reason,
        has_claimed=not claimed.is_of_a_dependant,
        guardian_agrees=claimed.guardian_id is not None,
    )
    if claimed.guardian_id is not None and claimed.consented_at is not None:
        write(
            person,
            guardian_id=claimed.guardian_id,
            said="given",
            policy_version=claimed.policy_version or POLICY_VERSION,
            recorder_id=claimed.claimed_by_id,
            at=claimed.consented_at,
        )
    confirmed = _decided(claimed, "confirmed", by, decided_as, reason, person_id=person.id, household_id=home.id)
    if is_so_already:  # `verify_resident` had nothing to record
        trail.record("household_claims.confirm", confirmed, beneficiary_id=person.id, reason=reason)
    tell([confirmed.claimed_by_id], "claim_confirmed", about=confirmed.id)
    return confirmed


def _home_of(claimed: HouseholdClaim, household_id: UUID | None) -> Household:
    """The household it is about; the door is written down now if nobody has done so."""
    if household_id is not None:
        return household_today(household_id)
    if claimed.household_id is not None:
        return household_today(claimed.household_id)
    area = open_ground(claimed.area_id)
    return home_behind(claimed.door, area=area) or open_household(claimed.door, area=area)


def _is_there(person_id: UUID, home: Household) -> bool:
    person = find(Person, person_id)
    return person.household_id == home.id and person.verified == "resident"


def _is_own(by: Caller, claimed: HouseholdClaim) -> bool:
    """Is it about the caller's own household, or somebody who lives with them?"""
    if claimed.household_id is not None and by.household_id == household_today(claimed.household_id).id:
        return True
    return claimed.person_id is not None and is_close(by, person_now(claimed.person_id))


def _whose(claimed: HouseholdClaim) -> UUID:
    return claimed.person_id or claimed.claimed_by_id


def _decided(
    claimed: HouseholdClaim, state: str, by: Caller, decided_as: str, reason: str | None, **found: Any
) -> HouseholdClaim:
    """Write the decision down; a name that nobody got is gone with it."""
    at: datetime = now()
    decided = session().scalar(
        update(HouseholdClaim)
        .where(HouseholdClaim.id == claimed.id, HouseholdClaim.state == "waiting")
        .values(
            state=state,
            decided_at=at,
            decider_id=by.person_id,
            decided_as=decided_as,
            name_sealed=None,
            name_index=None,
            **HouseholdClaim.reason.at_rest(claimed, reason),
            **found,
        )
        .returning(HouseholdClaim.id)
    )
    if decided is None:
        raise Replan()
    session().refresh(claimed)
    return claimed
