"""Spending for a group (集体兑换): a leader or deputy redeems, the group's wallet pays.

Above the group's limit one leader asks and a second one, of another household, confirms; then the first redeems, when
they are at the shop: a code is good for minutes, and a confirmation may take days.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.crypto import same
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Forbidden, Replan
from backend.group_wallets.errors import LeaderRequestDecided, LeaderRequestExpired
from backend.group_wallets.limits import limit_of
from backend.group_wallets.standing import REQUEST_LASTS, open_group, refuse_as_second
from backend.groups.models import Group
from backend.ledger.drafts import fingerprint_of
from backend.ledger.errors import KeyReused
from backend.merchants.errors import OfferClosed, OwnShop, SecondLeaderFirst
from backend.merchants.group_models import GroupSpending
from backend.merchants.models import Merchant, Offer
from backend.people.permissions import leads, serves
from backend.people.persons import selves_of


@dataclass(frozen=True)
class Wish:
    """What somebody wants for a group."""

    group_id: UUID
    offer: Offer
    quantity: int

    @property
    def points(self) -> int:
        return self.offer.price_points * self.quantity


@dataclass(frozen=True)
class GroupPays:
    """Whose wallet pays, and what a second leader confirmed."""

    group_id: UUID
    spending_id: UUID | None


def let_group_pay(wish: Wish, *, by: Caller, default_limit: int, at: datetime) -> GroupPays:
    """May this leader spend so much of the group's wallet now? Above the limit it uses up what was confirmed.

    Raises `NotFound`, `Forbidden`, `OwnShop`, `GroupClosed` or `SecondLeaderFirst`.
    """
    _refuse_strangers(wish, by)
    limit = limit_of(wish.group_id, default=default_limit)
    if wish.points <= limit:
        return GroupPays(wish.group_id, None)
    confirmed = _confirmed(wish, by, at)
    if confirmed is None:
        raise SecondLeaderFirst(limit=limit, points=wish.points)
    used = session().scalar(
        update(GroupSpending)
        .where(GroupSpending.id == confirmed, GroupSpending.state == "confirmed")
        .values(state="used")
        .returning(GroupSpending.id)
    )
    if used is None:  # Their other phone was faster; there may be another one.
        raise Replan()
    return GroupPays(wish.group_id, used)


def ask(wish: Wish, *, by: Caller, key: str) -> tuple[GroupSpending, bool]:
    """Ask a second leader; what was asked, and whether it is new: the same key answers the first.

    Raises `KeyReused`, `OwnShop`, `GroupClosed` or `OfferClosed`.
    """
    figures = fingerprint_of("spend", group=str(wish.group_id), offer=str(wish.offer.id), quantity=wish.quantity)
    mine = (GroupSpending.asker_id == by.person_id) & (GroupSpending.request_key == key)
    first = session().scalar(select(GroupSpending).where(mine))
    if first is not None:
        if not same(first.request_fingerprint, figures):
            raise KeyReused()
        return first, False
    _refuse_strangers(wish, by)
    if wish.offer.state != "live" or find(Merchant, wish.offer.merchant_id).state != "active":
        raise OfferClosed()
    at = now()
    spending = insert_once(
        GroupSpending,
        group_id=wish.group_id,
        offer_id=wish.offer.id,
        asker_id=by.person_id,
        quantity=wish.quantity,
        points=wish.points,
        request_key=key,
        request_fingerprint=figures,
        asked_at=at,
        expires_at=at + REQUEST_LASTS,
    )
    if spending is None:  # A twin request was faster.
        raise Replan()
    trail.record("group_spendings.ask", spending, after={"state": "waiting", "group": wish.group_id})
    return spending, True


def decide(spending: GroupSpending, *, decider: Caller, approved: bool) -> tuple[GroupSpending, bool]:
    """Confirm or decline, and whether that is new: the same answer again is fine.

    Raises `SecondLeaderNeeded`, `OwnShop`, `GroupClosed` for a yes, `LeaderRequestExpired` or `LeaderRequestDecided`.
    """
    refuse_as_second(decider, spending.asker_id)
    if approved:
        offer = find(Offer, spending.offer_id)
        _refuse_strangers(Wish(spending.group_id, offer, spending.quantity), decider)
    at = now()
    state = "confirmed" if approved else "declined"
    decided = session().scalar(
        update(GroupSpending)
        .where(GroupSpending.id == spending.id, GroupSpending.state == "waiting", GroupSpending.expires_at > at)
        .values(state=state, decider_id=decider.person_id, decided_at=at)
        .returning(GroupSpending.id)
    )
    session().refresh(spending)
    if decided is None:
        said = spending.state_at(at)
        if said == "expired":
            raise LeaderRequestExpired()
        if said != state and not (approved and said == "used"):
            raise LeaderRequestDecided(state=said)
        return spending, False
    trail.record(
        "group_spendings.confirm" if approved else "group_spendings.decline",
        spending,
        before={"state": "waiting"},
        after={"state": state, "group": spending.group_id},
    )
    return spending, True


def _refuse_strangers(wish: Wish, by: Caller) -> None:
    """Only who leads the group, and nobody in a shop where they work. The group stays open until the deed ends."""
    find(Group, wish.group_id)
    if not leads(by, wish.group_id):
        raise Forbidden()
    if serves(by, wish.offer.merchant_id):
        raise OwnShop()
    open_group(wish.group_id)


def _confirmed(wish: Wish, by: Caller, at: datetime) -> UUID | None:
    """What was confirmed for just this, and is not used: the oldest."""
    return session().scalar(
        select(GroupSpending.id)
        .where(
            GroupSpending.group_id == wish.group_id,
            GroupSpending.asker_id.in_(selves_of(by.person_id)),
            GroupSpending.offer_id == wish.offer.id,
            GroupSpending.quantity == wish.quantity,
            GroupSpending.points == wish.points,
            GroupSpending.state == "confirmed",
            GroupSpending.expires_at > at,
        )
        .order_by(GroupSpending.id)
        .limit(1)
    )
