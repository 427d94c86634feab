"""At the shop without a redemption's code: a card and its PIN, or the code on the customer's phone."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.trail import TrailRow
from backend.merchants.models import Offer, Redemption
from backend.people.models import Card
from backend.people.persons import person_code
from tests.builders.phone import a_key
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
def elder(street):
    """Without a phone: nobody verified a number of theirs, a worker knows their door."""
    return street.earned(street.resident("冯秀珍"), 100)


@pytest.fixture
def card(street, elder):
    return street.card(elder)


def sell(street, by, offer, *, key=None, quantity=1, pin="2468", **shown):
    form = {"offer_id": str(offer.id), "quantity": quantity} | shown
    if "card" in shown:
        form["pin"] = pin
    return street.phone(by).post("/redemptions/capture", form, key=key or a_key())


def code_of(street, person):
    with street.inside():
        return person_code(person)[0]


def points(street, person):
    found = street.wallet(person)
    return found.available, found.held


def stock(street, offer):
    return street.rows(select(Offer.stock).where(Offer.id == offer.id))[0]


def set_pin(street, token, pin="1357"):
    worker = street.phone(street.worker())
    card = worker.post("/cards/lookup", {"token": token})["id"]
    return worker.post(f"/cards/{card}/pin", {"pin": pin, "reason": "忘记了 PIN"})


@contextmanager
def caps(street, **changes):
    before = street.app.extensions["config"]
    street.app.extensions["config"] = replace(before, **changes)
    yield
    street.app.extensions["config"] = before


# with a card


def test_a_card_and_its_pin_pay_at_once(street, shop, offer, clerk, elder, card):
    sold = sell(street, clerk, offer, card=card, quantity=2)

    assert (sold.status, sold["state"], sold["points"], sold["channel"]) == (201, "captured", 20, "card")
    assert (sold["customer"], "code" in sold.body) == ("冯*珍", False)
    assert (points(street, elder), stock(street, offer)) == ((80, 0), 98)
    (act,) = street.rows(select(TrailRow).where(TrailRow.act == "redemptions.capture"))
    assert (act.actor_id, act.beneficiary_id, act.channel) == (clerk.id, elder.id, "card")
    assert str(act.subject_id) == sold["id"]
    assert street.findings() == set()


def test_why_says_who_took_the_points_and_how(street, offer, clerk, elder, card):
    sell(street, clerk, offer, card=card)
    phone = street.phone(elder)
    hold = next(entry for entry in phone.get("/me/entries")["items"] if entry["kind"] == "hold")

    why = phone.get(f"/me/entries/{hold['id']}/why")

    assert (why["approver"]["name"], why["evidence"]["redemption"]["channel"]) == ("店*", "card")


def test_the_same_key_again_answers_the_first_sale(street, offer, clerk, elder, card):
    key = a_key()
    first = sell(street, clerk, offer, card=card, key=key)

    again = sell(street, clerk, offer, card=card, key=key)

    assert (again.status, again.headers["Idempotency-Replayed"], again["id"]) == (200, "true", first["id"])
    assert again["captured_at"] == first["captured_at"]
    assert points(street, elder) == (90, 0)
    assert len(street.rows(select(TrailRow).where(TrailRow.act == "redemptions.capture"))) == 1


def test_the_key_with_anything_else_is_refused(street, shop, offer, clerk, elder, card):
    key, other = a_key(), street.card(street.earned(street.resident(), 20))
    sell(street, clerk, offer, card=card, key=key)

    for refused in (
        sell(street, clerk, offer, card=card, key=key, quantity=2),
        sell(street, clerk, street.offer(shop), card=card, key=key),
        sell(street, clerk, offer, card=other, key=key),
    ):
        assert (refused.status, refused.code) == (422, "key_reused")
    assert points(street, elder) == (90, 0)


def test_keys_of_two_clerks_and_of_the_customer_are_three(street, shop, offer, clerk, elder, card):
    key = a_key()
    answers = [sell(street, by, offer, card=card, key=key) for by in (clerk, street.clerk(shop))]
    own = street.phone(elder).post("/redemptions", {"offer_id": str(offer.id)}, key=key)

    assert [answer.status for answer in (*answers, own)] == [201, 201, 201]
    assert points(street, elder) == (70, 10)
    assert street.findings() == set()


def test_ten_times_the_same_key_at_once_sells_once(street, offer, clerk, elder, card):
    key = a_key()
    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda: sell(street, clerk, offer, card=card, key=key)] * 10)

    assert (statuses(answers), deadlocks) == ({201: 1, 200: 9}, [])
    assert (points(street, elder), stock(street, offer)) == ((90, 0), 99)


def test_two_clerks_with_the_same_card_at_once_sell_what_is_there_and_no_more(street, shop, offer, clerk, card, elder):
    other = street.clerk(shop)
    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda by=by: sell(street, by, offer, card=card, quantity=4) for by in (clerk, other) * 2])

    assert (statuses(answers), codes(answers), deadlocks) == ({201: 2, 409: 2}, {"insufficient_points": 2}, [])
    assert (points(street, elder), stock(street, offer)) == ((20, 0), 92)
    assert street.findings() == set()


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "code"),
        ({"card": "1.abcdef", "offer_id": "{offer}"}, "pin"),
        ({"card": "1.abcdef", "pin": "2468"}, "offer_id"),
        ({"person_code": "1-abcdef", "pin": "2468", "offer_id": "{offer}"}, "pin"),
        ({"code": "ABCDEFGH", "card": "1.abcdef", "pin": "2468"}, "code"),
        ({"code": "ABCDEFGH", "offer_id": "{offer}"}, "offer_id"),
    ],
)
def test_what_is_scanned_is_one_thing(street, offer, clerk, form, field):
    filled = {name: str(offer.id) if value == "{offer}" else value for name, value in form.items()}

    refused = street.phone(clerk).post("/redemptions/capture", filled, key=a_key())

    assert (refused.status, field in refused["errors"]) == (422, True)


def test_without_a_key_nothing_is_sold_without_a_code(street, offer, clerk, card):
    form = {"card": card, "pin": "2468", "offer_id": str(offer.id)}

    refused = street.phone(clerk).post("/redemptions/capture", form)

    assert (refused.status, refused.code) == (400, "idempotency_key_required")


# the PIN


def test_a_wrong_pin_moves_nothing_and_is_counted(street, offer, clerk, elder, card):
    key = a_key()
    refused = sell(street, clerk, offer, card=card, pin="1357", key=key)

    assert (refused.status, refused.code, refused["facts"]) == (403, "pin_wrong", {"left": 4})
    assert (points(street, elder), stock(street, offer)) == ((100, 0), 100)
    assert street.rows(select(Card.wrong_pins)) == [1]
    assert street.rows(select(Redemption)) == []
    assert sell(street, clerk, offer, card=card, key=key).status == 201
    assert street.rows(select(Card.wrong_pins)) == [0]


def test_after_five_wrong_pins_only_the_desk_unlocks(street, offer, clerk, elder, card):
    wrong = [sell(street, clerk, offer, card=card, pin="1357") for _ in range(5)]
    assert [answer["facts"]["left"] for answer in wrong] == [4, 3, 2, 1, 0]

    for pin in ("2468", "1357"):
        refused = sell(street, clerk, offer, card=card, pin=pin)
        assert (refused.status, refused.code) == (403, "card_locked")
    assert points(street, elder) == (100, 0)

    assert set_pin(street, card, "5081").status == 200
    assert sell(street, clerk, offer, card=card, pin="2468").code == "pin_wrong"
    assert sell(street, clerk, offer, card=card, pin="5081").status == 201


def test_a_locked_card_still_checks_in(street, offer, clerk, card):
    for _ in range(5):
        sell(street, clerk, offer, card=card, pin="1357")
    activity = street.activity()

    came = street.leader_of(activity).post("/check-ins", {"activity_id": str(activity.id), "card": card})

    assert (came.status, came["check_in"]["confidence"]) == (201, "card")


def test_five_wrong_pins_at_once_count_five(street, shop, offer, clerk, card):
    clerks = [clerk, street.clerk(shop)]
    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda n=n: sell(street, clerks[n % 2], offer, card=card, pin="1357") for n in range(5)])

    assert (codes(answers), deadlocks) == ({"pin_wrong": 5}, [])
    assert sorted(answer["facts"]["left"] for answer in answers) == [0, 1, 2, 3, 4]
    assert street.rows(select(Card.wrong_pins)) == [5]


def test_of_many_guesses_at_once_five_are_heard(street, offer, clerk, card):
    answers = at_once(*[lambda: sell(street, clerk, offer, card=card, pin="1357")] * 12)

    assert codes(answers) == {"pin_wrong": 5, "card_locked": 7}


def test_a_clerk_who_tries_many_pins_is_stopped_and_nobody_else(street, shop, offer, clerk):
    people = [street.earned(street.resident(), 10) for _ in range(3)]
    tokens = [street.card(person) for person in people] + [f"{street.office_id}.none{n}" for n in range(60)]
    answers = [sell(street, clerk, offer, card=token, pin="1357") for token in tokens for _ in range(1)]

    assert [answer.status for answer in answers[:3]] == [403] * 3
    assert statuses(answers)[429] == 3
    assert sell(street, clerk, offer, card=tokens[0]).code == "too_many_guesses"
    assert sell(street, street.clerk(shop), offer, card=tokens[0]).status == 201


def test_an_unknown_and_a_blocked_card_pay_nothing(street, offer, clerk, card, elder):
    assert sell(street, clerk, offer, card=f"{street.office_id}.nobodys").code == "card_unknown"
    worker = street.phone(street.worker())
    worker.post(f"/cards/{worker.post('/cards/lookup', {'token': card})['id']}/block", {"reason": "丢了"})

    for pin in ("2468", "1357"):
        refused = sell(street, clerk, offer, card=card, pin=pin)
        assert (refused.status, refused.code) == (409, "card_blocked")
    assert points(street, elder) == (100, 0)


# the same rules as for redeeming


def test_nobody_serves_their_own_household_by_card_or_code(street, offer, clerk):
    home = street.household()
    street.moves(clerk, home)
    mother = street.earned(street.person("冯秀珍", household=home), 20)

    for shown in ({"card": street.card(mother)}, {"person_code": code_of(street, mother)}):
        refused = sell(street, clerk, offer, **shown)
        assert (refused.status, refused.code) == (403, "own_household")
    assert points(street, mother) == (20, 0)


def test_a_clerk_sells_only_what_their_shop_offers(street, offer, elder, card):
    elsewhere = street.clerk(street.merchant())

    refused = sell(street, elsewhere, offer, card=card)

    assert (refused.status, refused.code) == (403, "forbidden")
    assert street.rows(select(Card.wrong_pins)) == [0]


def test_what_cannot_be_redeemed_cannot_be_sold(street, shop, clerk, elder, card):
    minor = street.earned(street.resident(age_class="14-17"), 20)
    limited = street.offer(shop, price_points=10, per_person=1)
    sell(street, clerk, limited, card=card)
    refusals = {
        "limit_reached": sell(street, clerk, limited, card=card),
        "sold_out": sell(street, clerk, street.offer(shop, price_points=1, stock=1), card=card, quantity=2),
        "insufficient_points": sell(street, clerk, street.offer(shop, price_points=91), card=card),
        "minor_cannot_spend": sell(street, clerk, limited, card=street.card(minor)),
        "phone_needed": sell(
            street, clerk, limited, person_code=code_of(street, street.person("新来的", verified="none"))
        ),
    }

    assert {code: refused.code for code, refused in refusals.items()} == {code: code for code in refusals}
    assert points(street, elder) == (90, 0)


def test_a_mistake_is_voided_like_any_other(street, offer, clerk, elder, card):
    sold = sell(street, clerk, offer, card=card)

    assert street.phone(clerk).post(f"/redemptions/{sold['id']}/void", {"reason": "拿错了"}).status == 200
    assert (points(street, elder), stock(street, offer), street.findings()) == ((100, 0), 100, set())


# with the code on a phone


def test_a_personal_code_pays_while_it_is_fresh_and_once(street, offer, clerk):
    resident = street.earned(street.resident("王小英"), 100)
    with time_machine.travel(now(), tick=False) as clock:
        code = code_of(street, resident)
        sold = sell(street, clerk, offer, person_code=code)
        assert (sold.status, sold["state"], sold["channel"]) == (201, "captured", "code")
        again = sell(street, clerk, offer, person_code=code)
        assert (again.status, again.code) == (409, "code_used")
        clock.shift(31)
        fresh = code_of(street, resident)
        assert sell(street, clerk, offer, person_code=fresh).status == 201
        clock.shift(90)
        stale = sell(street, clerk, offer, person_code=fresh[:-8] + code[-8:])
        assert (stale.status, stale.code) == (409, "code_expired")
    assert points(street, resident) == (80, 0)
    assert street.findings() == set()


def test_a_repeat_is_answered_when_the_code_is_no_longer_fresh(street, offer, clerk):
    resident, key = street.earned(street.resident(), 100), a_key()
    with time_machine.travel(now(), tick=False) as clock:
        code = code_of(street, resident)
        sold = sell(street, clerk, offer, person_code=code, key=key)
        clock.shift(300)
        again = sell(street, clerk, offer, person_code=code, key=key)

    assert (again.status, again["id"]) == (200, sold["id"])


def test_one_code_at_two_counters_at_once_pays_once(street, shop, offer, clerk):
    resident, other = street.earned(street.resident(), 100), street.clerk(shop)
    code = code_of(street, resident)

    answers = at_once(*[lambda by=by: sell(street, by, offer, person_code=code) for by in (clerk, other) * 4])

    assert (statuses(answers), codes(answers)) == ({201: 1, 409: 7}, {"code_used": 7})
    assert points(street, resident) == (90, 0)


def test_above_a_limit_the_resident_confirms_on_the_phone(street, shop, clerk):
    resident = street.earned(street.resident(), 300)
    offer = street.offer(shop, price_points=50)
    code, key = code_of(street, resident), a_key()

    asked, again = (sell(street, clerk, offer, person_code=code, quantity=3, key=key) for _ in range(2))
    [mine] = street.phone(resident).get("/redemptions", state="held")["items"]
    confirmed = [street.phone(resident).post(f"/redemptions/{mine['id']}/confirm") for _ in range(2)]
    done, repeated = (sell(street, clerk, offer, person_code=code, quantity=3, key=key) for _ in range(2))

    assert (asked.status, asked["state"], again.status, again["id"]) == (202, "held", 202, asked["id"])
    assert ("code" in asked.body, mine["needs_confirmation"], mine["confirmed_at"]) == (False, True, None)
    assert [one.status for one in confirmed] == [200, 200]
    assert (done.status, done["state"], done["points"]) == (201, "captured", 150)
    assert (repeated.status, repeated.headers["Idempotency-Replayed"]) == (200, "true")
    assert (points(street, resident), street.findings()) == ((150, 0), set())
    [told] = street.phone(resident).get("/me/notices")["items"]
    assert "请您确认用 150 积分" in told["text"]


def test_whoever_does_not_confirm_keeps_the_points(street, shop, clerk):
    resident = street.earned(street.resident(), 300)
    offer = street.offer(shop, price_points=150)
    key = a_key()
    asked = sell(street, clerk, offer, person_code=code_of(street, resident), key=key)

    assert street.phone(street.resident()).post(f"/redemptions/{asked['id']}/confirm").status == 404
    street.phone(resident).delete(f"/redemptions/{asked['id']}")
    refused = street.phone(resident).post(f"/redemptions/{asked['id']}/confirm")

    assert (refused.status, refused.code) == (409, "already_resolved")
    assert points(street, resident) == (300, 0)
    # The same digits were shown before; with new ones the phone is asked anew.
    assert sell(street, clerk, offer, person_code=code_of(street, resident), key=a_key()).code == "code_used"


# caps


def test_a_card_spends_so_much_in_one_go_and_on_one_day(street, offer, clerk, elder, card):
    with caps(street, assisted_at_once=30, assisted_a_day=50):
        at_once_ = sell(street, clerk, offer, card=card, quantity=4)
        assert (at_once_.status, at_once_.code, at_once_["facts"]["cap"]) == (409, "assisted_cap_reached", "at_once")
        assert sell(street, clerk, offer, card=card, quantity=3).status == 201
        a_day = sell(street, clerk, offer, card=card, quantity=3)
        assert a_day["facts"] == {"cap": "a_day", "limit": 50, "left": 20, "points": 30}
        assert sell(street, clerk, offer, card=card, quantity=2).status == 201
        with time_machine.travel(now() + timedelta(days=1), tick=True):
            assert sell(street, clerk, offer, card=card, quantity=3).status == 201
    assert points(street, elder) == (20, 0)


def test_a_day_ends_at_midnight_in_shanghai(street, offer, clerk):
    with time_machine.travel(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), tick=True) as clock:
        elder = street.earned(street.resident(), 100)
        card = street.card(elder)
        with caps(street, assisted_a_day=10):
            assert sell(street, clerk, offer, card=card).status == 201
            assert sell(street, clerk, offer, card=card).code == "assisted_cap_reached"
            clock.move_to(datetime(2026, 11, 23, 16, 0, 1, tzinfo=UTC))
            assert sell(street, clerk, offer, card=card).status == 201


def test_what_was_voided_does_not_count_and_a_new_card_starts_no_new_day(street, offer, clerk, elder, card):
    worker = street.phone(street.worker())
    with caps(street, assisted_a_day=10):
        first = sell(street, clerk, offer, card=card)
        street.phone(clerk).post(f"/redemptions/{first['id']}/void", {})
        assert sell(street, clerk, offer, card=card).status == 201
        old = worker.post("/cards/lookup", {"token": card})["id"]
        new = worker.post(f"/cards/{old}/replace", {"pin": "2468", "reason": "卡丢了"})["token"]
        assert sell(street, clerk, offer, card=new).code == "assisted_cap_reached"


def test_a_cap_raced_for_holds_exactly(street, shop, offer, card, elder):
    clerks = [street.clerk(shop) for _ in range(4)]
    with caps(street, assisted_a_day=50), deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda by=by: sell(street, by, offer, card=card, quantity=2) for by in clerks * 3])

    assert (statuses(answers), codes(answers)) == ({201: 2, 409: 10}, {"assisted_cap_reached": 10})
    assert (points(street, elder), deadlocks) == ((60, 0), [])


def test_with_their_own_phone_somebody_spends_as_they_like(street, offer, clerk, elder, card):
    with caps(street, assisted_a_day=10, assisted_at_once=10):
        sell(street, clerk, offer, card=card)
        assert street.held(elder, offer, 9)["channel"] is None
