"""Endpoints of group wallets: what is there, how it came about, and thanking members with it."""

from typing import Any
from uuid import UUID

from flask import current_app

from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import REPLAYED, Blueprint, keyed, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.config import Config
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound, SecondPersonNeeded
from backend.foundation.limits import fails_closed
from backend.foundation.pages import PageQuery, page, page_of
from backend.group_wallets import thanks
from backend.group_wallets.errors import (
    LeaderRequestDecided,
    LeaderRequestExpired,
    SecondLeaderNeeded,
    ThanksForMembersOnly,
    ThanksForOwnHousehold,
)
from backend.group_wallets.limits import limit_of, set_limit
from backend.group_wallets.models import Thanks
from backend.group_wallets.queries import shown_thanks, thanks_asked_for
from backend.group_wallets.schemas import (
    GroupLimitForm,
    GroupWalletView,
    LeaderDecisionForm,
    ThanksForm,
    ThanksQuery,
    ThanksView,
)
from backend.group_wallets.standing import sees_requests, sees_wallet
from backend.groups.errors import GroupClosed
from backend.groups.models import Group
from backend.ledger.accounts import group_wallet
from backend.ledger.errors import BalanceTooLarge, InsufficientPoints, KeyReused
from backend.people.permissions import leads, workers_and_officers, works_over
from backend.people.schemas import EntryView
from backend.people.wallet_routes import now_in, page_of_lines, shown_wallet
from backend.places.models import Area
from backend.safety.judged import judged

group_wallets = Blueprint("group_wallets", __name__, description="集体积分")


@group_wallets.get("/groups/<uuid:group_id>/wallet")
@requires(anybody_here)
@group_wallets.response(200, GroupWalletView)
@refuses(NotFound, Forbidden)
def show_group_wallet(group_id: UUID) -> dict[str, Any]:
    """What the group has together (集体积分); to its members and to those who look after it."""
    group = find(Group, group_id)
    allow(sees_wallet(group, caller()))
    return _shown(group)


@group_wallets.put("/groups/<uuid:group_id>/wallet")
@requires(workers_and_officers)
@group_wallets.arguments(GroupLimitForm)
@group_wallets.response(200, GroupWalletView)
@refuses(NotFound, Forbidden, SecondPersonNeeded)
@transactional
def change_limit(form: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """Set above how many points two leaders are needed."""
    group = find(Group, group_id)
    allow(works_over(caller(), find(Area, group.area_id).path))
    set_limit(group, points=form["two_leaders_above"], by=caller())
    return _shown(group)


@group_wallets.get("/groups/<uuid:group_id>/entries")
@requires(anybody_here)
@group_wallets.arguments(PageQuery, location="query")
@group_wallets.response(200, page_of(EntryView))
@refuses(NotFound, Forbidden)
def list_group_entries(asked: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """The 明细 of the group's wallet, newest first; to those who see the wallet."""
    group = find(Group, group_id)
    allow(sees_wallet(group, caller()))
    return page_of_lines(group_wallet(str(group.id)), asked)


@group_wallets.post("/groups/<uuid:group_id>/thanks")
@requires(anybody_here)
@group_wallets.arguments(ThanksForm)
@group_wallets.creates(ThanksView)
@refuses(KeyReused, NotFound, Forbidden, ThanksForOwnHousehold, GroupClosed, ThanksForMembersOnly)
@refuses(InsufficientPoints, BalanceTooLarge)
@fails_closed
@keyed
@judged("note", about=Thanks)
def thank(form: dict[str, Any], group_id: UUID, key: str) -> Any:
    """Thank a member with points of the group; above the group's limit it waits for a second leader or deputy."""
    group = find(Group, group_id)
    allow(leads(caller(), group.id))
    given, is_new = thanks.thank(group.id, **form, by=caller(), key=key, limit=_limit_of(group))
    (answer,) = shown_thanks([given])
    return answer if is_new else (answer, 200, REPLAYED)


@group_wallets.get("/groups/<uuid:group_id>/thanks")
@requires(anybody_here)
@group_wallets.arguments(ThanksQuery, location="query")
@group_wallets.response(200, page_of(ThanksView))
@refuses(NotFound, Forbidden)
def list_thanks(asked: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """Whom the group thanked, newest first; `state=waiting` is what waits for a second leader."""
    group = find(Group, group_id)
    allow(sees_requests(group, caller()))
    found = page(thanks_asked_for(asked, of=group.id), asked, by=(Thanks.id,))
    return {**found, "items": shown_thanks(found["items"])}


@group_wallets.put("/groups/<uuid:group_id>/thanks/<uuid:thanks_id>")
@requires(anybody_here)
@group_wallets.arguments(LeaderDecisionForm)
@group_wallets.response(200, ThanksView)
@refuses(NotFound, Forbidden, SecondLeaderNeeded, ThanksForOwnHousehold, GroupClosed, ThanksForMembersOnly)
@refuses(LeaderRequestDecided, LeaderRequestExpired, InsufficientPoints, BalanceTooLarge)
@fails_closed
@transactional
def decide_thanks(form: dict[str, Any], group_id: UUID, thanks_id: UUID) -> Any:
    """Confirm or decline, as the second leader or deputy, what another one asked for."""
    group = find(Group, group_id)
    allow(leads(caller(), group.id))
    asked = find(Thanks, thanks_id)
    visible(asked.group_id == group.id)
    decided, is_new = thanks.decide(asked, decider=caller(), approved=form["decision"] == "confirmed")
    (answer,) = shown_thanks([decided])
    return answer if is_new else (answer, 200, REPLAYED)


def _shown(group: Group) -> dict[str, Any]:
    there = shown_wallet(now_in(group_wallet(str(group.id))))
    return {"points": there["points"], "two_leaders_above": _limit_of(group)}


def _limit_of(group: Group) -> int:
    config: Config = current_app.extensions["config"]
    return limit_of(group.id, default=config.two_needed_above)
