"""Caps of a shop: per person and for everybody, by day and month; released and voided points count no more."""

import time_machine

from tests.builders.phone import a_key
from tests.builders.races import at_once, codes, statuses

NONE = dict.fromkeys(("person_a_day", "person_a_month", "shop_a_day", "shop_a_month"))


def capped(street, shop, **caps):
    answer = street.phone(street.officer()).put(f"/merchants/{shop.id}/caps", NONE | caps)
    assert answer.status == 200, answer.body


def redeem(street, person, offer, quantity=1):
    body = {"offer_id": str(offer.id), "quantity": quantity}
    return street.phone(person).post("/redemptions", body, key=a_key())


def test_a_person_has_so_much_a_day_and_a_month(street):
    shop = street.merchant()
    offer, person = street.offer(shop, price_points=10), street.earned(street.resident(), 200)
    capped(street, shop, person_a_day=20, person_a_month=30)

    with time_machine.travel("2026-12-01T02:00:00Z", tick=False):
        held = redeem(street, person, offer, 2)
        refused = redeem(street, person, offer)
        assert (refused.status, refused.code, refused["facts"]["left"]) == (409, "shop_cap_reached", 0)
        street.phone(person).delete(f"/redemptions/{held['id']}")
        assert redeem(street, person, offer, 2).status == 201
    with time_machine.travel("2026-12-02T02:00:00Z", tick=False):
        refused = redeem(street, person, offer, 2)
        assert ("每人每月" in refused["message"], refused["facts"]["left"]) == (True, 10)
        assert redeem(street, person, offer).status == 201
    with time_machine.travel("2027-01-01T02:00:00Z", tick=False):
        assert redeem(street, person, offer, 2).status == 201
    assert street.wallet(person).available >= 0


def test_twenty_at_once_keep_to_the_cap_of_the_shop(street):
    shop = street.merchant()
    offer = street.offer(shop, price_points=10)
    people = [street.earned(street.resident(), 10) for _ in range(20)]
    capped(street, shop, shop_a_day=70)

    answers = at_once(*[lambda person=person: redeem(street, person, offer) for person in people])

    assert (statuses(answers), codes(answers)) == ({201: 7, 409: 13}, {"shop_cap_reached": 13})
    assert street.findings() == set()


def test_another_shop_is_not_concerned(street):
    shop, other = street.merchant(), street.merchant()
    person = street.earned(street.resident(), 100)
    capped(street, shop, person_a_day=5)

    assert redeem(street, person, street.offer(shop, price_points=10)).code == "shop_cap_reached"
    assert redeem(street, person, street.offer(other, price_points=10)).status == 201
