"""Who acts for whom, and how much: for the auditor, who looks for one helper behind one elder.

Counted on the trail, by the desk, the card and the household. Looking up is not; nor is a code somebody shows with
their own phone: that is their own hand. A pair's share says how much of everything that was done for the elder went
through that helper; the shop is where most of the pair's points went.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.foundation.db import session
from backend.foundation.ids import first_id_at
from backend.foundation.trail import TrailRow, done_for_somebody
from backend.merchants.models import Merchant, Redemption
from backend.people.queries import people_by_id

MOST_PAIRS = 100

# The redemption by which somebody spent another's points: asked for them, or sold against their card.
_SPENT = (
    (Redemption.office_id == TrailRow.office_id)
    & (Redemption.id == TrailRow.subject_id)
    & TrailRow.act.in_(("assisted.redeem", "redemptions.capture"))
)


@dataclass(frozen=True)
class Pair:
    """A helper and somebody they act for."""

    helper_id: UUID
    beneficiary_id: UUID
    acts: int
    points: int
    last_at: datetime


def helper_patterns(*, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """The pairs with the most points, then acts, of a period (`until` excluded); 100 at most."""
    pairs = [Pair(*row) for row in session().execute(_pairs(since, until).limit(MOST_PAIRS))]
    all_acts = _acts_for({pair.beneficiary_id for pair in pairs}, since, until)
    people = people_by_id({each for pair in pairs for each in (pair.helper_id, pair.beneficiary_id)})
    shops = _shops_of(pairs, since, until)
    shown = []
    for pair in pairs:
        shop, points_there = shops.get((pair.helper_id, pair.beneficiary_id), (None, 0))
        shown.append(
            {
                "helper": {"id": pair.helper_id, "name": people[pair.helper_id].masked_name},
                "beneficiary": {"id": pair.beneficiary_id, "name": people[pair.beneficiary_id].masked_name},
                "acts": pair.acts,
                "points": pair.points,
                "last_at": pair.last_at,
                "share_percent": pair.acts * 100 // all_acts[pair.beneficiary_id],
                "shop": shop and {"id": shop.id, "name": shop.name, "points": points_there},
            }
        )
    return shown


def _pairs(since: datetime, until: datetime) -> Any:
    acts, points = func.count(TrailRow.id), _points()
    return (
        select(TrailRow.actor_id, TrailRow.beneficiary_id, acts, points, func.max(TrailRow.at))
        .outerjoin(Redemption, _SPENT)
        .where(*_counted(since, until))
        .group_by(TrailRow.actor_id, TrailRow.beneficiary_id)
        .order_by(points.desc(), acts.desc(), TrailRow.actor_id, TrailRow.beneficiary_id)
    )


def _acts_for(beneficiaries: set[UUID], since: datetime, until: datetime) -> dict[UUID, int]:
    rows = session().execute(
        select(TrailRow.beneficiary_id, func.count(TrailRow.id))
        .where(*_counted(since, until), TrailRow.beneficiary_id.in_(beneficiaries))
        .group_by(TrailRow.beneficiary_id)
    )
    return {beneficiary_id: acts for beneficiary_id, acts in rows if beneficiary_id}


def _shops_of(pairs: list[Pair], since: datetime, until: datetime) -> dict[tuple[UUID, UUID], tuple[Merchant, int]]:
    spent = session().execute(
        select(TrailRow.actor_id, TrailRow.beneficiary_id, Redemption.merchant_id, _points())
        .join(Redemption, _SPENT)
        .where(
            *_counted(since, until),
            TrailRow.actor_id.in_({pair.helper_id for pair in pairs}),
            TrailRow.beneficiary_id.in_({pair.beneficiary_id for pair in pairs}),
        )
        .group_by(TrailRow.actor_id, TrailRow.beneficiary_id, Redemption.merchant_id)
    )
    most: dict[tuple[UUID, UUID], tuple[int, UUID]] = defaultdict(lambda: (0, UUID(int=0)))
    for helper_id, beneficiary_id, merchant_id, points in spent:
        pair = (helper_id, beneficiary_id)
        most[pair] = max(most[pair], (int(points), merchant_id))
    wanted = {merchant_id for _, merchant_id in most.values()}
    merchants = {shop.id: shop for shop in session().scalars(select(Merchant).where(Merchant.id.in_(wanted)))}
    return {pair: (merchants[merchant_id], points) for pair, (points, merchant_id) in most.items()}


def _points() -> Any:
    return func.coalesce(func.sum(Redemption.points), 0)


def _counted(since: datetime, until: datetime) -> tuple[Any, ...]:
    """What was done for somebody in a period; ids sort by birth, and the index of channels ends with them."""
    looked = TrailRow.act.startswith("assisted.read_", autoescape=True)
    when = (TrailRow.id >= first_id_at(since), TrailRow.id < first_id_at(until))
    return (done_for_somebody(), *when, ~looked)
