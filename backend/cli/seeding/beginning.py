"""The office, its staff and its funds; and what every other piece asks about them."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from backend.cli.seeding.sizes import Size
from backend.foundation.callers import Caller
from backend.foundation.clock import as_of, now, shanghai_day, start_of_day
from backend.foundation.db import add, find, session
from backend.foundation.tenancy import office_in_force
from backend.funds.allocations import decide, request_allocation
from backend.funds.models import Fund
from backend.funds.opening import open_fund
from backend.people.models import Person
from backend.people.persons import account_of_openid, new_person
from backend.people.policies import publish_first
from backend.people.role_models import Role
from backend.people.roles import grant_role, grants_of
from backend.people.scopes import over_office
from backend.places.areas import community_of
from backend.places.models import Area, Household, Office

DAYS = 365  # of history

FUNDS = (("财政幸福积分专项", "fiscal", 50), ("社区基金会", "foundation", 60), ("商户联合赞助", "sponsor", 40))
STAFF = (("officer", "李主任", "officer"), ("officer-2", "陈主任", "officer"), ("auditor", "黄审计", "auditor"))


def is_there(office_id: int) -> bool:
    return session().get(Office, office_id) is not None


def make(size: Size, office_id: int) -> None:
    """A year ago the office began: two officers, an auditor, and three funds with enough for the year."""
    with as_of(start_of_day(shanghai_day(now()) - timedelta(days=DAYS)) + timedelta(hours=9)):
        office = add(Office(id=office_id, name=size.office))
        publish_first()
        for openid, name, role in STAFF:
            person = new_person(name, openid=f"{size.name}-{openid}", verified="resident")
            grant_role(person.id, role, over_office(office), granted_by_id=None)
        officer, second = persona(size, "officer"), persona(size, "officer-2")
        for name, source, rate in FUNDS:
            fund = open_fund(name=name, source=source, fen_per_100_points=rate, opener_id=officer.id)
            allocation, _ = request_allocation(
                fund, points=100 * size.participations, requester_id=officer.id, key=f"seed {source}"
            )
            decide(allocation, decider=caller(second), approved=True)


def persona(size: Size, word: str) -> Person:
    """Somebody a newcomer may log in as: `pilot-officer`, `shengli-leader`."""
    account = account_of_openid(f"{size.name}-{word}")
    assert account is not None  # noqa: S101  # an earlier piece entered them
    return find(Person, account.person_id)


def began_at() -> datetime:
    """The first instant of the office's history; kept, so that a run which goes on tomorrow tells the same story."""
    return session().scalars(select(Fund.opened_at).order_by(Fund.id)).first() or now()


def hour_of(number: int) -> datetime:
    """When the piece of that number was made: ids sort by birth, so that every run finds things in the same order."""
    return began_at() + timedelta(hours=1 + number)


def communities() -> list[Area]:
    """In the order they were opened."""
    return list(session().scalars(select(Area).where(Area.kind == "community").order_by(Area.id)))


def funds() -> list[Fund]:
    return list(session().scalars(select(Fund).order_by(Fund.id)))


def worker_of(area_id: UUID) -> Person:
    """A worker of the community an area lies in."""
    path = community_of(area_id).path
    worker = select(Role.person_id).where(Role.role == "worker", Role.scope == path).order_by(Role.id).limit(1)
    return find(Person, session().scalars(worker).one())


def residents_of(area: Area) -> list[Person]:
    """Grown residents of a community, without their names being opened."""
    return list(
        session().scalars(
            select(Person)
            .join(Household, (Household.office_id == Person.office_id) & (Household.id == Person.household_id))
            .join(Area, (Area.office_id == Household.office_id) & (Area.id == Household.area_id))
            .where(Area.path.startswith(area.path), Person.age_class == "adult", Person.verified == "resident")
            .order_by(Person.id)
        )
    )


def caller(person: Person) -> Caller:
    return Caller(office_in_force(), person.id, person.household_id, person.verified, grants_of(person.id))
