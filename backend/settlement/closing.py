"""Closing a period of one merchant: what happened becomes lines, its sum is frozen, and the ledger owes it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, insert, literal, select, union_all

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, said_in_shanghai
from backend.foundation.db import add, find, session
from backend.foundation.ids import uuid7
from backend.ledger import closing
from backend.ledger.drafts import Told
from backend.ledger.posting import post
from backend.merchants.models import Merchant, Redemption, RedemptionValue
from backend.places.offices import the_book
from backend.settlement.errors import NothingToSettle, PeriodClosed, PeriodNotOver
from backend.settlement.kinship import keep_away
from backend.settlement.models import Statement, StatementLine
from backend.settlement.telling import tell_owners

_AT_ONCE = 500  # lines written in one statement


def close(merchant_id: UUID, *, until: datetime, by: Caller) -> tuple[Statement, bool]:
    """Put every capture and void up to `until` that is on no statement yet, however old, on one; and whether it is new.

    The same period again answers its statement. Raises `NotFound`, `OwnMerchant`, `PeriodNotOver`, `PeriodClosed` for
    a time before the last close, `NothingToSettle`.
    """
    merchant = find(Merchant, merchant_id, locked=True)  # two closings of one merchant take turns
    keep_away(by, merchant)
    at = now()
    last = session().scalar(
        select(Statement).where(Statement.merchant_id == merchant.id).order_by(Statement.number.desc()).limit(1)
    )
    same = session().scalar(select(Statement).where(Statement.merchant_id == merchant.id, Statement.until == until))
    if same is not None:
        return same, False
    if until > at:
        raise PeriodNotOver()
    if last is not None and until < last.until:
        raise PeriodClosed(until=said_in_shanghai(last.until), closed_until=last.until)
    found = session().execute(_unsettled(merchant.id, until=until)).all()
    if not found:
        raise NothingToSettle()
    statement = Statement(
        office_id=merchant.office_id,
        id=uuid7(),
        merchant_id=merchant.id,
        number=last.number + 1 if last else 1,
        since=last.until if last else None,
        until=until,
        lines=len(found),
        points=sum(row.points for row in found),
        fen=sum(row.fen for row in found),
        carried_fen=min(0, last.total_fen) if last else 0,
        closer_id=by.person_id,
        closed_at=at,
    )
    _owe(statement, merchant, found, at=at)
    tell_owners(statement, merchant, "closed")
    trail.record("statements.close", statement, after={"state": "closed", "entry": statement.close_id})
    return statement, True


def unsettled_of(merchant_id: UUID) -> tuple[int, int, int]:
    """What is on no statement yet: how many captures and voids, their points and fen."""
    open_ones = _unsettled(merchant_id).subquery()
    sums = select(
        func.count(), func.coalesce(func.sum(open_ones.c.points), 0), func.coalesce(func.sum(open_ones.c.fen), 0)
    ).select_from(open_ones)
    lines, points, fen = session().execute(sums).one()
    return lines, int(points), int(fen)


def _owe(statement: Statement, merchant: Merchant, found: Any, *, at: datetime) -> None:
    entry_ids = select(StatementLine.entry_id).where(
        StatementLine.office_id == statement.office_id, StatementLine.statement_id == statement.id
    )
    add(statement)
    _write_lines(statement, found)
    if not statement.fen and not closing.moves_points(the_book(), merchant=str(merchant.id), entry_ids=entry_ids):
        return  # all of it was voided, to the last lot
    statement.close_id = uuid7()
    session().flush()
    post(
        the_book(),
        closing.close(
            the_book(),
            statement=str(statement.id),
            merchant=str(merchant.id),
            entry_ids=entry_ids,
            fen=statement.fen,
            told=Told(
                f"结算：{merchant.name}第{statement.number}期",
                f"person:{statement.closer_id}",
                f"statement:{statement.id}",
                at,
            ),
            new_id=statement.close_id,
        ),
    )


def _write_lines(statement: Statement, found: Any) -> None:
    rows = [
        {
            "office_id": statement.office_id,
            "id": uuid7(),
            "statement_id": statement.id,
            "number": number,
            "kind": row.kind,
            "redemption_id": row.redemption_id,
            "entry_id": row.entry_id,
            "happened_at": row.happened_at,
            "points": row.points,
            "fen": row.fen,
        }
        for number, row in enumerate(found, start=1)
    ]
    for piece in (rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE)):
        session().execute(insert(StatementLine), piece)


def _unsettled(merchant_id: UUID, *, until: datetime | None = None) -> Any:
    """Captures and voids that no line has, in the order in which they happened; voids are negative."""
    worth = (
        select(func.coalesce(func.sum(RedemptionValue.fen), 0))
        .where(RedemptionValue.office_id == Redemption.office_id, RedemptionValue.redemption_id == Redemption.id)
        .correlate(Redemption)
        .scalar_subquery()
    )

    def happened(kind: str, entry: Any, at: Any, sign: int) -> Any:
        on_a_line = select(StatementLine.id).where(
            and_(StatementLine.office_id == Redemption.office_id, StatementLine.entry_id == entry)
        )
        query = select(
            literal(kind).label("kind"),
            Redemption.id.label("redemption_id"),
            entry.label("entry_id"),
            at.label("happened_at"),
            (Redemption.points * sign).label("points"),
            (worth * sign).label("fen"),
        ).where(Redemption.merchant_id == merchant_id, entry.is_not(None), ~on_a_line.exists())
        return query if until is None else query.where(at <= until)

    captured = happened("capture", Redemption.capture_id, Redemption.captured_at, 1)
    voided = happened("void", Redemption.refund_id, Redemption.voided_at, -1)
    both = union_all(captured, voided).subquery()
    return select(both).order_by(both.c.happened_at, both.c.entry_id)
