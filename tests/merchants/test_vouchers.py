"""A shop without a network takes a signed voucher over points that are on hold, and uploads it later: once."""

import base64
import json
from datetime import timedelta

import jwt
import pytest
import time_machine

from backend.foundation.clock import now
from backend.merchants import undoing
from tests.builders.phone import Phone, a_key
from tests.builders.races import at_once


@pytest.fixture
def shop(street):
    return street.merchant("幸福面包房")


@pytest.fixture
def offer(street, shop):
    return street.offer(shop, price_points=10, stock=100)


@pytest.fixture
def clerk(street, shop):
    return street.clerk(shop)


@pytest.fixture
def resident(street):
    return street.earned(street.resident("王小英"), 100)


def pulls(street, person, offer, key=None, **more):
    body = {"offer_id": str(offer.id), "offline": True} | more
    return street.phone(person).post("/redemptions", body, key=key or a_key())


def uploads(street, by, *vouchers, at=None):
    items = [{"voucher": voucher, "scanned_at": (at or now()).isoformat()} for voucher in vouchers]
    answer = street.phone(by).post("/redemptions/vouchers", {"items": items})
    assert answer.status == 200, answer.body
    return [(one["result"], one["code"]) for one in answer["items"]]


def test_a_shop_checks_the_voucher_by_our_public_key_and_captures_it_later(street, shop, offer, clerk, resident):
    held = pulls(street, resident, offer, quantity=2)
    [key] = [
        key
        for key in Phone(street.app).get("/keys")["keys"]
        if key["kid"] == jwt.get_unverified_header(held["voucher"])["kid"]
    ]

    seen = jwt.decode(held["voucher"], jwt.PyJWK(key).key, algorithms=["EdDSA"])

    assert (held.status, street.wallet(resident).held) == (201, 20)
    assert (seen["merchant_id"], seen["offer"], seen["quantity"], seen["points"]) == (str(shop.id), "馒头一袋", 2, 20)
    assert jwt.get_unverified_header(held["voucher"])["typ"] == "voucher"
    scanned = now()
    with time_machine.travel(now() + timedelta(hours=40), tick=False):
        assert uploads(street, clerk, held["voucher"], at=scanned) == [("captured", None)]
        assert uploads(street, clerk, held["voucher"], at=scanned) == [("replayed", None)]
        assert uploads(street, street.clerk(shop), held["voucher"], at=scanned) == [("refused", "already_captured")]
    assert (street.wallet(resident).available, street.wallet(resident).held) == (80, 0)
    assert street.findings() == set()


def test_ten_phones_upload_one_voucher_once(street, shop, offer, clerk, resident):
    voucher = pulls(street, resident, offer)["voucher"]

    answers = at_once(*[lambda: uploads(street, clerk, voucher)] * 10)

    assert sorted(answer[0][0] for answer in answers) == ["captured"] + ["replayed"] * 9
    assert (street.wallet(resident).available, street.findings()) == (90, set())


def test_what_is_out_as_a_voucher_is_not_cancelled_and_comes_back_by_itself(street, offer, clerk, resident):
    held = pulls(street, resident, offer)

    refused = street.phone(resident).delete(f"/redemptions/{held['id']}")

    assert (refused.status, refused.code) == (409, "voucher_out")
    with time_machine.travel(now() + timedelta(hours=48, seconds=1), tick=False):
        with street.inside():
            [late] = undoing.timed_out(10)
        street.does(undoing.expire, late)
        assert uploads(street, clerk, held["voucher"], at=now() - timedelta(hours=47)) == [("refused", "hold_expired")]
    assert (street.wallet(resident).available, street.findings()) == (100, set())


def test_scanned_after_its_time_it_is_worth_nothing(street, offer, clerk, resident):
    held = pulls(street, resident, offer)

    late = now() + timedelta(hours=12, minutes=6)
    assert uploads(street, clerk, held["voucher"], at=late) == [("refused", "voucher_expired")]
    assert uploads(street, clerk, held["voucher"]) == [("captured", None)]


def test_foreign_edited_and_unsigned_vouchers_are_refused_by_name(street, shop, offer, clerk, resident):
    voucher = pulls(street, resident, offer)["voucher"]
    head, body, signature = voucher.split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "=="))
    richer = base64.urlsafe_b64encode(json.dumps(said | {"quantity": 99}).encode()).decode().rstrip("=")
    unsigned = jwt.encode(said, None, algorithm="none")
    pack = jwt.encode(said, "x" * 32, algorithm="HS256", headers={"kid": jwt.get_unverified_header(voucher)["kid"]})
    elsewhere = street.clerk(street.merchant("老街理发店"))

    forged = uploads(street, clerk, f"{head}.{richer}.{signature}", unsigned, pack, "nonsense", head)

    assert forged == [("refused", "voucher_invalid")] * 5
    assert uploads(street, elsewhere, voucher) == [("refused", "voucher_other_shop")]
    assert street.wallet(resident).held == 10


def test_nobody_takes_the_voucher_of_their_household(street, shop, offer, clerk, resident):
    home = street.household()
    for person in (clerk, resident):
        street.moves(person, home)

    assert uploads(street, clerk, pulls(street, resident, offer)["voucher"]) == [("refused", "own_household")]


def test_a_key_for_a_voucher_is_no_key_for_a_code(street, offer, resident):
    key = a_key()
    assert pulls(street, resident, offer, key=key).status == 201

    again, other = pulls(street, resident, offer, key=key), pulls(street, resident, offer, key=key, offline=False)

    assert (again.status, other.code) == (200, "key_reused")
    assert pulls(street, resident, offer, offline=False).body.get("voucher") is None
