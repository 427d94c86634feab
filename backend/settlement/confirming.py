"""The merchant confirms a statement or disputes a line; officers answer. What was closed is never changed."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import NotFound, SecondPersonNeeded
from backend.merchants.late_voids import void_late
from backend.merchants.models import Merchant, Redemption
from backend.people.permissions import is_close
from backend.people.persons import person_now
from backend.settlement.errors import DisputesOpen, LineDisputed, StatementState
from backend.settlement.kinship import keep_away
from backend.settlement.models import Dispute, Statement, StatementLine
from backend.settlement.telling import tell_owners

IN_CHINESE = {"closed": "待商户确认", "confirmed": "已确认", "disputed": "有异议", "paid": "已付款"}


def confirm(statement: Statement, *, by: Caller) -> tuple[Statement, bool]:
    """The merchant agrees to the total; and whether that is new. Raises `StatementState`, `DisputesOpen`."""
    if statement.state in ("confirmed", "paid"):
        return statement, False
    open_ones = _open_disputes(statement)
    if open_ones:
        raise DisputesOpen(open=open_ones)
    statement.state, statement.confirmer_id, statement.confirmed_at = "confirmed", by.person_id, now()
    session().flush()
    trail.record("statements.confirm", statement, before={"state": "closed"}, after={"state": "confirmed"})
    return statement, True


def dispute(statement: Statement, line_id: UUID, *, by: Caller, reason: str) -> tuple[Statement, bool]:
    """The merchant says that a line is wrong, before confirming; once per line, and whether that is new.

    Raises `NotFound`, `StatementState`, `LineDisputed` when it was answered.
    """
    _line_of(statement, line_id)
    if statement.state not in ("closed", "disputed"):
        raise StatementState(state=IN_CHINESE[statement.state])
    raised = _raise(statement, line_id, by=by, reason=reason)
    if raised is None:
        if _dispute_of(line_id).state != "open":
            raise LineDisputed()
        return statement, False
    statement.state = "disputed"
    session().flush()
    trail.record("statements.dispute", statement, reason=reason, after={"state": "disputed", "line": line_id})
    return statement, True


def answer(statement: Statement, line_id: UUID, *, by: Caller, reason: str) -> tuple[Statement, bool]:
    """An officer lets a disputed line stand and says why; and whether that is new.

    Raises `NotFound` for a line nobody disputed, `OwnMerchant`, `StatementState` when it was adjusted.
    """
    _line_of(statement, line_id)
    keep_away(by, find(Merchant, statement.merchant_id))
    raised = _dispute_of(line_id)
    if raised.state == "adjusted":
        raise StatementState(state="已更正")
    if raised.state == "answered":
        return statement, False
    _close_dispute(raised, "answered", by=by, answer=reason)
    _after_an_answer(statement, "answered")
    trail.record("statements.answer", statement, reason=reason, after={"line": line_id, "state": statement.state})
    return statement, True


def adjust(statement: Statement, line_id: UUID, *, by: Caller, reason: str) -> tuple[Statement, bool]:
    """Two officers void the redemption of a line, disputed or not: its negative line comes on the next statement.

    The first one asks, the second one does it; and whether this call did. Raises `NotFound`, `OwnMerchant`,
    `SecondPersonNeeded` for the first one again and their household, and what `void_late` raises.
    """
    line = _line_of(statement, line_id)
    keep_away(by, find(Merchant, statement.merchant_id))
    _raise(statement, line_id, by=by, reason=reason)
    raised = _dispute_of(line_id)
    if raised.state == "adjusted":
        return statement, False
    if raised.adjust_asker_id is not None and is_close(by, person_now(raised.adjust_asker_id)):
        raise SecondPersonNeeded()
    asker_id = raised.adjust_asker_id
    is_done = void_late(find(Redemption, line.redemption_id), by=by, reason=reason)
    if not is_done:
        raised.adjust_asker_id = by.person_id
        session().flush()
        trail.record("statements.ask_adjust", statement, reason=reason, after={"line": line_id})
        return statement, False
    if asker_id is None:  # the first one had asked for the void itself, without the statement
        raised.adjust_asker_id = find(Redemption, line.redemption_id).void_asker_id
    _close_dispute(raised, "adjusted", by=by, answer=reason)
    _after_an_answer(statement, "adjusted")
    trail.record("statements.adjust", statement, reason=reason, after={"line": line_id, "state": statement.state})
    return statement, True


def waits_for_a_second(statement: Statement, form: dict[str, Any]) -> bool:
    """Has one officer asked for what this form wants, and none done it yet?"""
    if form["decision"] == "paid":
        return statement.state == "confirmed"
    return _dispute_of(form["line_id"]).state == "open"


def _line_of(statement: Statement, line_id: UUID) -> StatementLine:
    line = find(StatementLine, line_id)
    if line.statement_id != statement.id:
        raise NotFound()
    return line


def _raise(statement: Statement, line_id: UUID, *, by: Caller, reason: str) -> Dispute | None:
    return insert_once(
        Dispute,
        statement_id=statement.id,
        line_id=line_id,
        reason=reason,
        raiser_id=by.person_id,
        raised_at=now(),
        state="open",
    )


def _dispute_of(line_id: UUID) -> Dispute:
    found = session().scalar(select(Dispute).where(Dispute.line_id == line_id))
    if found is None:
        raise NotFound()
    return found


def _close_dispute(raised: Dispute, state: str, *, by: Caller, answer: str) -> None:
    raised.state, raised.answer, raised.answerer_id, raised.answered_at = state, answer, by.person_id, now()
    session().flush()


def _after_an_answer(statement: Statement, what: str) -> None:
    """Everything is answered: it is the merchant's turn again. What is confirmed or paid stays so."""
    if statement.state == "disputed" and not _open_disputes(statement):
        statement.state = "closed"
    session().flush()
    tell_owners(statement, find(Merchant, statement.merchant_id), what, key=f"{now().timestamp():.3f}")


def _open_disputes(statement: Statement) -> int:
    query = select(func.count()).select_from(Dispute)
    return session().scalars(query.where(Dispute.statement_id == statement.id, Dispute.state == "open")).one()
