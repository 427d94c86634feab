"""How much one person, and everybody together, may redeem at one shop in a day and in a month (Asia/Shanghai).

Set per shop by an officer; empty means no cap. Sums are read while the rows they are about are ours.
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from backend.foundation.clock import shanghai_day, start_of_day
from backend.foundation.db import session
from backend.merchants.errors import ShopCapReached
from backend.merchants.models import Merchant, Redemption
from backend.people.models import Person
from backend.people.persons import selves_of

CAPS = ("person_a_day", "person_a_month", "shop_a_day", "shop_a_month")


def keep_to_shop_caps(merchant: Merchant, person: Person, points: int, *, at: datetime) -> None:
    """Raises `ShopCapReached`. What was released or voided counts no more.

    Whoever buys at a shop with a cap for everybody takes a turn at the shop's row; else only at the person's.
    """
    today = shanghai_day(at)
    if merchant.person_a_day is not None or merchant.person_a_month is not None:
        session().scalar(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))
        theirs = Redemption.person_id.in_(selves_of(person.id))
        _keep("每人每天", merchant.person_a_day, points, merchant, today, theirs)
        _keep("每人每月", merchant.person_a_month, points, merchant, today.replace(day=1), theirs)
    if merchant.shop_a_day is not None or merchant.shop_a_month is not None:
        session().scalar(select(Merchant.id).where(Merchant.id == merchant.id).with_for_update(key_share=True))
        _keep("本店每天", merchant.shop_a_day, points, merchant, today)
        _keep("本店每月", merchant.shop_a_month, points, merchant, today.replace(day=1))


def _keep(
    said: str, cap: int | None, points: int, merchant: Merchant, since: date, *whose: ColumnElement[bool]
) -> None:
    if cap is None:
        return
    spent = session().scalars(
        select(func.coalesce(func.sum(Redemption.points), 0)).where(
            Redemption.merchant_id == merchant.id,
            Redemption.state.in_(("held", "captured")),
            Redemption.held_at >= start_of_day(since),
            *whose,
        )
    )
    left = max(0, cap - int(spent.one()))
    if points > left:
        raise ShopCapReached(cap=said, limit=cap, left=left, points=points)
