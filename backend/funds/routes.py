"""Endpoints of funds."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.admission import requires
from backend.foundation.api import REPLAYED, Blueprint, keyed, refuses
from backend.foundation.callers import caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import NotFound, SecondPersonNeeded
from backend.foundation.pages import PageQuery, page, page_of
from backend.funds import allocations
from backend.funds.available import available_in
from backend.funds.errors import AllocationDecided, FundNameTaken
from backend.funds.models import Allocation, Fund
from backend.funds.opening import open_fund
from backend.funds.schemas import (
    AllocationDecisionForm,
    AllocationForm,
    AllocationQuery,
    AllocationView,
    FundForm,
    FundView,
)
from backend.ledger.errors import BalanceTooLarge, KeyReused
from backend.people.permissions import officers, officers_and_auditors, organisers
from backend.places.areas import standing_for
from backend.places.errors import AreaClosed

funds = Blueprint("funds", __name__, description="资金与入账")


@funds.post("/funds")
@requires(officers)
@funds.arguments(FundForm)
@funds.response(201, FundView)
@refuses(NotFound, AreaClosed, FundNameTaken)
@transactional
def open_one(form: dict[str, Any]) -> dict[str, Any]:
    """Open a fund; its rate is in force once a second officer approves the first allocation."""
    return _shown([open_fund(**form, opener_id=caller().person_id)])[0]


@funds.get("/funds")
@requires(organisers)
@funds.arguments(PageQuery, location="query")
@funds.response(200, page_of(FundView))
def list_funds(asked: dict[str, Any]) -> dict[str, Any]:
    """The funds activities can be paid from. What a point is worth is shown to officers and auditors only."""
    found = page(select(Fund), asked, by=(Fund.id,))
    return {**found, "items": _shown(found["items"])}


@funds.post("/funds/<uuid:fund_id>/allocations")
@requires(officers)
@funds.arguments(AllocationForm)
@funds.creates(AllocationView)
@refuses(NotFound, KeyReused)
@keyed
@transactional
def request(form: dict[str, Any], fund_id: UUID, key: str) -> Any:
    """Ask for points in a fund; a second officer decides."""
    allocation, is_new = allocations.request_allocation(
        find(Fund, fund_id), **form, requester_id=caller().person_id, key=key
    )
    return allocation if is_new else (allocation, 200, REPLAYED)


@funds.get("/allocations")
@requires(officers_and_auditors)
@funds.arguments(AllocationQuery, location="query")
@funds.response(200, page_of(AllocationView))
def list_allocations(asked: dict[str, Any]) -> dict[str, Any]:
    """Allocations, newest first; `state=requested` is what waits for a second officer."""
    query = select(Allocation)
    for name in ("state", "fund_id"):
        if asked.get(name):
            query = query.where(getattr(Allocation, name) == asked[name])
    return page(query, asked, by=(Allocation.id,))


@funds.put("/allocations/<uuid:allocation_id>")
@requires(officers)
@funds.arguments(AllocationDecisionForm)
@funds.response(200, AllocationView)
@refuses(NotFound, SecondPersonNeeded, AllocationDecided, BalanceTooLarge)
@transactional
def decide(form: dict[str, Any], allocation_id: UUID) -> Any:
    """Approve or decline an allocation somebody else asked for."""
    decided, is_new = allocations.decide(
        find(Allocation, allocation_id),
        decider=caller(),
        approved=form["decision"] == "approved",
        reason=form.get("reason"),
    )
    return decided if is_new else (decided, 200, REPLAYED)


def _shown(rows: list[Fund]) -> list[dict[str, Any]]:
    left = available_in(fund.id for fund in rows)
    wanted = {fund.area_id for fund in rows if fund.area_id}
    areas = standing_for(wanted)
    knows_the_rate = officers_and_auditors(caller())
    return [
        {
            "id": fund.id,
            "name": fund.name,
            "source": fund.source,
            "fen_per_100_points": fund.fen_per_100_points if knows_the_rate else None,
            "area": areas[fund.area_id] if fund.area_id else None,
            "leader_limit_points": fund.leader_limit_points,
            "available": left[fund.id],
        }
        for fund in rows
    ]
