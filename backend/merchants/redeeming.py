"""Redeeming an offer: its points go on hold, and a code appears that is good for one capture."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import SHANGHAI, now, shanghai_day, start_of_day
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import ActingForOthersUnavailable, Replan
from backend.foundation.ids import uuid7
from backend.households.spending import pot_to_spend
from backend.ledger.accounts import Account, group_wallet, household_pot, person_wallet
from backend.ledger.drafts import Told, hold
from backend.ledger.posting import post
from backend.merchants.assisted_caps import Caps, keep_to_caps
from backend.merchants.errors import LimitReached, OfferClosed, OfferNotOpen, SoldOut
from backend.merchants.group_spending import GroupPays, Wish, let_group_pay
from backend.merchants.models import Merchant, Offer, Redemption
from backend.merchants.offer_rules import (
    PERIODS_IN_CHINESE,
    hours_said,
    is_open,
    minute_of_day,
    period_begins,
)
from backend.merchants.request_keys import Helped, Request, asked_before, request_of
from backend.merchants.shop_caps import keep_to_shop_caps
from backend.merchants.worth import fix_the_worth
from backend.people.errors import MinorCannotSpend, PhoneNeeded
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.places.offices import the_book

VOUCHER_LASTS = timedelta(hours=12)
VOUCHER_GRACE = timedelta(hours=36)  # for the shop to find a network and upload
CODE_LASTS = {"counter": timedelta(minutes=15), "reserved": timedelta(days=3)}

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # read out at a counter: no 0, 1, I, O
CODE_LENGTH = 10  # 50 bits


def redeem(
    *, offer_id: UUID, quantity: int, by: Caller, key: str, caps: Caps, wallet: str = "own", offline: bool = False
) -> tuple[Redemption, bool]:
    """Put the offer's points on hold; the redemption with its code, and whether it is new.

    `wallet` is one's "own", or "group:<id>" where a leader spends for the group; `offline` asks for a voucher, by
    oneself only. The same key answers the first one;
    for something else it is `KeyReused`. Raises `NotFound`, what `put_on_hold` raises and, for a group,
    `ActingForOthersUnavailable` and what `let_group_pay` raises.
    """
    helped = Helped(by.helper_id, by.channel, f"person:{by.person_id}") if by.helper_id and by.channel else None
    request = request_of(key, offer_id=offer_id, quantity=quantity, wallet=wallet, offline=offline, helped=helped)
    if offline and helped is not None:
        raise ActingForOthersUnavailable()
    first = asked_before(request, person_id=by.person_id)
    if first is not None:
        return first, False
    offer, at = find(Offer, offer_id), now()
    person = find(Person, by.person_id)
    paid_by = None
    if wallet.startswith("group:"):
        if helped is not None:
            raise ActingForOthersUnavailable()
        wish = Wish(UUID(wallet.removeprefix("group:")), offer, quantity)
        paid_by = let_group_pay(wish, by=by, default_limit=caps.alone_for_group, at=at)
    redemption = put_on_hold(
        offer,
        person,
        quantity=quantity,
        request=request,
        caps=caps,
        at=at,
        by_household=wallet == "household",
        paid_by=paid_by,
        offline=offline,
    )
    if paid_by is not None:
        after = {"state": "held", "group": paid_by.group_id, "confirmed": paid_by.spending_id}
        trail.record("redemptions.redeem", redemption, after=after)
    return redemption, True


def put_on_hold(
    offer: Offer,
    person: Person,
    *,
    quantity: int,
    request: Request,
    caps: Caps,
    at: datetime,
    by_household: bool = False,
    paid_by: GroupPays | None = None,
    offline: bool = False,
    asks_the_phone: bool = False,
) -> Redemption:
    """Set the points of an offer aside for a person, whoever asks for them: their own, their household's, a group's.

    Raises `PhoneNeeded`, `MinorCannotSpend`, `OfferClosed`, `AssistedCapReached`, what `pot_to_spend`
    raises, `OfferNotOpen`, `ShopCapReached`, `SoldOut`, `LimitReached` or `InsufficientPoints`.
    """
    merchant = find(Merchant, offer.merchant_id)
    points = offer.price_points * quantity
    if person.verified == "none":
        raise PhoneNeeded()
    if person.age_class != "adult":
        raise MinorCannotSpend()
    if offer.state != "live" or merchant.state != "active":
        raise OfferClosed()
    if not is_open(minute_of_day(at.astimezone(SHANGHAI)), opens=offer.opens_minute, closes=offer.closes_minute):
        raise OfferNotOpen(hours=hours_said(offer.opens_minute or 0, offer.closes_minute or 0))
    helped = request.helped
    if helped is not None:
        keep_to_caps(person, points, channel=helped.channel, caps=caps, at=at)
    keep_to_shop_caps(merchant, person, points, at=at)
    label = f"{offer.name}×{quantity}"
    pot = pot_to_spend(person, points, subject_id=offer.id, label=label, at=at) if by_household else None
    redemption = insert_once(
        Redemption,
        offer_id=offer.id,
        merchant_id=merchant.id,
        person_id=person.id,
        household_id=pot,
        group_id=paid_by.group_id if paid_by else None,
        spending_id=paid_by.spending_id if paid_by else None,
        quantity=quantity,
        points=points,
        price_fen=offer.price_fen * quantity,
        code="".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH)),
        request_key=request.key,
        request_fingerprint=request.figures,
        helper_id=helped.helper_id if helped else None,
        channel=helped.channel if helped else None,
        helper_key=request.helper_key,
        shown_code=helped.shown_code if helped else None,
        needs_confirmation=asks_the_phone,
        hold_id=uuid7(),
        held_at=at,
        expires_at=at + (VOUCHER_LASTS + VOUCHER_GRACE if offline else CODE_LASTS[offer.kind]),
        voucher_until=at + VOUCHER_LASTS if offline else None,
    )
    if redemption is None:  # A twin request was faster; or two codes are alike, once in a lifetime.
        raise Replan()
    _take_from_stock(offer, quantity)
    _keep_to_the_limit(offer, redemption)
    _hold_points(redemption, offer, merchant, at=at)
    return redemption


def left_for(offer: Offer, already: int) -> int | None:
    """How many more of it somebody may have who has so many; None without a limit."""
    return None if offer.per_person is None else max(0, offer.per_person - already)


def had_by(person_id: UUID, *, group_id: UUID | None = None) -> ColumnElement[bool]:
    """What somebody had for points of their own, or a group for its points: either has its own limit."""
    if group_id is not None:
        return Redemption.group_id == group_id
    return and_(Redemption.person_id.in_(selves_of(person_id)), Redemption.group_id.is_(None))


def in_the_period(period: str, *, at: datetime) -> ColumnElement[bool]:
    """Redemptions that count against a limit of that period (Asia/Shanghai)."""
    begins = period_begins(period, shanghai_day(at))
    return true() if begins is None else Redemption.held_at >= start_of_day(begins)


def put_back_into_stock(redemption: Redemption, quantity: int | None = None) -> None:
    """What was not handed over, or came back, can be had again."""
    session().execute(
        update(Offer)
        .where(Offer.id == redemption.offer_id)
        .values(stock=Offer.stock + (redemption.quantity if quantity is None else quantity))
        .execution_options(synchronize_session=False)
    )


def _take_from_stock(offer: Offer, quantity: int) -> None:
    taken = session().scalar(
        update(Offer)
        .where(Offer.id == offer.id, Offer.stock >= quantity)
        .values(stock=Offer.stock - quantity)
        .returning(Offer.stock)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise SoldOut(left=session().scalars(select(Offer.stock).where(Offer.id == offer.id)).one())


def _keep_to_the_limit(offer: Offer, redemption: Redemption) -> None:
    """Counted while the offer's row is ours, so two phones of one person cannot both be the last one allowed.

    What a group pays for counts for the group and not for whoever fetches it.
    """
    if offer.per_person is None:
        return
    others = (
        session()
        .scalars(
            select(func.coalesce(func.sum(Redemption.quantity), 0)).where(
                Redemption.offer_id == offer.id,
                had_by(redemption.person_id, group_id=redemption.group_id),
                Redemption.state.in_(("held", "captured")),
                Redemption.id != redemption.id,
                in_the_period(offer.per_period, at=redemption.held_at),
            )
        )
        .one()
    )
    left = left_for(offer, int(others))
    if left is not None and redemption.quantity > left:
        period = PERIODS_IN_CHINESE[offer.per_period]
        raise LimitReached(per_person=offer.per_person, left=left, period=period)


def _hold_points(redemption: Redemption, offer: Offer, merchant: Merchant, *, at: datetime) -> None:
    posted = post(
        the_book(),
        hold(
            wallet=_payer(redemption),
            points=redemption.points,
            person=str(redemption.person_id),
            key=redemption.request_key,
            fingerprint=redemption.request_fingerprint,
            expires_at=redemption.expires_at,
            told=Told(
                f"兑换：{offer.name}（{merchant.name}）",
                f"person:{redemption.helper_id or redemption.person_id}",
                f"redemption:{redemption.id}",
                at,
            ),
            entry_id=redemption.hold_id,
        ),
    )
    fix_the_worth(redemption, merchant, hold_id=posted.id)


def _payer(redemption: Redemption) -> Account:
    if redemption.group_id is not None:
        return group_wallet(str(redemption.group_id))
    if redemption.household_id is not None:
        return household_pot(str(redemption.household_id))
    return person_wallet(str(redemption.person_id))
