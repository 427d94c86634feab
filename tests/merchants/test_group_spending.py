"""A group spends at merchants: a leader redeems, the group's wallet pays, two leaders above a limit."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.groups.models import Group
from backend.merchants.group_models import GroupSpending
from backend.people.models import Person
from backend.people.scopes import over_group, over_merchant
from tests.builders.lively import rich
from tests.builders.phone import a_key
from tests.builders.races import at_once, codes, statuses


@pytest.fixture
def group(street):
    return rich(street, street.group(name="晨光合唱队"), 240)


@pytest.fixture
def leader(street, group):
    return street.phone_of(group.founder_id)


@pytest.fixture
def deputy(street, group):
    return street.phone(street.gives(street.resident("副队长"), "deputy", over_group(group.id, group.name)))


@pytest.fixture
def shop(street):
    return street.merchant()


@pytest.fixture
def cake(street, shop):
    return street.offer(shop, price_points=60)


def redeems(phone, offer, group, quantity=1, *, key=None):
    body = {"offer_id": str(offer.id), "quantity": quantity, "wallet": f"group:{group.id}"}
    return phone.post("/redemptions", body, key=key or a_key())


def asks(phone, offer, group, quantity=2):
    body = {"offer_id": str(offer.id), "quantity": quantity}
    return phone.post(f"/groups/{group.id}/spendings", body, key=a_key())


def confirms(phone, group, asked, decision="confirmed"):
    return phone.put(f"/groups/{group.id}/spendings/{asked['id']}", {"decision": decision})


def there(phone, group):
    points = phone.get(f"/groups/{group.id}/wallet")["points"]
    return points["available"], points["held"]


def test_a_leader_redeems_for_the_group_and_the_points_come_back_to_it(street, group, leader, shop, cake):
    clerk, key = street.phone(street.clerk(shop)), a_key()

    held = redeems(leader, cake, group, key=key)
    assert (held.status, held["wallet"], held["points"]) == (201, f"group:{group.id}", 60)
    assert redeems(leader, cake, group, key=key)["id"] == held["id"]
    assert (there(leader, group), leader.get("/me/wallet")["points"]["available"]) == ((180, 60), 0)
    cancelled = redeems(leader, cake, group)
    assert leader.delete(f"/redemptions/{cancelled['id']}").status == 200
    assert there(leader, group) == (180, 60)
    assert clerk.post("/redemptions/capture", {"code": held["code"]}).status == 200
    assert there(leader, group) == (180, 0)
    assert clerk.post(f"/redemptions/{held['id']}/void", {}).status == 200

    assert there(leader, group) == (240, 0)
    assert street.findings() == set()


def test_above_the_limit_it_is_confirmed_first_and_good_once(street, group, leader, deputy, cake):
    refused = redeems(leader, cake, group, 2)
    assert (refused.code, refused["facts"]) == ("second_leader_first", {"limit": 100, "points": 120})
    asked = asks(leader, cake, group)
    assert (asked.status, asked["state"], asked["points"]) == (201, "waiting", 120)
    assert redeems(leader, cake, group, 2).code == "second_leader_first"
    assert deputy.get(f"/groups/{group.id}/spendings", state="waiting")["items"] == [asked.body]
    assert confirms(leader, group, asked).code == "second_leader_needed"

    assert confirms(deputy, group, asked)["state"] == "confirmed"

    assert redeems(deputy, cake, group, 2).code == "second_leader_first", "the first one asked"
    assert redeems(leader, cake, group, 3).code == "second_leader_first", "for two"
    assert redeems(leader, cake, group, 2).status == 201
    assert there(leader, group) == (120, 120)
    assert redeems(leader, cake, group, 2).code == "second_leader_first"
    assert leader.get(f"/groups/{group.id}/spendings")["items"][0]["state"] == "used"
    assert confirms(deputy, group, asked, "declined").code == "leader_request_decided"
    assert street.findings() == set()


def test_what_was_not_used_in_a_week_is_over(street, group, leader, deputy, cake):
    late, asked = asks(leader, cake, group), asks(leader, cake, group)
    confirms(deputy, group, asked)

    with time_machine.travel(now() + timedelta(days=7, minutes=1), tick=True):
        assert confirms(deputy, group, late).code == "leader_request_expired"
        assert redeems(leader, cake, group, 2).code == "second_leader_first"
        assert len(leader.get(f"/groups/{group.id}/spendings", state="expired")["items"]) == 2


def test_one_confirmation_pays_once_however_many_phones_use_it(street, group, leader, deputy, cake):
    asked = asks(leader, cake, group)
    both = at_once(*[lambda: confirms(deputy, group, asked) for _ in range(2)])
    assert statuses(both) == {200: 2}

    answers = at_once(*[lambda: redeems(leader, cake, group, 2) for _ in range(6)])

    assert (statuses(answers), codes(answers)) == ({201: 1, 409: 5}, {"second_leader_first": 5})
    assert street.findings() == set()


def test_nobody_spends_the_groups_points_in_a_shop_of_their_own(street, group, leader, deputy, shop, cake):
    baker = street.gives(street.resident("店员"), "deputy", over_group(group.id, group.name))
    street.gives(baker, "clerk", over_merchant(shop.id, shop.name))
    asked, held = asks(leader, cake, group), redeems(leader, cake, group)

    assert redeems(street.phone(baker), cake, group).code == "own_shop"
    assert asks(street.phone(baker), cake, group).code == "own_shop"
    assert confirms(street.phone(baker), group, asked).code == "own_shop"
    served = street.phone(baker).post("/redemptions/capture", {"code": held["code"]})
    assert served.code == "own_household", "whoever leads the group does not serve it"
    assert redeems(street.phone(baker), street.offer(price_points=5), group).status == 201


def test_only_those_who_lead_the_group_spend_and_only_while_it_is_open(street, group, leader, cake):
    member = street.member(group, street.resident())
    assert redeems(street.phone(member), cake, group).status == 403
    worker = street.phone(street.worker())
    assert redeems(worker, cake, group).status == 403
    street.does(lambda: session().execute(update(Group).where(Group.id == group.id).values(stage="suspended")))

    assert redeems(leader, cake, group).code == "group_closed"
    assert asks(leader, cake, group).code == "group_closed"


def test_nobody_spends_the_groups_points_on_behalf_of_its_leader(street, group, leader, cake):
    worker = street.phone(street.worker())
    acting = {"X-On-Behalf-Of": str(group.founder_id), "X-Channel": "desk", "X-Reason": "x", "Idempotency-Key": a_key()}
    body = {"offer_id": str(cake.id), "wallet": f"group:{group.id}"}

    assert worker.post("/redemptions", body, headers=acting).code == "acting_for_others_unavailable"


def test_what_a_group_buys_does_not_count_for_whoever_fetches_it(street, group, leader, shop):
    rare = street.offer(shop, price_points=10, per_person=1)
    with street.inside():
        me = find(Person, group.founder_id)
    street.earned(me, 30)

    assert redeems(leader, rare, group).status == 201
    assert redeems(leader, rare, group).code == "limit_reached"
    assert leader.get("/offers", merchant_id=str(shop.id))["items"][0]["left_for_me"] == 1
    assert leader.post("/redemptions", {"offer_id": str(rare.id)}, key=a_key()).status == 201


def test_a_wallet_that_is_none_is_refused(street, cake):
    phone = street.phone(street.resident())
    for wallet in ("group", "group:", "group:1", "OWN", "group:" + "z" * 36):
        refused = phone.post("/redemptions", {"offer_id": str(cake.id), "wallet": wallet}, key=a_key())
        assert (refused.status, set(refused["errors"])) == (422, {"wallet"})


def test_a_spending_that_says_something_else_is_found_by_verify(street, group, leader, deputy, cake):
    confirms(deputy, group, asks(leader, cake, group))
    redeems(leader, cake, group, 2)
    assert street.rows(select(GroupSpending.state)) == ["used"]
    street.does(lambda: session().execute(update(GroupSpending).values(points=5)))

    assert street.findings() == {"business_fits_itself"}
