"""Redeeming an offer: its points go on hold, and a code appears that is good for one capture."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.crypto import same
from backend.foundation.db import add, find, insert_once, session
from backend.foundation.errors import Replan
from backend.foundation.ids import uuid7
from backend.funds.models import Fund
from backend.ledger.accounts import person_wallet
from backend.ledger.drafts import Told, fingerprint_of, hold
from backend.ledger.errors import KeyReused
from backend.ledger.holds import read_hold
from backend.ledger.posting import post
from backend.merchants.errors import LimitReached, OfferClosed, SoldOut
from backend.merchants.models import Merchant, Offer, Redemption, RedemptionValue
from backend.merchants.settlement_rules import worth_in_fen
from backend.people.errors import MinorCannotSpend, PhoneNeeded
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.places.offices import the_book

CODE_LASTS = {"counter": timedelta(minutes=15), "reserved": timedelta(days=3)}

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # read out at a counter: no 0, 1, I, O
CODE_LENGTH = 10  # 50 bits


def redeem(*, offer_id: UUID, quantity: int, by: Caller, key: str, wallet: str = "own") -> tuple[Redemption, bool]:
    """Put the offer's points on hold; the redemption with its code, and whether it is new.

    The same key answers the first one; for something else it is `KeyReused`. Raises `NotFound`, `PhoneNeeded`,
    `MinorCannotSpend`, `OfferClosed`, `SoldOut`, `LimitReached` or `InsufficientPoints`.
    """
    figures = fingerprint_of("hold", offer=str(offer_id), quantity=quantity, wallet=wallet)
    first = _asked_before(by, key, figures)
    if first is not None:
        return first, False
    offer = find(Offer, offer_id)
    person = find(Person, by.person_id)
    merchant = find(Merchant, offer.merchant_id)
    if person.verified == "none":
        raise PhoneNeeded()
    if person.age_class != "adult":
        raise MinorCannotSpend()
    if offer.state != "live" or merchant.state != "active":
        raise OfferClosed()
    at = now()
    redemption = insert_once(
        Redemption,
        offer_id=offer.id,
        merchant_id=merchant.id,
        person_id=person.id,
        quantity=quantity,
        points=offer.price_points * quantity,
        price_fen=offer.price_fen * quantity,
        code="".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH)),
        request_key=key,
        request_fingerprint=figures,
        hold_id=uuid7(),
        held_at=at,
        expires_at=at + CODE_LASTS[offer.kind],
    )
    if redemption is None:  # A twin request was faster; or two codes are alike, once in a lifetime.
        raise Replan()
    _take_from_stock(offer, quantity)
    _keep_to_the_limit(offer, redemption)
    _hold_points(redemption, offer, merchant, key=key, at=at)
    return redemption, True


def left_for(offer: Offer, already: int) -> int | None:
    """How many more of it somebody may have who has so many; None without a limit."""
    return None if offer.per_person is None else max(0, offer.per_person - already)


def put_back_into_stock(redemption: Redemption) -> None:
    """What was not handed over, or came back, can be had again."""
    session().execute(
        update(Offer)
        .where(Offer.id == redemption.offer_id)
        .values(stock=Offer.stock + redemption.quantity)
        .execution_options(synchronize_session=False)
    )


def _asked_before(by: Caller, key: str, figures: bytes) -> Redemption | None:
    first = session().scalar(
        select(Redemption).where(Redemption.person_id == by.person_id, Redemption.request_key == key)
    )
    if first is not None and not same(first.request_fingerprint, figures):
        raise KeyReused()
    return first


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
    """Counted while the offer's row is ours, so two phones of one person cannot both be the last one allowed."""
    if offer.per_person is None:
        return
    others = (
        session()
        .scalars(
            select(func.coalesce(func.sum(Redemption.quantity), 0)).where(
                Redemption.offer_id == offer.id,
                Redemption.person_id.in_(selves_of(redemption.person_id)),
                Redemption.state.in_(("held", "captured")),
                Redemption.id != redemption.id,
            )
        )
        .one()
    )
    left = left_for(offer, int(others))
    if left is not None and redemption.quantity > left:
        raise LimitReached(per_person=offer.per_person, left=left)


def _hold_points(redemption: Redemption, offer: Offer, merchant: Merchant, *, key: str, at: datetime) -> None:
    posted = post(
        the_book(),
        hold(
            wallet=person_wallet(str(redemption.person_id)),
            points=redemption.points,
            person=str(redemption.person_id),
            key=key,
            fingerprint=redemption.request_fingerprint,
            expires_at=redemption.expires_at,
            told=Told(
                f"兑换：{offer.name}（{merchant.name}）",
                f"person:{redemption.person_id}",
                f"redemption:{redemption.id}",
                at,
            ),
            entry_id=redemption.hold_id,
        ),
    )
    _fix_the_worth(redemption, merchant, hold_id=posted.id)


def _fix_the_worth(redemption: Redemption, merchant: Merchant, *, hold_id: UUID) -> None:
    """A change of rate or share counts for redemptions created afterwards, so both are written down now."""
    by_fund: dict[UUID, int] = {}
    for lot, amount in read_hold(the_book(), hold_id).parts:
        fund_id = UUID(lot.fund)
        by_fund[fund_id] = by_fund.get(fund_id, 0) + amount
    for fund_id, points in sorted(by_fund.items()):
        rate = find(Fund, fund_id).fen_per_100_points
        share = merchant.share_percent
        add(
            RedemptionValue(
                redemption_id=redemption.id,
                fund_id=fund_id,
                points=points,
                fen_per_100_points=rate,
                share_percent=share,
                fen=worth_in_fen(points, fen_per_100_points=rate, share_percent=share),
            )
        )
