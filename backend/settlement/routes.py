"""Endpoints of settlement: officers close, answer and pay; owners confirm, dispute and take away."""

from typing import Any
from uuid import UUID

from flask import Response, current_app
from sqlalchemy import select

from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import Caller, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound, SecondPersonNeeded
from backend.foundation.pages import PageQuery, page, page_of
from backend.foundation.sheets import CSV, XLSX, as_csv, as_xlsx
from backend.foundation.tenancy import acting_in
from backend.funds.models import Fund
from backend.ledger.errors import AlreadyResolved
from backend.merchants.errors import OwnHousehold
from backend.merchants.models import Merchant
from backend.people.permissions import officers, officers_and_auditors, owns, serves
from backend.places.offices import sub_districts
from backend.settlement import confirming, paying
from backend.settlement.closing import close
from backend.settlement.errors import (
    DisputesOpen,
    LineDisputed,
    NothingToPay,
    NothingToSettle,
    NumbersDiffer,
    OwnMerchant,
    PeriodClosed,
    PeriodNotOver,
    StatementFlagged,
    StatementState,
)
from backend.settlement.flows import flows_of
from backend.settlement.models import Statement, StatementLine
from backend.settlement.queries import lines_of, open_statement, shown_lines, shown_statements, statements_asked_for
from backend.settlement.schemas import (
    CloseForm,
    FlowView,
    OpenStatementView,
    PublicFlowQuery,
    StatementDecisionForm,
    StatementLineView,
    StatementQuery,
    StatementView,
)
from backend.settlement.sheets import HEADINGS, rows_of

settlement = Blueprint("settlement", __name__, description="商户结算")

_FILE = {"type": "string", "format": "binary"}


def parties(by: Caller) -> bool:
    """Both sides of a statement, and who looks over their shoulders."""
    return by.holds("owner", "clerk", "officer", "auditor")


@settlement.post("/statements/close")
@requires(officers)
@settlement.arguments(CloseForm)
@settlement.creates(StatementView)
@refuses(NotFound, OwnMerchant, PeriodNotOver, PeriodClosed, NothingToSettle)
@transactional
def close_period(form: dict[str, Any]) -> Any:
    """Close a period of one merchant: what was captured and voided up to `until` and is on no statement yet; once."""
    statement, is_new = close(**form, by=caller())
    return _one(statement) if is_new else (_one(statement), 200, REPLAYED)


@settlement.get("/statements")
@requires(officers_and_auditors)
@settlement.arguments(StatementQuery, location="query")
@settlement.response(200, page_of(StatementView))
def list_statements(asked: dict[str, Any]) -> dict[str, Any]:
    """Statements of every merchant, newest first; `state=confirmed` waits to be paid, `disputed` to be answered."""
    found = page(statements_asked_for(asked), asked, by=(Statement.id,))
    return {**found, "items": shown_statements(found["items"])}


@settlement.get("/merchants/<uuid:merchant_id>/statements")
@requires(parties)
@settlement.arguments(PageQuery, location="query")
@settlement.response(200, page_of(StatementView))
@refuses(NotFound, Forbidden)
def list_of_merchant(asked: dict[str, Any], merchant_id: UUID) -> dict[str, Any]:
    """The statements of one merchant, newest first."""
    _of_my_business(merchant_id)
    found = page(statements_asked_for({"merchant_id": merchant_id}), asked, by=(Statement.id,))
    return {**found, "items": shown_statements(found["items"])}


@settlement.get("/merchants/<uuid:merchant_id>/statements/open")
@requires(parties)
@settlement.response(200, OpenStatementView)
@refuses(NotFound, Forbidden)
def show_open(merchant_id: UUID) -> dict[str, Any]:
    """What would be on a statement closed now."""
    _of_my_business(merchant_id)
    return open_statement(merchant_id)


@settlement.get("/statements/<uuid:statement_id>")
@requires(parties)
@settlement.response(200, StatementView)
@refuses(NotFound, Forbidden)
def show(statement_id: UUID) -> dict[str, Any]:
    """One statement."""
    return _one(_seen(statement_id))


@settlement.get("/statements/<uuid:statement_id>/lines")
@requires(parties)
@settlement.arguments(PageQuery, location="query")
@settlement.response(200, page_of(StatementLineView))
@refuses(NotFound, Forbidden)
def list_lines(asked: dict[str, Any], statement_id: UUID) -> dict[str, Any]:
    """Its lines, in the order in which they happened; with what was disputed and answered."""
    query = lines_of(_seen(statement_id).id)
    found = page(query, asked, by=(StatementLine.number,), newest_first=False)
    return {**found, "items": shown_lines(found["items"])}


@settlement.get("/statements/<uuid:statement_id>/lines.xlsx")
@requires(parties)
@settlement.response(200, _FILE, content_type=XLSX)
@refuses(NotFound, Forbidden)
def take_xlsx(statement_id: UUID) -> Response:
    """The statement as a table, one row per line and fund, with rate and share: it can be added up by hand."""
    statement = _seen(statement_id)
    return _table(as_xlsx("结算单", HEADINGS, rows_of(statement)), XLSX, statement, "xlsx")


@settlement.get("/statements/<uuid:statement_id>/lines.csv")
@requires(parties)
@settlement.response(200, _FILE, content_type="text/csv")
@refuses(NotFound, Forbidden)
def take_csv(statement_id: UUID) -> Response:
    """The same as CSV."""
    statement = _seen(statement_id)
    return _table("".join(as_csv(HEADINGS, rows_of(statement))), CSV, statement, "csv")


@settlement.put("/statements/<uuid:statement_id>")
@requires(parties)
@settlement.arguments(StatementDecisionForm)
@settlement.response(200, StatementView)
@settlement.alt_response(202, schema=StatementView, description="Asked for; a second officer does it.")
@refuses(NotFound, Forbidden, OwnMerchant, OwnHousehold, SecondPersonNeeded, StatementState, LineDisputed, DisputesOpen)
@refuses(NothingToPay, NumbersDiffer, StatementFlagged, AlreadyResolved)
@transactional
def decide(form: dict[str, Any], statement_id: UUID) -> Any:
    """The owner confirms, or disputes a line; officers answer a dispute, adjust a line (two of them) and pay.

    An adjusted line stays: its redemption is voided and comes as a negative line of the next statement.
    """
    statement = find(Statement, statement_id, locked=True)
    is_owner, is_officer = owns(caller(), statement.merchant_id), officers(caller())
    visible(serves(caller(), statement.merchant_id) or officers_and_auditors(caller()))
    decision = form["decision"]
    allow(is_owner if decision in ("confirmed", "disputed") else is_officer)
    if decision == "confirmed":
        decided, is_new = confirming.confirm(statement, by=caller())
    elif decision == "paid":
        numbers = {name: form[name] for name in ("invoice_number", "voucher_number")}
        limit = current_app.extensions["config"].pay_alone_up_to_fen
        decided, is_new = paying.pay(statement, by=caller(), alone_up_to_fen=limit, **numbers)
    else:
        deeds = {"disputed": confirming.dispute, "answered": confirming.answer, "adjusted": confirming.adjust}
        decided, is_new = deeds[decision](statement, form["line_id"], by=caller(), reason=form["reason"])
    if is_new:
        return _one(decided)
    waits = decision in ("paid", "adjusted") and confirming.waits_for_a_second(decided, form)
    return (_one(decided), 202) if waits else (_one(decided), 200, REPLAYED)


@settlement.get("/office/fund-flows")
@requires(officers_and_auditors)
@settlement.arguments(PageQuery, location="query")
@settlement.response(200, page_of(FlowView))
def list_flows(asked: dict[str, Any]) -> dict[str, Any]:
    """Three sources (三源): where the points of each fund came from and went, and where they are now."""
    found = page(select(Fund), asked, by=(Fund.id,))
    return {**found, "items": flows_of(found["items"])}


@settlement.get("/public/fund-flows")
@settlement.arguments(PublicFlowQuery, location="query")
@settlement.response(200, page_of(FlowView))
@refuses(NotFound)
def list_public_flows(asked: dict[str, Any]) -> dict[str, Any]:
    """The same for sponsors and everybody: no names, no money, and shops with fewer than five customers together."""
    if asked["office_id"] not in {each.id for each in sub_districts()}:
        raise NotFound()
    with acting_in(asked["office_id"]):
        found = page(select(Fund), asked, by=(Fund.id,))
        return {**found, "items": flows_of(found["items"], in_public=True)}


def _of_my_business(merchant_id: UUID) -> None:
    find(Merchant, merchant_id)
    looks = officers_and_auditors(caller())
    visible(serves(caller(), merchant_id) or looks)
    allow(owns(caller(), merchant_id) or looks)


def _seen(statement_id: UUID) -> Statement:
    statement = find(Statement, statement_id)
    _of_my_business(statement.merchant_id)
    return statement


def _one(statement: Statement) -> dict[str, Any]:
    return shown_statements([statement])[0]


def _table(body: bytes | str, kind: str, statement: Statement, ending: str) -> Response:
    name = f"statement-{statement.number}-{statement.until:%Y%m%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(body, content_type=kind, headers=headers)
