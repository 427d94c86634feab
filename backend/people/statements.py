"""A month of somebody who has a card and no phone: every entry, what is left, and who acted for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day, start_of_day
from backend.foundation.db import session
from backend.foundation.trail import TrailRow, done_for_somebody
from backend.ledger.accounts import person_wallet
from backend.ledger.reading import Line, Wallet, lines_of, wallet_of
from backend.people.assisted_models import Registration
from backend.people.models import Card, Person
from backend.people.permissions import scopes_worked_over
from backend.people.persons import selves_of
from backend.people.queries import people_by_id
from backend.places.models import Area, Household
from backend.places.offices import the_book

PAGE = 200


@dataclass(frozen=True)
class Helped:
    """What somebody did for them."""

    at: datetime
    helper: str  # masked
    channel: str
    act: str
    points: int


@dataclass(frozen=True)
class Statement:
    """A month in Asia/Shanghai, oldest first; `wallet` is what is there when it is printed."""

    month: str
    lines: tuple[Line, ...]
    balance: int  # at the end of the month
    wallet: Wallet
    helped: tuple[Helped, ...]


def statement_of(person: Person, month: str) -> Statement:
    """Everything about one month, `YYYY-MM`."""
    first = date.fromisoformat(f"{month}-01")
    begins, ends = start_of_day(first), start_of_day((first + timedelta(days=31)).replace(day=1))
    newest_first: list[Line] = []
    balance = 0
    for line in _lines(person):
        if line.occurred_at >= ends:
            continue
        if not newest_first:
            balance = line.balance_after
        if line.occurred_at < begins:
            break
        newest_first.append(line)
    return Statement(
        month=month,
        lines=tuple(reversed(newest_first)),
        balance=balance,
        wallet=wallet_of(the_book(), person_wallet(str(person.id)), today=shanghai_day(now())),
        helped=_helped(person, begins, ends, _spent_on(newest_first)),
    )


def card_holders(seen_by: Caller, *, below: Area | None = None) -> Select[Card, Person, Household]:
    """Whoever has a card in use in an area that the caller works over, as (card, person, household or None)."""
    return (
        select(Card, Person, Household)
        .join(Person, and_(Person.office_id == Card.office_id, Person.id == Card.person_id))
        .outerjoin(Household, and_(Household.office_id == Person.office_id, Household.id == Person.household_id))
        .outerjoin(Registration, and_(Registration.office_id == Person.office_id, Registration.person_id == Person.id))
        .outerjoin(
            Area,
            and_(Area.office_id == Person.office_id, Area.id == func.coalesce(Household.area_id, Registration.area_id)),
        )
        .where(Card.blocked_at.is_(None), _in_my_areas(seen_by))
        .where(Area.path.startswith(below.path, autoescape=True) if below else Card.id.is_not(None))
    )


def _lines(person: Person) -> Iterator[Line]:
    """Their whole 明细, newest first."""
    before = None
    while True:
        lines = lines_of(the_book(), person_wallet(str(person.id)), before=before, limit=PAGE)
        yield from lines
        if len(lines) < PAGE:
            return
        before = lines[-1].id


def _helped(person: Person, begins: datetime, ends: datetime, spent: dict[UUID, int]) -> tuple[Helped, ...]:
    acts = session().scalars(
        select(TrailRow)
        .where(
            TrailRow.beneficiary_id.in_(selves_of(person.id)),
            done_for_somebody(),
            TrailRow.at >= begins,
            TrailRow.at < ends,
        )
        .order_by(TrailRow.at, TrailRow.id)
    )
    found = acts.all()
    helpers = people_by_id(act.actor_id for act in found if act.actor_id)
    return tuple(
        Helped(act.at, helpers[act.actor_id].masked_name, act.channel, act.act, spent.get(act.subject_id, 0))
        for act in found
        if act.actor_id in helpers
    )


def _spent_on(lines: list[Line]) -> dict[UUID, int]:
    """Redemption → the points it put on hold."""
    return {UUID(line.origin.removeprefix("redemption:")): line.held for line in lines if line.kind == "hold"}


def _in_my_areas(seen_by: Caller) -> ColumnElement[bool]:
    scopes = scopes_worked_over(seen_by)
    if "/" in scopes:
        return Card.id.is_not(None)
    return or_(*(Area.path.startswith(scope, autoescape=True) for scope in sorted(scopes)))
