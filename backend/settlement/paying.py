"""Paying a confirmed statement against its invoice: alone up to a limit, two officers above it."""

from uuid import UUID

from backend.flags.raising import open_flags_about
from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.foundation.errors import SecondPersonNeeded
from backend.foundation.ids import uuid7
from backend.ledger import closing
from backend.ledger.drafts import Told
from backend.ledger.posting import post
from backend.merchants.models import Merchant
from backend.people.permissions import is_close
from backend.people.persons import person_now
from backend.places.offices import the_book
from backend.settlement.confirming import IN_CHINESE
from backend.settlement.errors import NothingToPay, NumbersDiffer, StatementFlagged, StatementState
from backend.settlement.kinship import keep_away
from backend.settlement.models import Statement
from backend.settlement.telling import tell_owners


def pay(
    statement: Statement, *, by: Caller, invoice_number: str, voucher_number: str, alone_up_to_fen: int
) -> tuple[Statement, bool]:
    """Record that the office has paid the total; and whether this call did. Above the limit the first officer asks.

    Raises `OwnMerchant`, `NumbersDiffer` when it was paid, or asked for, under other numbers, `StatementState` unless
    it is confirmed, `NothingToPay`, `StatementFlagged` while something odd waits for an officer, `SecondPersonNeeded`
    for the first one again and their household.
    """
    merchant = find(Merchant, statement.merchant_id)
    keep_away(by, merchant)
    numbers = (invoice_number, voucher_number)
    if statement.invoice_number is not None and numbers != (statement.invoice_number, statement.voucher_number):
        raise NumbersDiffer()
    if statement.state == "paid":
        return statement, False
    if statement.state != "confirmed":
        raise StatementState(state=IN_CHINESE[statement.state])
    if statement.total_fen <= 0:
        raise NothingToPay()
    if flagged := open_flags_about("merchant", merchant.id):
        raise StatementFlagged(open=flagged)
    statement.invoice_number, statement.voucher_number = numbers
    if statement.total_fen > alone_up_to_fen:
        first: UUID | None = statement.payment_asker_id
        if first is None:
            statement.payment_asker_id = by.person_id
            session().flush()
            trail.record("statements.ask_payment", statement, after={"state": "confirmed"})
            return statement, False
        if is_close(by, person_now(first)):
            raise SecondPersonNeeded()
    at = now()
    statement.state, statement.pay_id, statement.payer_id, statement.paid_at = "paid", uuid7(), by.person_id, at
    session().flush()
    told = Told(
        f"付款：{merchant.name}第{statement.number}期", f"person:{by.person_id}", f"statement:{statement.id}", at
    )
    draft = closing.pay(
        statement=str(statement.id),
        merchant=str(merchant.id),
        fen=statement.total_fen,
        told=told,
        new_id=statement.pay_id,
    )
    post(the_book(), draft)
    tell_owners(statement, merchant, "paid")
    after = {"state": "paid", "entry": statement.pay_id}
    trail.record("statements.pay", statement, before={"state": "confirmed"}, after=after)
    return statement, True
