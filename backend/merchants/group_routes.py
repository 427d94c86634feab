"""Endpoints of spending for a group above its limit; what is below it is redeemed at once (`POST /redemptions`)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import REPLAYED, Blueprint, keyed, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.clock import now
from backend.foundation.db import find, session, transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.pages import page, page_of
from backend.group_wallets.errors import LeaderRequestDecided, LeaderRequestExpired, SecondLeaderNeeded
from backend.group_wallets.schemas import LeaderDecisionForm
from backend.group_wallets.standing import sees_requests
from backend.groups.errors import GroupClosed
from backend.groups.models import Group
from backend.ledger.errors import KeyReused
from backend.merchants import group_spending
from backend.merchants.errors import OfferClosed, OwnShop
from backend.merchants.group_models import GroupSpending
from backend.merchants.group_schemas import GroupSpendingForm, GroupSpendingQuery, GroupSpendingView
from backend.merchants.models import Offer
from backend.people.permissions import leads
from backend.people.queries import people_by_id

group_spendings = Blueprint("group_spendings", __name__, description="集体兑换")


@group_spendings.post("/groups/<uuid:group_id>/spendings")
@requires(anybody_here)
@group_spendings.arguments(GroupSpendingForm)
@group_spendings.creates(GroupSpendingView)
@refuses(KeyReused, NotFound, Forbidden, OwnShop, GroupClosed, OfferClosed)
@keyed
@transactional
def ask(form: dict[str, Any], group_id: UUID, key: str) -> Any:
    """Ask a second leader or deputy to confirm that I redeem this for the group."""
    group = find(Group, group_id)
    allow(leads(caller(), group.id))
    wish = group_spending.Wish(group.id, find(Offer, form["offer_id"]), form["quantity"])
    spending, is_new = group_spending.ask(wish, by=caller(), key=key)
    (answer,) = _shown([spending])
    return answer if is_new else (answer, 200, REPLAYED)


@group_spendings.get("/groups/<uuid:group_id>/spendings")
@requires(anybody_here)
@group_spendings.arguments(GroupSpendingQuery, location="query")
@group_spendings.response(200, page_of(GroupSpendingView))
@refuses(NotFound, Forbidden)
def list_spendings(asked: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """What leaders asked to spend for the group, newest first; `state=waiting` is what waits for a second one."""
    group = find(Group, group_id)
    allow(sees_requests(group, caller()))
    found = page(_asked_for(asked, of=group.id), asked, by=(GroupSpending.id,))
    return {**found, "items": _shown(found["items"])}


@group_spendings.put("/groups/<uuid:group_id>/spendings/<uuid:spending_id>")
@requires(anybody_here)
@group_spendings.arguments(LeaderDecisionForm)
@group_spendings.response(200, GroupSpendingView)
@refuses(NotFound, Forbidden, SecondLeaderNeeded, OwnShop, GroupClosed, LeaderRequestDecided, LeaderRequestExpired)
@transactional
def decide(form: dict[str, Any], group_id: UUID, spending_id: UUID) -> Any:
    """Confirm or decline, as the second leader or deputy; confirmed, whoever asked may redeem it once."""
    group = find(Group, group_id)
    allow(leads(caller(), group.id))
    spending = find(GroupSpending, spending_id)
    visible(spending.group_id == group.id)
    decided, is_new = group_spending.decide(spending, decider=caller(), approved=form["decision"] == "confirmed")
    (answer,) = _shown([decided])
    return answer if is_new else (answer, 200, REPLAYED)


def _asked_for(asked: dict[str, Any], *, of: UUID) -> Select[GroupSpending]:
    query = select(GroupSpending).where(GroupSpending.group_id == of)
    state, is_late = asked.get("state"), GroupSpending.expires_at <= now()
    if state == "expired":
        return query.where(GroupSpending.state.in_(("waiting", "confirmed")), is_late)
    if state in ("waiting", "confirmed"):
        return query.where(GroupSpending.state == state, ~is_late)
    return query.where(GroupSpending.state == state) if state else query


def _shown(rows: Sequence[GroupSpending]) -> list[dict[str, Any]]:
    """Those who lead the group know each other's names."""
    offers = session().scalars(select(Offer).where(Offer.id.in_({row.offer_id for row in rows})))
    by_id = {offer.id: offer for offer in offers}
    people = people_by_id(row.asker_id for row in rows)
    at = now()
    return [
        {column.key: getattr(row, column.key) for column in GroupSpending.__table__.columns}
        | {"state": row.state_at(at), "offer": by_id[row.offer_id], "asker": people[row.asker_id]}
        for row in rows
    ]
