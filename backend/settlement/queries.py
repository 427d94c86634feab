"""What screens show about statements."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from backend.foundation.db import find, session
from backend.merchants.models import Merchant, Offer, Redemption
from backend.settlement.closing import unsettled_of
from backend.settlement.models import Dispute, Statement, StatementLine


def statements_asked_for(asked: dict[str, Any]) -> Select[Statement]:
    """Statements of every merchant, by state; for officers and auditors."""
    query = select(Statement)
    for name in ("state", "merchant_id"):
        if asked.get(name):
            query = query.where(getattr(Statement, name) == asked[name])
    return query


def shown_statements(statements: Sequence[Statement]) -> list[dict[str, Any]]:
    """Statements with the merchant's name and what is to be paid."""
    ids = {statement.merchant_id for statement in statements}
    names = {row.id: row for row in session().execute(select(Merchant.id, Merchant.name).where(Merchant.id.in_(ids)))}
    return [
        statement.as_read() | {"merchant": names[statement.merchant_id], "total_fen": statement.total_fen}
        for statement in statements
    ]


def open_statement(merchant_id: UUID) -> dict[str, Any]:
    """What would be on a statement closed now."""
    merchant = find(Merchant, merchant_id)
    last = session().scalar(
        select(Statement).where(Statement.merchant_id == merchant_id).order_by(Statement.number.desc()).limit(1)
    )
    lines, points, fen = unsettled_of(merchant_id)
    carried = min(0, last.total_fen) if last else 0
    return {
        "merchant": {"id": merchant.id, "name": merchant.name},
        "number": last.number + 1 if last else 1,
        "since": last.until if last else None,
        "lines": lines,
        "points": points,
        "fen": fen,
        "carried_fen": carried,
        "total_fen": fen + carried,
    }


def lines_of(statement_id: UUID) -> Any:
    """The lines of a statement, with what was redeemed."""
    of_it = (Redemption.office_id == StatementLine.office_id) & (Redemption.id == StatementLine.redemption_id)
    offered = (Offer.office_id == Redemption.office_id) & (Offer.id == Redemption.offer_id)
    return (
        select(StatementLine, Redemption, Offer.name)
        .join(Redemption, of_it)
        .join(Offer, offered)
        .where(StatementLine.statement_id == statement_id)
    )


def shown_lines(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Lines with what somebody objected to, and what was answered."""
    ids = [line.id for line, _, _ in rows]
    disputes = {row.line_id: row for row in session().scalars(select(Dispute).where(Dispute.line_id.in_(ids)))}
    return [
        line.as_read()
        | {
            "offer": offer,
            "quantity": redemption.quantity,
            "code_tail": redemption.code[-4:],
            "dispute": disputes.get(line.id),
        }
        for line, redemption, offer in rows
    ]
