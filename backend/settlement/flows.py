"""Three sources (三源统筹): where the points of a fund came from and went, counted from the ledger, without names.

allocated − withdrawn = in the fund + set aside for activities + with residents (wallets, pots, groups, the pool, on
hold) + with merchants, unsettled + settled.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.foundation.db import session
from backend.funds.models import Fund
from backend.ledger.flows import flows_of as ledger_flows
from backend.merchants.models import Merchant, Redemption, RedemptionValue
from backend.places.offices import the_book

FEWEST = 5  # customers of a shop below which nobody outside the office is told what they spent there


def flows_of(funds: Collection[Fund], *, in_public: bool = False) -> list[dict[str, Any]]:
    """What became of each fund's points. In public no fen are told, and shops with fewer than five customers add up."""
    moved = ledger_flows(the_book(), [str(fund.id) for fund in funds])
    spent: dict[UUID, list[Any]] = defaultdict(list)
    for row in session().execute(_spent_at([fund.id for fund in funds])):
        spent[row.fund_id].append(row)
    return [
        {
            "id": fund.id,
            "name": fund.name,
            "source": fund.source,
            **moved[str(fund.id)],
            "spent_at": _in_public(spent[fund.id])
            if in_public
            else [_shop(row, fen=int(row.fen)) for row in spent[fund.id]],
        }
        for fund in funds
    ]


def _in_public(spent: Sequence[Any]) -> list[dict[str, Any]]:
    """Without money, and small shops together at the end."""
    few = sum(int(row.points) for row in spent if row.customers < FEWEST)
    named = [_shop(row) for row in spent if row.customers >= FEWEST]
    return [*named, {"merchant": None, "points": few}] if few else named


def _shop(row: Any, **money: int) -> dict[str, Any]:
    return {"merchant": {"id": row.id, "name": row.name}, "points": int(row.points), **money}


def _spent_at(fund_ids: Collection[UUID]) -> Any:
    """Captured and not voided, by fund and merchant."""
    of_shop = (Redemption.office_id == Merchant.office_id) & (Redemption.merchant_id == Merchant.id)
    worth = (RedemptionValue.office_id == Redemption.office_id) & (RedemptionValue.redemption_id == Redemption.id)
    points = func.sum(RedemptionValue.points)
    return (
        select(
            RedemptionValue.fund_id,
            Merchant.id,
            Merchant.name,
            points.label("points"),
            func.sum(RedemptionValue.fen).label("fen"),
            func.count(Redemption.person_id.distinct()).label("customers"),
        )
        .join(Redemption, of_shop)
        .join(RedemptionValue, worth)
        .where(RedemptionValue.fund_id.in_(fund_ids), Redemption.state == "captured")
        .group_by(RedemptionValue.fund_id, Merchant.id, Merchant.name)
        .order_by(points.desc(), Merchant.id)
    )
