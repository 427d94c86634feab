"""At the counter: goods leave once; what went wrong is taken back the same way it came."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select

from backend.foundation.clock import now
from backend.ledger.accounts import merchant_account
from backend.merchants import undoing
from backend.merchants.models import Offer, Redemption
from backend.people.scopes import over_merchant
from tests.builders.races import at_once, codes, deadlocks_counted, statuses


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
def owner(street, shop):
    return street.clerk(shop, role="owner")


@pytest.fixture
def resident(street):
    return street.earned(street.resident("王小英"), 100)


def capture(street, by, held, **more):
    return street.phone(by).post("/redemptions/capture", {"code": held["code"]} | more)


def void(street, by, held, **more):
    return street.phone(by).post(f"/redemptions/{held['id']}/void", more)


def look_up(street, by, code):
    return street.phone(by).get(f"/redemptions/by-code/{code}")


def stock(street, offer):
    return street.rows(select(Offer.stock).where(Offer.id == offer.id))[0]


def wallet(street, person):
    found = street.wallet(person)
    return found.available, found.held


# looking up


def test_a_clerk_sees_what_to_hand_over_before_capturing(street, offer, clerk, resident):
    held = street.held(resident, offer, 2)

    seen = look_up(street, clerk, held["code"])

    assert (seen.status, seen["state"], seen["quantity"], seen["customer"]) == (200, "held", 2, "王*英")
    assert (seen["offer"]["name"], seen["price_fen"]) == ("馒头一袋", 0)
    assert wallet(street, resident) == (80, 20)


def test_a_code_read_out_in_small_letters_is_understood(street, offer, clerk, resident):
    held = street.held(resident, offer)

    assert look_up(street, clerk, held["code"].lower())["id"] == held["id"]
    assert capture(street, clerk, {"code": f" {held['code'].lower()} "}).status == 200


@pytest.mark.parametrize("code", ["AAAAAAAAAA", "码码码码码码", "%25%25%25%25%25%25", "a'--;drop"])
def test_a_code_that_is_none_is_404(street, clerk, code):
    assert look_up(street, clerk, code).status == 404
    assert street.phone(clerk).post("/redemptions/capture", {"code": code}).status == 404


def test_another_shops_code_does_not_exist(street, offer, resident):
    held, elsewhere = street.held(resident, offer), street.clerk(street.merchant())

    for refused in (
        look_up(street, elsewhere, held["code"]),
        capture(street, elsewhere, held),
        void(street, elsewhere, held),
    ):
        assert (refused.status, refused.code) == (404, "not_found")
    assert wallet(street, resident) == (90, 10)


def test_who_serves_in_no_shop_looks_nothing_up(street, offer, resident):
    held = street.held(resident, offer)

    assert look_up(street, resident, held["code"]).status == 403
    assert capture(street, street.officer(), held).status == 403


# capturing


def test_a_capture_hands_the_points_to_the_shop(street, shop, offer, clerk, resident):
    held = street.held(resident, offer, 2)
    with time_machine.travel(now(), tick=False):
        captured = capture(street, clerk, held)

        assert (captured.status, captured["state"]) == (200, "captured")
        assert captured["captured_at"] == now().isoformat().replace("+00:00", "Z")
    assert "Idempotency-Replayed" not in captured.headers
    assert (wallet(street, resident), stock(street, offer)) == ((80, 0), 98)
    assert not merchant_account(str(shop.id)).is_bounded
    assert street.phone(resident).get(f"/redemptions/{held['id']}")["state"] == "captured"


def test_the_same_clerk_asking_again_is_told_it_is_done_and_when(street, offer, clerk, resident):
    held = street.held(resident, offer)
    first = capture(street, clerk, held)
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        again = capture(street, clerk, held)

    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again["captured_at"] == first["captured_at"]
    assert wallet(street, resident) == (90, 0)


def test_another_clerk_is_refused_with_the_time(street, shop, offer, clerk, resident):
    held = street.held(resident, offer)
    with time_machine.travel("2026-11-23T02:02:00Z", tick=False):
        held = street.held(resident, offer)
        first = capture(street, clerk, held)

    refused = capture(street, street.clerk(shop), held)

    assert (refused.status, refused.code) == (409, "already_captured")
    assert refused["facts"]["captured_at"] == first["captured_at"]
    assert "11月23日 10:02" in refused["message"]


def test_twenty_captures_by_two_clerks_hand_the_goods_over_once(street, shop, offer, clerk, resident):
    held, other = street.held(resident, offer), street.clerk(shop)

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda by=by: capture(street, by, held) for by in (clerk, other) * 10])

    assert (statuses(answers), codes(answers), deadlocks) == ({200: 10, 409: 10}, {"already_captured": 10}, [])
    done = [answer for answer in answers if answer.status == 200]
    assert len([answer for answer in done if "Idempotency-Replayed" not in answer.headers]) == 1
    assert {answer["captured_at"] for answer in done} == {done[0]["captured_at"]}
    assert (wallet(street, resident), stock(street, offer)) == ((90, 0), 99)


def test_of_a_capture_and_a_cancellation_at_once_exactly_one_happens(street, offer, clerk, resident):
    captured = 0
    for _ in range(8):
        held = street.held(resident, offer)
        with deadlocks_counted(street.app) as deadlocks:
            taken, cancelled = at_once(
                lambda held=held: capture(street, clerk, held),
                lambda held=held: street.phone(resident).delete(f"/redemptions/{held['id']}"),
            )
        assert (sorted((taken.status, cancelled.status)), deadlocks) == ([200, 409], [])
        captured += taken.status == 200
        refused = cancelled if taken.status == 200 else taken
        assert refused.code == "already_resolved"
        assert refused["facts"]["state"] == ("captured" if taken.status == 200 else "released")
    assert (wallet(street, resident), stock(street, offer)) == ((100 - 10 * captured, 0), 100 - captured)


def test_of_a_capture_and_the_clock_at_once_exactly_one_happens(street, offer, clerk, resident):
    held = street.held(resident, offer)
    with time_machine.travel(datetime.fromisoformat(held["expires_at"]), tick=False):
        taken, expired = at_once(
            lambda: capture(street, clerk, held), lambda: street.does(undoing.expire, UUID(held["id"]))
        )
    assert (taken.status, taken.code, expired) == (409, "hold_expired", True)
    assert wallet(street, resident) == (100, 0)


def test_a_code_is_good_to_the_last_second_and_not_one_longer(street, offer, clerk, resident):
    first, second = street.held(resident, offer), street.held(resident, offer)
    with time_machine.travel(datetime.fromisoformat(first["expires_at"]) - timedelta(seconds=1), tick=False):
        assert capture(street, clerk, first).status == 200
    with time_machine.travel(datetime.fromisoformat(second["expires_at"]), tick=False):
        refused = capture(street, clerk, second)
        assert look_up(street, clerk, second["code"])["state"] == "expired"
    assert (refused.status, refused.code) == (409, "hold_expired")
    assert refused["facts"] == {"expired_at": second["expires_at"]}
    assert wallet(street, resident) == (80, 10)


def test_nobody_serves_their_own_household(street, shop, offer, clerk):
    home = street.household()
    street.moves(clerk, home)
    spouse = street.earned(street.person(household=home), 20)
    own = street.held(street.earned(clerk, 20), offer)
    theirs = street.held(spouse, offer)

    for held in (own, theirs):
        refused = capture(street, clerk, held)
        assert (refused.status, refused.code) == (403, "own_household")
    assert wallet(street, spouse) == (10, 10)
    assert capture(street, street.clerk(shop), theirs).status == 200


def test_a_clerk_whose_role_was_given_over_another_shop_serves_there_only(street, shop, offer, resident):
    moved = street.clerk(street.merchant())
    held = street.held(resident, offer)
    assert capture(street, moved, held).status == 404
    street.gives(moved, "clerk", over_merchant(shop.id, shop.name))
    assert capture(street, moved, held).status == 200


# voiding


def test_a_clerk_takes_a_mistake_of_the_day_back_as_a_whole(street, shop, offer, clerk, resident):
    before = street.wallet(resident)
    held = street.held(resident, offer, 3)
    capture(street, clerk, held)

    voided = void(street, street.clerk(shop), held, reason="拿错了")

    assert (voided.status, voided["state"], voided["voided_at"] is not None) == (200, "voided", True)
    assert (street.wallet(resident), stock(street, offer)) == (before, 100)
    with street.inside():
        assert [row.void_reason for row in street.rows(select(Redemption))] == ["拿错了"]


def test_voiding_again_is_told_it_is_done(street, offer, clerk, resident):
    held = street.held(resident, offer)
    capture(street, clerk, held)
    first = void(street, clerk, held)

    again = void(street, clerk, held)

    assert (again.status, again.headers["Idempotency-Replayed"], again.body) == (200, "true", first.body)
    assert "Idempotency-Replayed" not in first.headers
    assert wallet(street, resident) == (100, 0)


def test_twenty_voids_at_once_give_back_once(street, shop, offer, clerk, owner, resident):
    held = street.held(resident, offer)
    capture(street, clerk, held)

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda by=by: void(street, by, held) for by in (clerk, owner) * 10])

    assert (statuses(answers), deadlocks) == ({200: 20}, [])
    assert len([answer for answer in answers if "Idempotency-Replayed" not in answer.headers]) == 1
    assert (wallet(street, resident), stock(street, offer)) == ((100, 0), 100)


def test_a_voided_code_is_not_captured_again(street, offer, clerk, resident):
    held = street.held(resident, offer)
    capture(street, clerk, held)
    void(street, clerk, held)

    refused = capture(street, clerk, held)

    assert (refused.status, refused.code, refused["facts"]["state"]) == (409, "already_resolved", "voided")


def test_a_clerk_may_void_until_midnight_in_shanghai(street, shop, offer, clerk, owner):
    with time_machine.travel(datetime(2026, 11, 23, 2, tzinfo=UTC), tick=True):
        resident = street.earned(street.resident(), 100)
        held = [street.held(resident, offer) for _ in range(2)]
        for one in held:
            capture(street, clerk, one)
    with time_machine.travel(datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC), tick=False):
        assert void(street, clerk, held[0]).status == 200
    with time_machine.travel(datetime(2026, 11, 23, 16, tzinfo=UTC), tick=False):
        refused = void(street, clerk, held[1])
        assert (refused.status, refused.code) == (409, "void_window_passed")
        assert void(street, owner, held[1]).status == 200
    assert wallet(street, resident) == (100, 0)


def test_the_owner_may_void_for_seven_days(street, offer, clerk, owner):
    with time_machine.travel(datetime(2026, 11, 23, 2, tzinfo=UTC), tick=False) as clock:
        resident = street.earned(street.resident(), 100)
        held = [street.held(resident, offer) for _ in range(2)]
        for one in held:
            capture(street, clerk, one)
        clock.shift(timedelta(days=7))
        assert void(street, owner, held[0]).status == 200
        clock.shift(1)
        refused = void(street, owner, held[1])
        assert (refused.status, refused.code) == (409, "void_window_passed")
        assert wallet(street, resident) == (90, 0)


def test_an_owner_of_another_shop_and_a_customer_void_nothing(street, offer, clerk, resident):
    held = street.held(resident, offer)
    capture(street, clerk, held)

    assert void(street, street.clerk(street.merchant(), role="owner"), held).status == 404
    assert void(street, resident, held).status == 403
    assert wallet(street, resident) == (90, 0)


def test_nobody_voids_for_their_own_household(street, shop, offer, clerk, owner):
    home = street.household()
    street.moves(owner, home)
    spouse = street.earned(street.person(household=home), 20)
    held = street.held(spouse, offer)
    capture(street, clerk, held)

    refused = void(street, owner, held)

    assert (refused.status, refused.code) == (403, "own_household")
    assert void(street, clerk, held).status == 200


def test_what_was_not_captured_is_not_voided(street, offer, clerk, resident):
    held, cancelled = street.held(resident, offer), street.held(resident, offer)
    street.phone(resident).delete(f"/redemptions/{cancelled['id']}")

    assert (void(street, clerk, held).status, void(street, clerk, held).code) == (409, "not_captured")
    assert void(street, clerk, cancelled).code == "already_resolved"
    assert void(street, clerk, {"id": uuid4()}).status == 404
    assert wallet(street, resident) == (90, 10)


def test_points_come_back_to_the_lots_they_left(street, shop, clerk):
    resident, offer = street.resident(), street.offer(shop, price_points=25)
    for year, points in ((2026, 20), (2027, 30)):
        with time_machine.travel(datetime(year, 6, 1, tzinfo=UTC), tick=True):
            street.earned(resident, points)
    with time_machine.travel(datetime(2027, 6, 2, tzinfo=UTC), tick=True):
        before = street.wallet(resident)
        held = street.held(resident, offer)
        capture(street, clerk, held)
        assert street.wallet(resident).expiring == ((date(2028, 12, 31), 25),)
        void(street, clerk, held)

        assert street.wallet(resident) == before
    assert before.expiring == ((date(2027, 12, 31), 20), (date(2028, 12, 31), 30))


@pytest.mark.parametrize(
    ("captured_on", "voided_on", "last_day"),
    [
        (datetime(2027, 12, 31, 2, tzinfo=UTC), datetime(2027, 12, 31, 15, 59, tzinfo=UTC), date(2027, 12, 31)),
        (datetime(2027, 12, 31, 2, tzinfo=UTC), datetime(2027, 12, 31, 16, tzinfo=UTC), date(2028, 12, 31)),
        (datetime(2027, 12, 31, 2, tzinfo=UTC), datetime(2028, 1, 7, 2, tzinfo=UTC), date(2028, 12, 31)),
    ],
)
def test_a_mistake_at_the_turn_of_the_year_never_costs_a_resident(
    street, offer, clerk, owner, captured_on, voided_on, last_day
):
    resident = street.resident()
    with time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC), tick=True):
        street.earned(resident, 10)
    with time_machine.travel(captured_on, tick=False) as clock:
        held = street.held(resident, offer)
        capture(street, clerk, held)
        clock.move_to(voided_on)
        assert void(street, owner, held).status == 200

        assert street.wallet(resident).expiring == ((last_day, 10),)


def test_the_earliest_new_last_day_is_thirty_days_ahead(street):
    """Points given back after their last day: the 31 December at least 30 days ahead."""
    from backend.ledger.accounts import last_day_of_returned

    assert last_day_of_returned(date(2028, 12, 1)) == date(2028, 12, 31)
    assert last_day_of_returned(date(2028, 12, 2)) == date(2029, 12, 31)
    assert last_day_of_returned(date(2028, 1, 1)) == date(2028, 12, 31)
