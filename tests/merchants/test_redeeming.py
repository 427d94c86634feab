"""Points go on hold for a code, as far as points, stock and limits reach; once per key; free again when not fetched."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select, update

from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.funds.models import Fund
from backend.merchants import undoing
from backend.merchants.models import Merchant, Offer, Redemption, RedemptionValue
from backend.merchants.settlement_rules import worth_in_fen
from tests.builders.phone import a_key
from tests.builders.races import at_once, codes, deadlocks_counted, statuses


@pytest.fixture
def shop(street):
    return street.merchant("幸福面包房")


@pytest.fixture
def offer(street, shop):
    return street.offer(shop, price_points=10, stock=100)


@pytest.fixture
def resident(street):
    return street.earned(street.resident(), 100)


def redeem(street, person, offer, quantity=1, key=None, **more):
    body = {"offer_id": str(offer.id), "quantity": quantity} | more
    return street.phone(person).post("/redemptions", body, key=key or a_key())


def stock(street, offer):
    (left,) = street.rows(select(Offer.stock).where(Offer.id == offer.id))
    return left


def wallet(street, person):
    found = street.wallet(person)
    return found.available, found.held


# offers


def test_offers_are_listed_cheapest_first_with_what_is_left_for_me(street, shop, resident):
    street.offer(shop, price_points=30, name="蛋糕", per_person=2, stock=5)
    street.offer(shop, price_points=5, price_fen=250, name="馒头", kind="reserved")
    cake = street.rows(select(Offer).where(Offer.name == "蛋糕"))[0]
    redeem(street, resident, cake)

    shown = street.phone(resident).get("/offers")["items"]

    assert [(one["name"], one["price_points"], one["price_fen"], one["kind"]) for one in shown] == [
        ("馒头", 5, 250, "reserved"),
        ("蛋糕", 30, 0, "counter"),
    ]
    assert [(one["stock"], one["per_person"], one["left_for_me"]) for one in shown] == [(1000, None, None), (4, 2, 1)]
    assert shown[0]["merchant"] == {"id": str(shop.id), "name": "幸福面包房"}
    assert street.phone(street.resident()).get("/offers")["items"][1]["left_for_me"] == 2


def test_offers_are_found_by_words_shop_and_kind(street, shop):
    street.offer(shop, name="全麦面包")
    other = street.merchant("老街理发店")
    street.offer(other, name="剪发一次", kind="reserved", price_points=50)
    phone = street.phone(street.resident())

    def names(path="/offers", **asked):
        return [one["name"] for one in phone.get(path, **asked)["items"]]

    assert names(q="qmmb") == names(q="全麦") == names(kind="counter") == ["全麦面包"]
    assert names(merchant_id=str(other.id)) == names(q="ljlfd") == ["剪发一次"]
    assert names("/merchants", q="lifa") == ["老街理发店"]
    assert names("/merchants") == ["幸福面包房", "老街理发店"]


def test_what_is_not_offered_any_more_is_neither_listed_nor_redeemed(street, shop, offer, resident):
    street.does(lambda: setattr(find(Offer, offer.id), "state", "withdrawn"))
    assert street.phone(resident).get("/offers")["items"] == []
    assert redeem(street, resident, offer).code == "offer_closed"

    street.does(lambda: setattr(find(Offer, offer.id), "state", "live"))
    street.does(lambda: setattr(find(Merchant, shop.id), "state", "suspended"))
    assert street.phone(resident).get("/offers")["items"] == street.phone(resident).get("/merchants")["items"] == []
    refused = redeem(street, resident, offer)
    assert (refused.status, refused.code) == (409, "offer_closed")
    assert wallet(street, resident) == (100, 0)


# holding


def test_redeeming_holds_exactly_the_price(street, offer, resident):
    with time_machine.travel(now(), tick=False):
        held = redeem(street, resident, offer, 3)

        assert (held.status, held["state"], held["points"], held["quantity"], held["wallet"]) == (
            201,
            "held",
            30,
            3,
            "own",
        )
        assert held["expires_at"] == (now() + timedelta(minutes=15)).isoformat().replace("+00:00", "Z")
    assert len(held["code"]) == 10
    assert (held["captured_at"], held["voided_at"]) == (None, None)
    assert held["offer"]["name"] == "馒头一袋"
    assert (wallet(street, resident), stock(street, offer)) == ((70, 30), 97)
    assert street.phone(resident).get(f"/redemptions/{held['id']}").body == held.body


def test_a_reserved_item_is_kept_for_days(street, shop, resident):
    held = redeem(street, resident, street.offer(shop, kind="reserved"))

    lasts = datetime.fromisoformat(held["expires_at"]) - datetime.fromisoformat(held["held_at"])
    assert lasts == timedelta(days=3)


def test_the_part_in_money_is_said_and_paid_at_the_till(street, shop, resident):
    held = redeem(street, resident, street.offer(shop, price_points=5, price_fen=120), 3)

    assert (held["points"], held["price_fen"]) == (15, 360)


def test_without_enough_points_nothing_moves(street, offer, resident):
    refused = redeem(street, resident, offer, 11)

    assert (refused.status, refused.code) == (409, "insufficient_points")
    assert refused["facts"] == {"required": 110, "available": 100}
    assert (wallet(street, resident), stock(street, offer)) == ((100, 0), 100)
    assert street.rows(select(Redemption)) == street.rows(select(RedemptionValue)) == []


def test_points_on_hold_are_not_there_twice(street, offer, resident):
    redeem(street, resident, offer, 6)

    refused = redeem(street, resident, offer, 5)

    assert refused["facts"] == {"required": 50, "available": 40}


def test_without_enough_stock_nothing_moves(street, shop, resident):
    offer = street.offer(shop, price_points=1, stock=2)

    refused = redeem(street, resident, offer, 3)

    assert (refused.status, refused.code, refused["facts"]) == (409, "sold_out", {"left": 2})
    assert (wallet(street, resident), stock(street, offer)) == ((100, 0), 2)


def test_nobody_has_more_than_the_limit_held_and_fetched_together(street, shop, resident):
    offer = street.offer(shop, price_points=1, per_person=3)
    clerk = street.phone(street.clerk(shop))
    clerk.post("/redemptions/capture", {"code": redeem(street, resident, offer)["code"]})
    held = redeem(street, resident, offer)

    refused = redeem(street, resident, offer, 2)

    facts = {"per_person": 3, "left": 1, "period": "累计"}
    assert (refused.status, refused.code, refused["facts"]) == (409, "limit_reached", facts)
    assert stock(street, offer) == 998
    street.phone(resident).delete(f"/redemptions/{held['id']}")
    assert redeem(street, resident, offer, 2).status == 201


@pytest.mark.parametrize("verified", ["phone", "resident"])
def test_a_phone_number_is_enough_to_spend(street, offer, verified):
    person = street.earned(street.person(verified=verified), 10)

    assert redeem(street, person, offer).status == 201


def test_without_a_verified_phone_nobody_spends(street, offer):
    person = street.earned(street.person(verified="none"), 10)

    refused = redeem(street, person, offer)

    assert (refused.status, refused.code) == (403, "phone_needed")
    assert wallet(street, person) == (10, 0)


@pytest.mark.parametrize("age_class", ["14-17", "under_14"])
def test_a_minor_does_not_redeem_alone(street, offer, age_class):
    minor = street.earned(street.person("小明", age_class=age_class), 10)

    refused = redeem(street, minor, offer)

    assert (refused.status, refused.code) == (403, "minor_cannot_spend")
    assert wallet(street, minor) == (10, 0)


@pytest.mark.parametrize(
    "body",
    [
        {"quantity": 0},
        {"quantity": 101},
        {"quantity": "1"},
        {"quantity": 1.0},
        {"wallet": "somebody"},
        {"points": 1},
        {"offer_id": "bread"},
        {"offer_id": None},
    ],
    ids=str,
)
def test_a_redemption_of_a_wrong_shape_is_422(street, offer, resident, body):
    refused = redeem(street, resident, offer, **body)

    assert (refused.status, set(refused["errors"])) == (422, set(body))


def test_an_unknown_offer_is_404(street, resident):
    assert street.phone(resident).post("/redemptions", {"offer_id": str(uuid4())}, key="k").status == 404


# once per key


def test_without_a_key_nothing_is_redeemed(street, offer, resident):
    refused = street.phone(resident).post("/redemptions", {"offer_id": str(offer.id)})

    assert (refused.status, refused.code) == (400, "idempotency_key_required")
    assert wallet(street, resident) == (100, 0)


def test_the_same_key_answers_the_same_redemption_as_it_is_now(street, shop, offer, resident):
    first = redeem(street, resident, offer, 2, key="mine")
    street.phone(street.clerk(shop)).post("/redemptions/capture", {"code": first["code"]})

    again = redeem(street, resident, offer, 2, key="mine")

    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert "Idempotency-Replayed" not in first.headers
    assert (again["id"], again["points"], again["state"]) == (first["id"], 20, "captured")
    assert wallet(street, resident) == (80, 0)


def test_the_same_key_for_something_else_is_refused(street, shop, offer, resident):
    redeem(street, resident, offer, 1, key="mine")

    for refused in (
        redeem(street, resident, offer, 2, key="mine"),
        redeem(street, resident, street.offer(shop, price_points=10), 1, key="mine"),
    ):
        assert (refused.status, refused.code) == (422, "key_reused")
    assert wallet(street, resident) == (90, 10)


def test_a_refused_wish_may_be_repeated_with_its_key(street, shop, resident):
    offer = street.offer(shop, price_points=200)
    assert redeem(street, resident, offer, key="mine").code == "insufficient_points"
    street.earned(resident, 100)

    assert redeem(street, resident, offer, key="mine").status == 201


def test_a_key_belongs_to_one_person(street, offer, resident):
    other = street.earned(street.resident(), 10)

    assert redeem(street, resident, offer, key="k").status == redeem(street, other, offer, key="k").status == 201


def test_thirty_taps_with_one_key_hold_once(street, offer, resident):
    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda: redeem(street, resident, offer, key="tap")] * 30)

    assert (statuses(answers), deadlocks) == ({201: 1, 200: 29}, [])
    assert len({answer["code"] for answer in answers}) == 1
    assert (wallet(street, resident), stock(street, offer)) == ((90, 10), 99)


# many at once


def test_fifty_at_once_on_points_for_ten_are_ten(street, offer, resident):
    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda: redeem(street, resident, offer)] * 50)

    assert (statuses(answers), deadlocks) == ({201: 10, 409: 40}, [])
    assert codes(answers) == {"insufficient_points": 40}
    assert all(answer["facts"] == {"required": 10, "available": 0} for answer in answers if answer.status == 409)
    assert (wallet(street, resident), stock(street, offer)) == ((0, 100), 90)


def test_fifty_at_once_at_different_shops_on_points_for_ten_are_ten(street, resident):
    offers = [street.offer(price_points=10) for _ in range(5)]

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda offer=offer: redeem(street, resident, offer) for offer in offers * 10])

    assert (statuses(answers), deadlocks) == ({201: 10, 409: 40}, [])
    assert wallet(street, resident) == (0, 100)


def test_thirty_people_at_once_on_a_stock_of_five_are_five(street, shop):
    offer = street.offer(shop, price_points=1, stock=5)
    people = street.earned_together([street.resident() for _ in range(30)], 2)

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda person=person: redeem(street, person, offer) for person in people])

    assert (statuses(answers), codes(answers), deadlocks) == ({201: 5, 409: 25}, {"sold_out": 25}, [])
    assert stock(street, offer) == 0
    assert sum(held for _, held in (wallet(street, person) for person in people)) == 5


def test_twenty_phones_of_one_person_do_not_get_past_the_limit(street, shop, resident):
    offer = street.offer(shop, price_points=1, per_person=3)

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda: redeem(street, resident, offer)] * 20)

    assert (statuses(answers), codes(answers), deadlocks) == ({201: 3, 409: 17}, {"limit_reached": 17}, [])
    assert wallet(street, resident) == (97, 3)


# cancelling, and time running out


def test_cancelling_frees_points_and_stock_at_once(street, offer, resident):
    held = redeem(street, resident, offer, 2)

    cancelled = street.phone(resident).delete(f"/redemptions/{held['id']}")

    assert (cancelled.status, cancelled["state"]) == (200, "released")
    assert street.phone(resident).delete(f"/redemptions/{held['id']}").status == 200
    assert (wallet(street, resident), stock(street, offer)) == ((100, 0), 100)


def test_twenty_cancellations_at_once_free_once(street, offer, resident):
    held = redeem(street, resident, offer, 2)

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda: street.phone(resident).delete(f"/redemptions/{held['id']}")] * 20)

    assert (statuses(answers), deadlocks) == ({200: 20}, [])
    assert (wallet(street, resident), stock(street, offer)) == ((100, 0), 100)


def test_what_was_fetched_is_not_cancelled(street, shop, offer, resident):
    held = redeem(street, resident, offer)
    street.phone(street.clerk(shop)).post("/redemptions/capture", {"code": held["code"]})

    refused = street.phone(resident).delete(f"/redemptions/{held['id']}")

    assert (refused.status, refused.code, refused["facts"]["state"]) == (409, "already_resolved", "captured")
    assert wallet(street, resident) == (90, 0)


def test_a_hold_whose_time_is_up_is_shown_as_expired_and_released_by_the_clock(street, offer, resident):
    with time_machine.travel(now(), tick=False) as clock:
        late, fresh = redeem(street, resident, offer, 2), None
        clock.shift(timedelta(minutes=14, seconds=59))
        fresh = redeem(street, resident, offer, 3)
        assert timed_out(street) == []
        assert street.does(undoing.expire, UUID(late["id"])) is False
        clock.shift(1)

        assert street.phone(resident).get(f"/redemptions/{late['id']}")["state"] == "expired"
        assert timed_out(street) == [UUID(late["id"])]
        assert wallet(street, resident) == (50, 50)
        expired = at_once(*[lambda: street.does(undoing.expire, UUID(late["id"]))] * 10)

        assert expired.count(True) == 1
        assert timed_out(street) == []
        assert (wallet(street, resident), stock(street, offer)) == ((70, 30), 97)
        assert street.phone(resident).get(f"/redemptions/{fresh['id']}")["state"] == "held"
        assert street.phone(resident).delete(f"/redemptions/{late['id']}").status == 200


def timed_out(street):
    with street.inside():
        return undoing.timed_out(1000)


def test_the_list_by_state_agrees_with_the_state_shown(street, offer, resident):
    with time_machine.travel(now(), tick=False) as clock:
        redeem(street, resident, offer)
        clock.shift(timedelta(minutes=15))
        redeem(street, resident, offer)

        for state in ("held", "expired"):
            listed = street.phone(resident).get("/redemptions", state=state)["items"]
            assert [one["state"] for one in listed] == [state]


def test_points_held_past_their_last_day_come_back_expired(street, offer):
    resident = street.resident()
    with time_machine.travel(datetime(2026, 12, 31, tzinfo=UTC), tick=True):
        street.earned(resident, 10)
    with time_machine.travel(datetime(2027, 12, 31, 15, 55, tzinfo=UTC), tick=False) as clock:
        held = redeem(street, resident, offer)
        clock.shift(timedelta(minutes=20))
        street.phone(resident).delete(f"/redemptions/{held['id']}")

        assert wallet(street, resident) == (0, 0)


def test_a_code_is_good_into_the_new_year_if_it_was_made_in_the_old(street, shop, offer):
    resident = street.resident()
    with time_machine.travel(datetime(2026, 12, 31, tzinfo=UTC), tick=True):
        street.earned(resident, 10)
    with time_machine.travel(datetime(2027, 12, 31, 15, 55, tzinfo=UTC), tick=False) as clock:
        held = redeem(street, resident, offer)
        clock.shift(timedelta(minutes=10))
        captured = street.phone(street.clerk(shop)).post("/redemptions/capture", {"code": held["code"]})

    assert (captured.status, captured["state"]) == (200, "captured")


# who sees a redemption


def test_the_code_is_for_its_owner_only(street, shop, offer):
    resident = street.earned(street.resident("王小英"), 10)
    held = redeem(street, resident, offer)
    clerk = street.phone(street.clerk(shop))

    for seen in (clerk.get(f"/redemptions/{held['id']}"), clerk.get(f"/redemptions/by-code/{held['code']}")):
        assert (seen.status, seen["customer"]) == (200, "王*英")
        assert held["code"] not in str(seen.body)
        assert "王小英" not in str(seen.body)
    assert "customer" not in street.phone(resident).get(f"/redemptions/{held['id']}").body
    assert street.phone(resident).get("/redemptions")["items"][0]["code"] == held["code"]


def test_somebody_elses_redemption_is_as_missing_as_none(street, offer, resident):
    held = redeem(street, resident, offer)
    stranger, elsewhere = street.resident(), street.clerk(street.merchant())

    for person in (stranger, elsewhere):
        phone = street.phone(person)
        for act in (phone.get, phone.delete):
            seen, missing = act(f"/redemptions/{held['id']}"), act(f"/redemptions/{uuid4()}")
            assert seen.status == missing.status == 404
            assert seen.body | {"request_id": ""} == missing.body | {"request_id": ""}
        assert phone.get("/redemptions")["items"] == []


def test_a_clerk_does_not_cancel_for_a_customer(street, shop, offer, resident):
    held = redeem(street, resident, offer)

    assert street.phone(street.clerk(shop)).delete(f"/redemptions/{held['id']}").status == 404
    assert wallet(street, resident) == (90, 10)


def test_my_redemptions_are_listed_newest_first(street, offer, resident):
    made = [redeem(street, resident, offer)["id"] for _ in range(3)]
    phone = street.phone(resident)

    first = phone.get("/redemptions", limit=2)
    rest = phone.get("/redemptions", cursor=first["next"])

    assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]


# what points are worth to the shop


@pytest.mark.parametrize(
    ("points", "rate", "share", "fen"),
    [(100, 33, 90, 30), (1, 50, 100, 1), (1, 49, 100, 0), (10, 5, 100, 1), (3, 33, 100, 1), (0, 50, 100, 0)],
)
def test_worth_is_rounded_half_up_to_a_fen_once(points, rate, share, fen):
    assert worth_in_fen(points, fen_per_100_points=rate, share_percent=share) == fen


def test_the_worth_is_fixed_per_fund_when_the_redemption_is_created(street):
    shop = street.merchant("九折店", share_percent=90)
    offer = street.offer(shop, price_points=150)
    first, second = street.fund(100, rate=33), street.fund(100, rate=50)
    resident = street.earned(street.earned(street.resident(), 100, fund=first), 100, fund=second)
    held = redeem(street, resident, offer)

    def raise_rates():
        session().execute(update(Fund).values(fen_per_100_points=1000))
        session().execute(update(Merchant).values(share_percent=100))

    street.does(raise_rates)
    street.phone(street.clerk(shop)).post("/redemptions/capture", {"code": held["code"]})

    values = street.rows(select(RedemptionValue).where(RedemptionValue.redemption_id == UUID(held["id"])))
    assert sum(value.points for value in values) == 150
    by_fund = {value.fund_id: value for value in values}
    fen = {100: {33: 30, 50: 45}, 50: {33: 15, 50: 23}}  # 29.7 and 45; 14.85 and 22.5
    for fund, rate in ((first, 33), (second, 50)):
        value = by_fund[fund.id]
        assert (value.fen_per_100_points, value.share_percent) == (rate, 90)
        assert value.fen == fen[value.points][rate]


def test_a_later_rate_counts_for_later_redemptions(street, shop, offer):
    fund = street.fund(100, rate=50)
    resident = street.earned(street.resident(), 100, fund=fund)
    redeem(street, resident, offer)
    street.does(lambda: session().execute(update(Fund).values(fen_per_100_points=70)))
    redeem(street, resident, offer)

    assert street.rows(select(RedemptionValue.fen).order_by(RedemptionValue.id)) == [5, 7]


def test_a_resident_never_sees_what_the_shop_is_paid(street, shop, resident):
    held = redeem(street, resident, street.offer(shop, price_points=10, price_fen=0))

    assert [name for name in held.body if "fen" in name] == ["price_fen"]
    assert held["price_fen"] == 0
    assert date.fromisoformat(held["held_at"][:10])


def test_another_offices_offer_redemption_and_code_are_as_missing_as_none(street, other_street, shop, offer, resident):
    held = redeem(street, resident, offer)
    stranger = other_street.earned(other_street.resident(), 100)
    clerk = other_street.phone(other_street.clerk(other_street.merchant()))
    phone = other_street.phone(stranger)

    for foreign, missing in (
        (redeem(other_street, stranger, offer), phone.post("/redemptions", {"offer_id": str(uuid4())}, key="k")),
        (phone.get(f"/redemptions/{held['id']}"), phone.get(f"/redemptions/{uuid4()}")),
        (clerk.get(f"/redemptions/by-code/{held['code']}"), clerk.get("/redemptions/by-code/AAAAAAAAAA")),
        (
            clerk.post("/redemptions/capture", {"code": held["code"]}),
            clerk.post("/redemptions/capture", {"code": "AAAAAAAAAA"}),
        ),
        (clerk.post(f"/redemptions/{held['id']}/void"), clerk.post(f"/redemptions/{uuid4()}/void")),
    ):
        assert foreign.status == missing.status == 404
        assert foreign.body | {"request_id": ""} == missing.body | {"request_id": ""}
    assert phone.get("/offers")["items"] == []
    assert [one["id"] for one in phone.get("/merchants")["items"]] != [str(shop.id)]
