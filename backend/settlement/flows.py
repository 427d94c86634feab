"""Three sources (三源统筹): where the points of a fund came from and went, counted from the ledger, without names.

allocated − withdrawn = in the fund + set aside for activities + with residents (wallets, pots, groups, the pool, on
hold) + with merchants, unsettled + settled.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.foundation.db import session
from backend.funds.models import Fund
from backend.ledger.flows import flow_of
from backend.merchants.models import Merchant, Redemption, RedemptionValue
from backend.places.offices import the_book

FEWEST = 5  # customers of a shop below which nobody outside the office is told what they spent there


def flows_of(funds: Collection[Fund], *, in_public: bool = False) -> list[dict[str, Any]]:
    """What became of each fund's points. In public no fen are told, and shops with fewer than five customers add up."""
    return [_flow(fund, in_public=in_public) for fund in funds]


def _flow(fund: Fund, *, in_public: bool) -> dict[str, Any]:
    moved = flow_of(the_book(), str(fund.id))
    spent: list[dict[str, Any]]
    spent, few = [], {"points": 0, "shops": 0}
    for row in session().execute(_spent_at(fund.id)):
        if in_public and row.customers < FEWEST:
            few["points"] += int(row.points)
            few["shops"] += 1
            continue
        money = {} if in_public else {"fen": int(row.fen)}
        spent.append({"merchant": {"id": row.id, "name": row.name}, "points": int(row.points), **money})
    if few["shops"]:
        spent.append({"merchant": None, "points": few["points"]})
    return {"id": fund.id, "name": fund.name, "source": fund.source, **moved, "spent_at": spent}


def _spent_at(fund_id: UUID) -> Any:
    """Captured and not voided, by merchant."""
    return (
        select(
            Merchant.id,
            Merchant.name,
            func.sum(RedemptionValue.points).label("points"),
            func.sum(RedemptionValue.fen).label("fen"),
            func.count(Redemption.person_id.distinct()).label("customers"),
        )
        .join(Redemption, (Redemption.office_id == Merchant.office_id) & (Redemption.merchant_id == Merchant.id))
        .join(
            RedemptionValue,
            (RedemptionValue.office_id == Redemption.office_id) & (RedemptionValue.redemption_id == Redemption.id),
        )
        .where(RedemptionValue.fund_id == fund_id, Redemption.state == "captured")
        .group_by(Merchant.id, Merchant.name)
        .order_by(func.sum(RedemptionValue.points).desc(), Merchant.id)
    )
