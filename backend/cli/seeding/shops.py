"""A merchant, its offers, and what was redeemed there: most of it fetched, some cancelled, some taken back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from backend.activities.models import CheckIn
from backend.cli.seeding import names
from backend.cli.seeding.beginning import DAYS, began_at, communities, funds, hour_of, persona, residents_of
from backend.cli.seeding.sizes import Size
from backend.foundation.clock import as_of, now, shanghai_day
from backend.foundation.db import session
from backend.foundation.ids import uuid7
from backend.ledger import holds
from backend.ledger.accounts import Lot, last_day_for, person_wallet
from backend.ledger.drafts import Draft, Told, hold
from backend.ledger.posting import post_many
from backend.ledger.reading import balances_of
from backend.merchants.models import Merchant, Offer, Redemption, RedemptionValue
from backend.merchants.onboarding import open_merchant, open_offer
from backend.merchants.redeeming import CODE_LASTS, CODE_LENGTH
from backend.merchants.request_keys import request_of
from backend.merchants.settlement_rules import worth_in_fen
from backend.people.models import Person
from backend.people.roles import grant_role
from backend.people.scopes import over_merchant
from backend.places.offices import the_book

AT_ONCE = 8  # customers of one hour
SPENDING_FROM = DAYS - 65  # what was earned until then can be spent afterwards: nobody pays before they earned
STOCK = 2_000

_CODE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def is_there(number: int) -> bool:
    named = select(Merchant.id).where(Merchant.name == names.shop_name(number)[0])
    return session().scalar(named) is not None


def make(size: Size, number: int, dice: Random) -> None:
    """Open the shop of that number with its staff, and let the neighbours spend what they have earned."""
    area = communities()[number % size.communities]
    people = residents_of(area)
    name, kind = names.shop_name(number)
    began = began_at()
    with as_of(hour_of(number)):
        shop = open_merchant(
            name, area=area, address=f"幸福路{number + 1}号", share_percent=dice.choice((100, 95, 90, 85))
        )
        offers = [
            open_offer(shop, title, price_points=points, stock=STOCK, kind=kind_of, price_fen=fen)
            for title, points, kind_of, fen in names.SHOPS[kind]
        ]
        clerk, owner = dice.sample(people, 2)
        if number == 0:
            clerk, owner = persona(size, "clerk"), persona(size, "owner")
        for person, role in ((clerk, "clerk"), (owner, "owner")):
            grant_role(person.id, role, over_merchant(shop.id, shop.name), granted_by_id=None)
    counter = _Counter(shop, clerk, dice)
    customers = [person for person in people if person.household_id not in (clerk.household_id, owner.household_id)]
    buying = list(_shopping(customers, offers, size.redemptions, dice))
    opened = began + timedelta(days=SPENDING_FROM)
    for place in range(0, len(buying), AT_ONCE):
        at = opened + timedelta(days=60 * place / max(1, len(buying)), minutes=dice.randint(0, 300))
        counter.sell(buying[place : place + AT_ONCE], at)
    for offer in offers:
        offer.stock -= counter.gone[offer.id]
    session().flush()


def spendable(people: list[Person], *, until: datetime) -> dict[UUID, int]:
    """What each has of what they earned until then; only those who have anything."""
    earned = (
        select(
            CheckIn.person_id,
            func.sum(CheckIn.points).label("all"),
            func.sum(CheckIn.points).filter(CheckIn.checked_in_at < until).label("before"),
        )
        .where(CheckIn.award_id.is_not(None))
        .group_by(CheckIn.person_id)
    )
    grown = {person.id for person in people}
    rows = [row for row in session().execute(earned) if row.person_id in grown and row.before]
    lots = [Lot.dated(str(fund.id), last_day_for(shanghai_day(day))) for fund in funds() for day in (began_at(), now())]
    places = [(person_wallet(str(row.person_id)), lot) for row in rows for lot in dict.fromkeys(lots)]
    there: dict[str, int] = {}
    for first in range(0, len(places), 3_000):
        for (wallet, _), balance in balances_of(the_book(), places[first : first + 3_000]).items():
            there[wallet.owner] = there.get(wallet.owner, 0) + balance
    left = {row.person_id: row.before - (row.all - there[str(row.person_id)]) for row in rows}
    return {person_id: points for person_id, points in sorted(left.items()) if points > 0}


def _shopping(people: list[Person], offers: list[Offer], wanted: int, dice: Random) -> Iterator[tuple[UUID, Offer]]:
    """Who buys what, in the order of their coming; nobody more than they can pay."""
    left = spendable(people, until=began_at() + timedelta(days=SPENDING_FROM))
    buyers = list(left)
    dice.shuffle(buyers)
    for person_id in buyers[:wanted]:
        affordable = [offer for offer in offers if offer.price_points <= left[person_id]]
        if affordable:
            yield person_id, dice.choice(affordable)


@dataclass
class _Sale:
    row: dict[str, Any]
    offer: Offer
    ends: str  # captured, voided, released or held


class _Counter:
    """Where a few customers at a time redeem: everything is put on hold together, and handed over together."""

    def __init__(self, shop: Merchant, clerk: Person, dice: Random) -> None:
        self.shop, self.clerk, self.dice = shop, clerk, dice
        self.gone: dict[UUID, int] = dict.fromkeys(
            session().scalars(select(Offer.id).where(Offer.merchant_id == shop.id)), 0
        )
        self.rates = {str(fund.id): fund for fund in funds()}

    def sell(self, buying: list[tuple[UUID, Offer]], at: datetime) -> None:
        """Hold, then capture or release, then here and there a void on the same day."""
        with as_of(at):
            sales = [self._wish(person_id, offer, at) for person_id, offer in buying]
            held = [self._held(sale, at) for sale in sales]
        rest = at + timedelta(minutes=6)
        with as_of(rest):
            for sale in sales:
                self._ends(sale, rest)
        voided_at = at + timedelta(hours=2)
        voided = [sale for sale in sales if sale.ends == "voided"]
        with as_of(voided_at):
            for sale in voided:
                reason = {"void_reason": "商品有瑕疵，退回"}
                sale.row |= {"refund_id": uuid7(), "voided_at": voided_at, "voider_id": self.clerk.id} | reason
        session().execute(insert(Redemption), [Redemption.at_rest(sale.row) for sale in sales])
        with as_of(at):
            post_many(the_book(), held)
        session().execute(insert(RedemptionValue), [value for sale in sales for value in self._values(sale)])
        with as_of(rest):
            post_many(the_book(), [draft for sale in sales for draft in self._resolved(sale, rest)])
        with as_of(voided_at):
            post_many(the_book(), [self._refunded(sale, voided_at) for sale in voided])

    def _wish(self, person_id: UUID, offer: Offer, at: datetime) -> _Sale:
        key = f"seed {self.shop.id.hex} {person_id.hex}"
        ends = self.dice.choices(("captured", "voided", "released"), (92, 3, 5))[0]
        row = {
            "office_id": self.shop.office_id,
            "id": uuid7(),
            "offer_id": offer.id,
            "merchant_id": self.shop.id,
            "person_id": person_id,
            "quantity": 1,
            "points": offer.price_points,
            "price_fen": offer.price_fen,
            "code": "".join(self.dice.choice(_CODE) for _ in range(CODE_LENGTH)),
            "request_key": key,
            "request_fingerprint": request_of(key, offer_id=offer.id, quantity=1, helped=None).figures,
            "hold_id": uuid7(),
            "held_at": at,
            "expires_at": at + CODE_LASTS[offer.kind],
            "state": ends,
            **dict.fromkeys(("capture_id", "captured_at", "clerk_id", "release_id", "released_at")),
            **dict.fromkeys(("refund_id", "voided_at", "voider_id", "void_reason")),
        }
        return _Sale(row, offer, ends)

    def _held(self, sale: _Sale, at: datetime) -> Draft:
        row = sale.row
        return hold(
            wallet=person_wallet(str(row["person_id"])),
            points=row["points"],
            person=str(row["person_id"]),
            key=row["request_key"],
            fingerprint=row["request_fingerprint"],
            expires_at=row["expires_at"],
            told=self._told(f"兑换：{sale.offer.name}（{self.shop.name}）", f"person:{row['person_id']}", sale, at),
            entry_id=row["hold_id"],
        )

    def _ends(self, sale: _Sale, at: datetime) -> None:
        if sale.ends == "released":
            sale.row |= {"release_id": uuid7(), "released_at": at}
        else:
            sale.row |= {"capture_id": uuid7(), "captured_at": at, "clerk_id": self.clerk.id}
        if sale.ends == "captured":
            self.gone[sale.offer.id] += 1

    def _values(self, sale: _Sale) -> Iterator[dict[str, Any]]:
        for lot, points in self._by_fund(sale).items():
            rate, share = self.rates[lot].fen_per_100_points, self.shop.share_percent
            yield {
                "office_id": self.shop.office_id,
                "id": uuid7(),
                "redemption_id": sale.row["id"],
                "fund_id": UUID(lot),
                "points": points,
                "fen_per_100_points": rate,
                "share_percent": share,
                "fen": worth_in_fen(points, fen_per_100_points=rate, share_percent=share),
            }

    def _by_fund(self, sale: _Sale) -> dict[str, int]:
        found: dict[str, int] = {}
        for lot, points in holds.read_hold(the_book(), sale.row["hold_id"]).parts:
            found[lot.fund] = found.get(lot.fund, 0) + points
        return found

    def _resolved(self, sale: _Sale, at: datetime) -> Iterator[Draft]:
        hold_id, by_clerk = sale.row["hold_id"], f"person:{self.clerk.id}"
        if sale.ends == "released":
            told = self._told(f"已取消：{sale.offer.name}", f"person:{sale.row['person_id']}", sale, at)
            yield holds.release(the_book(), hold_id=hold_id, told=told, entry_id=sale.row["release_id"])
        else:
            told = self._told(f"已领取：{sale.offer.name}（{self.shop.name}）", by_clerk, sale, at)
            yield holds.capture(
                the_book(),
                hold_id=hold_id,
                merchant=str(self.shop.id),
                told=told,
                entry_id=sale.row["capture_id"],
            )

    def _refunded(self, sale: _Sale, at: datetime) -> Draft:
        told = self._told(f"退回：{sale.offer.name}", f"person:{self.clerk.id}", sale, at)
        return holds.refund(the_book(), capture_id=sale.row["capture_id"], told=told, entry_id=sale.row["refund_id"])

    def _told(self, reason: str, actor: str, sale: _Sale, at: datetime) -> Told:
        return Told(reason, actor, f"redemption:{sale.row['id']}", at)
