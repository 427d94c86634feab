"""What statements say about their ledger entries, and whether their lines are what was captured and voided."""

from typing import Any

from sqlalchemy import String, and_, case, cast, func, literal, or_, select

from backend.ledger.verify_business import Evidence, claim, share, written
from backend.merchants.models import Redemption, RedemptionValue
from backend.settlement.models import Statement, StatementLine

_lines: Any = StatementLine.__table__.c
_redemptions: Any = Redemption.__table__.c
_statements: Any = Statement.__table__.c
_values: Any = RedemptionValue.__table__.c


def of_settlement(office_id: int) -> Evidence:
    """A close owes the fen of its lines and ends their points, fund by fund; a payment pays the total."""
    closed = claim(
        entry=_statements.close_id,
        kind="close",
        amount=_statements.fen,
        origin=written("statement:", _statements.id),
        key=written("close:", _statements.id),
        accounts={"merchant": written(_statements.merchant_id)},
    )
    paid = claim(
        entry=_statements.pay_id,
        kind="pay",
        amount=_statements.fen + _statements.carried_fen,
        origin=written("statement:", _statements.id),
        key=written("pay:", _statements.id),
        accounts={"merchant": written(_statements.merchant_id)},
    )
    return Evidence(
        "statements",
        ("close", "pay"),
        (
            select(*closed).where(_statements.office_id == office_id, _statements.close_id.is_not(None)),
            select(*paid).where(_statements.office_id == office_id, _statements.pay_id.is_not(None)),
        ),
        shares=(_shares_in_closes(office_id),),
        contradictions=(
            _lines_of_something_else(office_id),
            _totals_that_are_no_sums(office_id),
            _carried_wrongly(office_id),
        ),
    )


def _shares_in_closes(office_id: int) -> Any:
    """Per fund the points that a statement ends: those captured less those voided."""
    signed = case((_lines.kind == "capture", _values.points), else_=-_values.points)
    of_statement = (_lines.office_id == _statements.office_id) & (_lines.statement_id == _statements.id)
    of_line = (_values.office_id == _lines.office_id) & (_values.redemption_id == _lines.redemption_id)
    return (
        select(*share(entry=_statements.close_id, fund=written(_values.fund_id), amount=signed))
        .select_from(
            Statement.__table__.join(StatementLine.__table__, of_statement).join(RedemptionValue.__table__, of_line)
        )
        .where(_statements.office_id == office_id, _statements.close_id.is_not(None))
    )


def _lines_of_something_else(office_id: int) -> Any:
    """Lines that are not the capture, or the void, of their redemption, with its points and its stored worth."""
    worth = (
        select(func.coalesce(func.sum(_values.fen), 0))
        .where(_values.office_id == _lines.office_id, _values.redemption_id == _lines.redemption_id)
        .correlate(StatementLine.__table__)
        .scalar_subquery()
    )
    of_it = (_redemptions.office_id == _lines.office_id) & (_redemptions.id == _lines.redemption_id)
    of_statement = (_statements.office_id == _lines.office_id) & (_statements.id == _lines.statement_id)
    sign = case((_lines.kind == "capture", 1), else_=-1)
    entry = case((_lines.kind == "capture", _redemptions.capture_id), else_=_redemptions.refund_id)
    wrong = or_(
        entry.is_(None),
        entry != _lines.entry_id,
        _lines.points != _redemptions.points * sign,
        _lines.fen != worth * sign,
        _statements.merchant_id != _redemptions.merchant_id,
    )
    return (
        select(
            (literal("line ") + cast(_lines.id, String)).label("subject"),
            literal("is not what its redemption says").label("said"),
        )
        .select_from(StatementLine.__table__.join(Redemption.__table__, of_it).join(Statement.__table__, of_statement))
        .where(_lines.office_id == office_id, wrong)
    )


def _totals_that_are_no_sums(office_id: int) -> Any:
    of_it = (_lines.office_id == _statements.office_id) & (_lines.statement_id == _statements.id)
    return (
        select(
            cast(_statements.id, String).label("subject"),
            literal("has totals that are not the sums of its lines").label("said"),
        )
        .select_from(Statement.__table__.outerjoin(StatementLine.__table__, of_it))
        .where(_statements.office_id == office_id)
        .group_by(_statements.id, _statements.points, _statements.fen, _statements.lines)
        .having(
            or_(
                func.count(_lines.id) != _statements.lines,
                func.coalesce(func.sum(_lines.points), 0) != _statements.points,
                func.coalesce(func.sum(_lines.fen), 0) != _statements.fen,
            )
        )
    )


def _carried_wrongly(office_id: int) -> Any:
    """What a statement carries is what the one before came to, where that is below zero."""
    before = Statement.__table__.alias("the_one_before")
    was = before.c.fen + before.c.carried_fen
    expected = case((was < 0, was), else_=0)
    of_it = and_(
        before.c.office_id == _statements.office_id,
        before.c.merchant_id == _statements.merchant_id,
        before.c.number == _statements.number - 1,
    )
    return (
        select(
            cast(_statements.id, String).label("subject"),
            literal("does not carry what the one before came to").label("said"),
        )
        .select_from(Statement.__table__.outerjoin(before, of_it))
        .where(
            _statements.office_id == office_id,
            or_(
                _statements.carried_fen != func.coalesce(expected, 0),
                (_statements.number > 1) & before.c.id.is_(None),
            ),
        )
    )
