"""Who acts for whom, for the auditor: the strongest pairs first, names masked."""

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine

from backend.foundation.clock import now, shanghai_day
from tests.builders.phone import a_key


def sell(street, clerk, offer, token, quantity=1):
    form = {"card": token, "pin": "2468", "offer_id": str(offer.id), "quantity": quantity}
    answer = street.phone(clerk).post("/redemptions/capture", form, key=a_key())
    assert answer.status == 201, answer.body


def patterns(street, by=None, **query):
    return street.phone(by or street.auditor()).get("/office/helper-patterns", **query)


@pytest.fixture
def shop(street):
    return street.merchant("幸福面包房")


@pytest.fixture
def offer(street, shop):
    return street.offer(shop, price_points=10)


def test_one_clerk_behind_one_elder_comes_first(street, shop, offer):
    one, other = (street.earned(street.resident(name), 100) for name in ("冯秀珍", "何桂兰"))
    tokens = {one.id: street.card(one), other.id: street.card(other)}
    busy, quiet = street.clerk(shop), street.clerk(shop)
    for _ in range(3):
        sell(street, busy, offer, tokens[one.id], 2)
    sell(street, quiet, offer, tokens[one.id])
    sell(street, quiet, offer, tokens[other.id])

    found = patterns(street)["items"]

    assert [(pair["beneficiary"]["name"], pair["acts"], pair["points"], pair["share_percent"]) for pair in found] == [
        ("冯*珍", 3, 60, 75),
        *sorted(
            [("冯*珍", 1, 10, 25), ("何*兰", 1, 10, 100)], key=lambda pair: pair[0] != found[1]["beneficiary"]["name"]
        ),
    ]
    assert found[0]["helper"] == {"id": str(busy.id), "name": "店*"}
    assert found[0]["shop"] == {"id": str(shop.id), "name": "幸福面包房", "points": 60}


def test_looking_is_no_act_and_what_spends_nothing_has_no_shop(street):
    worker, elder, activity = street.worker(), street.resident("冯秀珍"), street.activity()
    headers = {"X-On-Behalf-Of": str(elder.id), "X-Channel": "desk", "X-Reason": quote("没有手机")}
    street.phone(worker).send("GET", "/me/wallet", headers=headers)
    street.phone(worker).post(f"/activities/{activity.id}/sign-ups", headers=headers)

    (pair,) = patterns(street)["items"]

    assert (pair["acts"], pair["points"], pair["shop"]) == (1, 0, None)


def test_days_are_shanghais_and_both_are_included(street, shop, offer):
    elder = street.earned(street.resident(), 100)
    token, clerk, auditor = street.card(elder), street.clerk(shop), street.auditor()
    sell(street, clerk, offer, token)
    today = shanghai_day(now())
    yesterday = (today - timedelta(days=1)).isoformat()

    def listed(**query):
        return len(patterns(street, auditor, **query)["items"])

    assert listed(**{"from": today.isoformat(), "until": today.isoformat()}) == 1
    assert listed(until=yesterday) == 0
    with time_machine.travel(now() + timedelta(days=31), tick=True):
        assert listed() == 0
        assert listed(**{"from": today.isoformat()}) == 1


def test_nobody_else_sees_them(street):
    assert patterns(street, street.worker()).status == 403
    assert patterns(street, street.officer()).status == 200
