"""What the claimant, the head and the workers see of claims; and what a household's members see of each other."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from backend.foundation.callers import Caller
from backend.foundation.db import session
from backend.foundation.errors import NotFound
from backend.households.choices import LIMIT_POINTS, chosen_by
from backend.households.claim_models import HouseholdClaim
from backend.households.claims import seats_of
from backend.households.guardians import POLICY_VERSION, consented
from backend.households.standing import household_today, is_head_of, member_of, works_at
from backend.people.models import Person, WeChatAccount
from backend.people.permissions import scopes_worked_over
from backend.people.queries import members_of, people_now
from backend.places.models import Area, Household


def find_household(household_id: UUID, *, by: Caller) -> Household:
    """The household, or the one it became, for its members and the workers there. Raises `NotFound`."""
    home = household_today(household_id)
    if member_of(home, by.person_id) is None and not works_at(by, home):
        raise NotFound()
    return home


def shown_household(home: Household, *, to: Caller) -> dict[str, Any]:
    """A household with its members: by whole names to themselves, masked to workers, minors without one."""
    members = sorted(members_of(home.id), key=lambda member: (member.household_role != "head", member.id))
    ids = [member.id for member in members]
    with_phone = set(session().scalars(select(WeChatAccount.person_id).where(WeChatAccount.person_id.in_(ids))))
    agreed = consented([member.id for member in members if member.age_class == "under_14"])
    is_ours = to.person_id in ids
    chosen = chosen_by(home.id)
    return {
        "id": home.id,
        "name": home.door,
        "area_id": home.area_id,
        "members": [
            {
                "id": member.id,
                "name": member.name if is_ours else member.masked_name if member.age_class == "adult" else None,
                "role": member.household_role,
                "age_class": member.age_class,
                "is_dependant": member.id not in with_phone,
                "guardian_consents": member.id in agreed if member.age_class == "under_14" else None,
                "since": member.household_since,
            }
            for member in members
        ],
        "spend_limit_points": chosen.spend_limit_points if chosen else LIMIT_POINTS,
        "awards_to_pot": chosen is not None and chosen.awards_to_pot,
        "policy_version": POLICY_VERSION,
    }


def claims_to_see(by: Caller, *, state: str | None = None) -> Select[HouseholdClaim]:
    """The caller's own claims, those of their household if they are its head, and those of the areas they work over."""
    theirs: list[ColumnElement[bool]] = [
        HouseholdClaim.claimed_by_id == by.person_id,
        HouseholdClaim.person_id == by.person_id,
    ]
    if by.household_id is not None and is_head_of(by, household_today(by.household_id)):
        theirs.append(HouseholdClaim.household_id == by.household_id)
    if scopes := scopes_worked_over(by):
        below = [Area.path.startswith(scope, autoescape=True) for scope in scopes]
        theirs.append(HouseholdClaim.area_id.in_(select(Area.id).where(or_(*below))))
    query = select(HouseholdClaim).where(or_(*theirs))
    return query.where(HouseholdClaim.state == state) if state else query


def shown_claims(claims: Sequence[HouseholdClaim], *, to: Caller) -> list[dict[str, Any]]:
    """Claims; what we know about the door is for whoever may decide."""
    people = people_now(each.person_id for each in claims if each.person_id is not None)
    return [_shown(each, people.get(each.person_id) if each.person_id else None, to) for each in claims]


def _shown(claimed: HouseholdClaim, person: Person | None, to: Caller) -> dict[str, Any]:
    may_know = claimed.state == "confirmed" or claimed.is_of_a_dependant or bool(seats_of(to, claimed) - {"claimant"})
    return {
        **{name: getattr(claimed, name) for name in ("id", "state", "area_id", "door", "note", "relation")},
        **{name: getattr(claimed, name) for name in ("claimed_at", "decided_at", "decided_as", "reason")},
        "person": {
            "id": person.id if person else None,
            "name": person.masked_name if person else claimed.name,
            "verified": person.verified if person else "none",
            "age_class": person.age_class if person else claimed.age_class,
            "lives_elsewhere": person is not None and person.household_id not in (None, claimed.household_id),
        },
        "is_dependant": claimed.is_of_a_dependant,
        "guardian_consents": claimed.guardian_id is not None,
        "household_id": claimed.household_id if may_know else None,
    }
