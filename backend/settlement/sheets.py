"""A statement to take away: one row per line and fund, so that anybody can add it up by hand.

points × fen per 100 points × contract share, rounded half up to a fen once per line and fund; voids are negative.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from backend.foundation.clock import said_in_shanghai
from backend.foundation.db import session
from backend.funds.models import Fund
from backend.merchants.models import Offer, Redemption, RedemptionValue
from backend.settlement.models import Statement, StatementLine

HEADINGS = (
    *(
        "行号",
        "类型",
        "时间",
        "兑换码后四位",
        "商品",
        "数量",
        "资金",
        "积分",
        "每100积分（分）",
        "结算比例（%）",
        "金额（分）",
    ),
)
KINDS = {"capture": "核销", "void": "退回"}

_AT_ONCE = 500  # lines read in one statement


def rows_of(statement: Statement) -> Iterator[Sequence[Any]]:
    """The lines in their order, then the totals."""
    after = 0
    while batch := _batch(statement, after):
        for row in batch:
            line, redemption, offer, fund, value = row
            sign = 1 if line.kind == "capture" else -1
            yield (
                line.number,
                KINDS[line.kind],
                said_in_shanghai(line.happened_at),
                redemption.code[-4:],
                offer,
                redemption.quantity * sign,
                fund,
                value.points * sign,
                value.fen_per_100_points,
                value.share_percent,
                value.fen * sign,
            )
        after = batch[-1][0].number
    blank = ("",) * 6
    yield ("合计", *blank, statement.points, "", "", statement.fen)
    yield ("上期结转", *blank, "", "", "", statement.carried_fen)
    yield ("应付", *blank, "", "", "", max(0, statement.total_fen))


def _batch(statement: Statement, after: int) -> list[Any]:
    office = StatementLine.office_id
    query = (
        select(StatementLine, Redemption, Offer.name, Fund.name, RedemptionValue)
        .join(Redemption, (Redemption.office_id == office) & (Redemption.id == StatementLine.redemption_id))
        .join(Offer, (Offer.office_id == office) & (Offer.id == Redemption.offer_id))
        .join(RedemptionValue, (RedemptionValue.office_id == office) & (RedemptionValue.redemption_id == Redemption.id))
        .join(Fund, (Fund.office_id == office) & (Fund.id == RedemptionValue.fund_id))
        .where(
            StatementLine.statement_id == statement.id,
            StatementLine.number > after,
            StatementLine.number <= after + _AT_ONCE,
        )
        .order_by(StatementLine.number, RedemptionValue.id)
    )
    return list(session().execute(query))
