"""What those who decide see of accounts that may be one person: both masked, with what would be added."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import aliased

from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import session
from backend.foundation.errors import NotFound
from backend.ledger.accounts import person_wallet
from backend.ledger.reading import wallet_of
from backend.people.models import Person
from backend.people.permissions import scopes_worked_over, works_over
from backend.people.queries import members_of, people_by_id, shown_roles
from backend.people.verification_models import PersonMerge, Phone
from backend.places.areas import paths_of_households
from backend.places.models import Area, Household
from backend.places.offices import the_book


def works_over_one_of(by: Caller, *people: Person) -> bool:
    """Do they work over the area of either household? Over accounts without one only the whole office does."""
    paths = paths_of_households({person.household_id for person in people if person.household_id})
    return any(works_over(by, path) for path in ("/", *paths.values()))


def cases_to_see(by: Caller, *, state: str | None = None) -> Select[PersonMerge]:
    """The cases of people the caller works over; never of themselves or their household."""
    own = _own_accounts(by)
    query = select(PersonMerge).where(PersonMerge.person_id.not_in(own), PersonMerge.other_id.not_in(own))
    if not works_over(by, "/"):
        query = query.where(_lives_within(scopes_worked_over(by)))
    return query.where(PersonMerge.state == state) if state else query


def find_case(case_id: UUID, *, by: Caller) -> PersonMerge:
    """A case the caller may see; any other is as missing as none."""
    case = session().scalar(cases_to_see(by).where(PersonMerge.id == case_id))
    if case is None:
        raise NotFound()
    return case


def shown_cases(cases: Sequence[PersonMerge]) -> list[dict[str, Any]]:
    """Cases of a list: who they are about and what became of them."""
    people = people_by_id(person_id for case in cases for person_id in (case.person_id, case.other_id))
    people |= people_by_id(person.merged_into_id for person in people.values() if person.merged_into_id)
    doors = _doors(people.values())

    def today(case: PersonMerge, person_id: UUID) -> Person:
        """While a case waits, an account that was merged by another one counts as whom it is now."""
        person = people[person_id]
        return people[person.merged_into_id] if person.merged_into_id and case.state == "waiting" else person

    return [
        {
            **{name: getattr(case, name) for name in ("id", "state", "reason", "opened_at", "decided_at")},
            **{name: getattr(case, name) for name in ("decision_reason", "kept_id")},
            "by_phone": case.is_by_phone,
            "people": [_shown(today(case, person_id), doors) for person_id in (case.person_id, case.other_id)],
        }
        for case in cases
    ]


def shown_case(case: PersonMerge) -> dict[str, Any]:
    """One case with what a decision depends on: roles, points, minutes and debts of both."""
    (shown,) = shown_cases([case])
    return shown | {"people": [{**person, **_weighed(person["id"])} for person in shown["people"]]}


def _shown(person: Person, doors: dict[UUID, str]) -> dict[str, Any]:
    home = person.household_id
    return {
        "id": person.id,
        "name": person.masked_name,
        "verified": person.verified,
        "age_class": person.age_class,
        "joined_at": person.joined_at,
        "household": {"id": home, "name": doors[home], "role": person.household_role} if home else None,
        "is_merged": person.merged_into_id is not None,
    }


def _weighed(person_id: UUID) -> dict[str, Any]:
    wallet = wallet_of(the_book(), person_wallet(str(person_id)), today=shanghai_day(now()))
    has_phone = session().scalar(select(Phone.id).where(Phone.person_id == person_id)) is not None
    return {
        "points": {name: getattr(wallet, name) for name in ("available", "held", "recoverable")},
        "minutes": wallet.minutes,
        "has_phone": has_phone,
        "roles": shown_roles(person_id),
    }


def _doors(people: Iterable[Person]) -> dict[UUID, str]:
    homes = {person.household_id for person in people if person.household_id}
    return {home.id: home.door for home in session().scalars(select(Household).where(Household.id.in_(homes)))}


def _own_accounts(by: Caller) -> list[UUID]:
    """Every account of the caller and their household."""
    close = {by.person_id}
    if by.household_id is not None:
        close |= {member.id for member in members_of(by.household_id)}
    return [*close, *session().scalars(select(Person.id).where(Person.merged_into_id.in_(close)))]


def _lives_within(paths: Sequence[str]) -> ColumnElement[bool]:
    """One of the two lives in one of these areas; of an account that was merged the person it is today."""
    account, today = aliased(Person), aliased(Person)
    is_today = (today.office_id == account.office_id) & (today.id == func.coalesce(account.merged_into_id, account.id))
    return (
        select(account.id)
        .join(today, is_today)
        .join(Household, (Household.office_id == today.office_id) & (Household.id == today.household_id))
        .join(Area, (Area.office_id == Household.office_id) & (Area.id == Household.area_id))
        .where(
            account.office_id == PersonMerge.office_id,
            account.id.in_((PersonMerge.person_id, PersonMerge.other_id)),
            or_(false(), *(Area.path.startswith(path, autoescape=True) for path in paths)),
        )
        .exists()
    )
