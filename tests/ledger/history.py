"""A street on which everything has happened that can happen now, through the deeds and routes that serve people."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from backend.activities import check_ins
from backend.activities.check_ins import Seen
from backend.activities.models import CheckIn
from backend.activities.models import Session as Sitting
from backend.activities.publishing import settle
from backend.foundation.clock import as_of, now
from backend.foundation.db import find, session
from backend.ledger.accounts import Account
from backend.people.models import Person
from tests.builders.lively import rich
from tests.builders.phone import Answer, a_key
from tests.builders.street import Street


@dataclass(frozen=True)
class History:
    """Who took part. Wang and Li came to the activity; Wang has an open, a captured, a voided and a released
    redemption, and gave 3 points away. Mei had two accounts and has one.
    A group was awarded fifty points, thanked a member and spends."""

    street: Street
    fund: UUID
    other_fund: UUID
    activity: UUID
    wang: UUID
    li: UUID
    merchant: UUID
    other_merchant: UUID

    @property
    def book(self) -> int:
        return self.street.office_id

    def account(self, account: Account) -> UUID:
        return account.id_in(self.book)

    @classmethod
    def lived_in(cls, app: Flask) -> "History":
        street = Street.opened_in(app)
        fund, other_fund = street.fund(5000), street.fund(700)
        leader, wang, li = street.resident("赵队长"), street.resident("王小英"), street.resident("李大爷")
        merchant, other_merchant = street.merchant(), street.merchant()
        start = now() - timedelta(hours=2)
        activity = street.activity(
            leader=leader, fund=fund, kind="service", points_fixed=40, budget_points=400, starts_at=start, hours=3
        )
        settled = street.activity(leader=leader, fund=other_fund, points_fixed=5, budget_points=50)
        with street.inside():
            sitting = session().scalars(select(Sitting).where(Sitting.activity_id == activity.id)).one()
        recorder = street.caller(street.worker())
        for name in (wang, li):

            def comes(person_id: UUID = name.id) -> None:
                check_ins.arrive(sitting, Seen(find(Person, person_id), "scan"), recorder=recorder)

            def goes(person_id: UUID = name.id) -> None:
                check_ins.leave(sitting, Seen(find(Person, person_id), "scan"), recorder=recorder)

            with as_of(start + timedelta(minutes=10)):
                street.does(comes)
            street.does(goes)
        street.does(settle, settled, by=recorder)
        _redeemed(street, wang, merchant)
        _a_shop_is_paid(street)
        _two_accounts_become_one(street)
        _somebody_leaves_points(street)
        _a_group_thanks_and_spends(street)
        _a_check_in_is_undone(street)
        return cls(street, fund.id, other_fund.id, activity.id, wang.id, li.id, merchant.id, other_merchant.id)


def _redeemed(street: Street, person: Person, merchant: object) -> None:
    offer = street.offer(merchant, price_points=10)  # type: ignore[arg-type]
    me, clerk = street.phone(person), street.phone(street.clerk(merchant))  # type: ignore[arg-type]

    def held() -> Answer:
        return _fine(me.post("/redemptions", {"offer_id": str(offer.id)}, key=a_key()))

    captured, voided, released = held(), held(), held()
    held()
    for one in (captured, voided):
        _fine(clerk.post("/redemptions/capture", {"code": one["code"]}))
    _fine(clerk.post(f"/redemptions/{voided['id']}/void", {}))
    _fine(me.delete(f"/redemptions/{released['id']}"))
    _fine(me.post("/me/gifts", {"to": "charity_pool", "points": 3}, key=a_key()))


def _a_shop_is_paid(street: Street) -> None:
    """The barber sold twice, voided once, was paid for the rest; then he voids that, too, and owes it."""
    barber = street.merchant("老街理发店")
    offer, officer = street.offer(barber, price_points=20), street.phone(street.officer())
    customer = street.phone(street.earned(street.resident("周爷爷"), 40))
    owner = street.phone(street.clerk(barber, role="owner"))

    def sold() -> str:
        held = _fine(customer.post("/redemptions", {"offer_id": str(offer.id)}, key=a_key()))
        return str(_fine(owner.post("/redemptions/capture", {"code": held["code"]}))["id"])

    def closed() -> Answer:
        return _fine(officer.post("/statements/close", {"merchant_id": str(barber.id), "until": now().isoformat()}))

    kept, taken_back = sold(), sold()
    _fine(owner.post(f"/redemptions/{taken_back}/void", {}))
    statement = closed()
    _fine(owner.put(f"/statements/{statement['id']}", {"decision": "confirmed"}))
    numbers = {"invoice_number": "FP-1", "voucher_number": "PZ-1"}
    _fine(officer.put(f"/statements/{statement['id']}", {"decision": "paid"} | numbers))
    _fine(owner.post(f"/redemptions/{kept}/void", {}))
    closed()


def _two_accounts_become_one(street: Street) -> None:
    """Mei has points and minutes under an account of before, and gets another one to keep."""
    before, now_on = street.resident("梅兰"), street.person("梅兰", verified="none")
    street.earned(before, 7)
    street.served(before, 45)
    street.merged(before, now_on)


def _somebody_leaves_points(street: Street) -> None:
    """Lan dies, and her nine points go to the pot of her household."""
    lan = street.resident("兰兰")
    street.earned(lan, 9)
    street.gone(lan)


def _a_group_thanks_and_spends(street: Street) -> None:
    """The choir was lively last month: it thanks a member with seven of its points and buys cake for ten."""
    group = rich(street, street.group(name="晨光合唱队"), 50)
    leader, singer = street.phone_of(group.founder_id), street.member(group, street.resident("歌手"))
    _fine(leader.post(f"/groups/{group.id}/thanks", {"person_id": str(singer.id), "points": 7}, key=a_key()))
    cake = {"offer_id": str(street.offer(price_points=10).id), "wallet": f"group:{group.id}"}
    _fine(leader.post("/redemptions", cake, key=a_key()))


def _a_check_in_is_undone(street: Street) -> None:
    """Bai was ticked by mistake, had given two of the six points away, and owes them."""
    bai = street.resident("白云")
    street.earned(bai, 6)
    _fine(street.phone(bai).post("/me/gifts", {"to": "charity_pool", "points": 2}, key=a_key()))
    came = street.rows(select(CheckIn.id).where(CheckIn.person_id == bai.id))[0]
    _fine(street.phone(street.officer()).post(f"/check-ins/{came}/undo", {"reason": "不是本人"}))


def _fine(answer: Answer) -> Answer:
    assert answer.status in (200, 201), answer.body
    return answer
