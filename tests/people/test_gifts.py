"""Giving points of one's own to the household's pot or the charity pool: who may, how much, once per key."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import func, select, update

from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.ledger.accounts import CHARITY_POOL
from backend.ledger.reading import wallet_of
from backend.ledger.verify import verify
from backend.people.models import Gift, Person
from backend.places.offices import the_book
from backend.transparency.evidence import evidence_of
from tests.builders.phone import a_key
from tests.builders.races import at_once, codes, deadlocks_counted, statuses


@pytest.fixture
def home(street):
    return street.household()


@pytest.fixture
def giver(street, home):
    return street.earned(street.person(household=home), 100)


def pool(street):
    with street.inside():
        return wallet_of(the_book(), CHARITY_POOL, today=now().date()).available


def gifts(street):
    with street.inside():
        return session().scalar(select(func.count()).select_from(Gift))


# where points go


def test_a_gift_moves_points_from_the_own_wallet_into_the_pot(street, home, giver):
    given = street.gives_points(giver, 30, note="给爷爷换米")

    assert (given.status, given["to"], given["points"], given["balance"]) == (201, "household", 30, 70)
    assert given["note"] == "给爷爷换米"
    assert (street.wallet(giver).available, street.pot(home).available, pool(street)) == (70, 30, 0)
    assert street.findings() == set()


def test_a_gift_to_the_charity_pool_needs_no_household(street):
    alone = street.earned(street.person(), 10)

    assert street.gives_points(alone, 10, to="charity_pool").status == 201
    assert (street.wallet(alone).available, pool(street)) == (0, 10)
    assert street.findings() == set()


def test_a_gift_keeps_its_last_day_and_takes_what_ends_first(street, home):
    giver = street.person(household=home)
    for year, points in ((2026, 20), (2027, 30)):
        with time_machine.travel(datetime(year, 6, 1, tzinfo=UTC), tick=True):
            street.earned(giver, points)
    with time_machine.travel(datetime(2027, 6, 2, tzinfo=UTC), tick=True):
        street.gives_points(giver, 25)

        assert street.pot(home).expiring == ((date(2027, 12, 31), 20), (date(2028, 12, 31), 5))
        assert street.wallet(giver).expiring == ((date(2028, 12, 31), 25),)


def test_both_sides_read_the_gift_in_their_entries(street, home, giver):
    other = street.person("李大爷", household=home)
    street.gives_points(giver, 30)

    mine = street.phone(giver).get("/me/entries")["items"][0]
    ours = street.phone(other).get(f"/households/{home.id}/entries")["items"][0]

    assert (mine["kind"], mine["points"], mine["balance_after"]) == ("gift", -30, 70)
    assert (ours["kind"], ours["points"], ours["balance_after"]) == ("gift", 30, 30)
    assert mine["reason"] == ours["reason"] == "赠送给家庭积分"


def test_my_gifts_are_listed_newest_first_a_page_at_a_time(street, giver):
    made = [
        street.gives_points(giver, n, to=to)["id"]
        for n, to in ((1, "household"), (2, "charity_pool"), (3, "household"))
    ]
    phone = street.phone(giver)

    first = phone.get("/me/gifts", limit=2)
    rest = phone.get("/me/gifts", cursor=first["next"])

    assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]
    assert [one["to"] for one in first["items"] + rest["items"]] == ["household", "charity_pool", "household"]
    assert street.phone(street.resident()).get("/me/gifts").body == {"items": [], "next": None}


# who may


def test_without_a_verified_phone_nobody_gives(street, home):
    fresh = street.earned(street.person(verified="none", household=home), 10)

    refused = street.gives_points(fresh, 5)

    assert (refused.status, refused.code, gifts(street)) == (403, "phone_needed", 0)


def test_a_phone_number_is_enough_to_give(street, home):
    person = street.earned(street.person(verified="phone", household=home), 10)

    assert street.gives_points(person, 5).status == 201


@pytest.mark.parametrize("age_class", ["14-17", "under_14"])
def test_minors_give_nothing_away(street, age_class):
    child = street.earned(street.person(age_class=age_class), 10)  # without a pot their points are kept for them

    refused = street.gives_points(child, 5, to="charity_pool")

    assert (refused.status, refused.code) == (403, "minor_cannot_give")
    assert (street.wallet(child).available, gifts(street)) == (10, 0)


def test_without_a_household_there_is_no_pot(street):
    alone = street.earned(street.person(), 10)

    refused = street.gives_points(alone, 5)

    assert (refused.status, refused.code) == (409, "no_household")
    assert "爱心池" in refused["message"]


def test_the_pot_takes_gifts_from_the_thirtieth_day_in_shanghai(street, home):
    giver = street.earned(street.person(), 10)
    with time_machine.travel(datetime(2026, 12, 1, 15, 30, tzinfo=UTC), tick=False) as clock:  # 23:30 in Shanghai
        street.moves(giver, home)
        clock.move_to(datetime(2026, 12, 31, 15, 59, tzinfo=UTC) - timedelta(days=1))
        refused = street.gives_points(giver, 5)
        assert (refused.status, refused.code) == (409, "gift_too_early")
        assert refused["facts"] == {"days": 30, "day": "2026年12月31日", "first_day": "2026-12-31"}
        assert "2026年12月31日" in refused["message"]
        assert street.gives_points(giver, 1, to="charity_pool").status == 201

        clock.move_to(datetime(2026, 12, 30, 16, 0, tzinfo=UTC))
        assert street.gives_points(giver, 5).status == 201


def test_who_moves_again_waits_again_and_the_pot_stays_behind(street, home, giver):
    street.gives_points(giver, 40)
    street.moves(giver, street.household("9号楼"))

    assert street.gives_points(giver, 5).code == "gift_too_early"
    assert (street.wallet(giver).available, street.pot(home).available) == (60, 40)


# how much


def test_more_than_there_is_is_refused_without_effect(street, home, giver):
    refused = street.gives_points(giver, 101)

    assert (refused.status, refused.code, refused["facts"]) == (
        409,
        "insufficient_points",
        {"required": 101, "available": 100},
    )
    assert (street.wallet(giver).available, street.pot(home).available, gifts(street)) == (100, 0, 0)


def test_points_on_hold_cannot_be_given(street, giver):
    street.held(giver, street.offer(price_points=60))

    assert street.gives_points(giver, 41)["facts"] == {"required": 41, "available": 40}
    assert street.gives_points(giver, 40).status == 201


def test_points_past_their_last_day_cannot_be_given(street, home):
    giver = street.person(household=home)
    with time_machine.travel(datetime(2026, 12, 31, tzinfo=UTC), tick=True):
        street.earned(giver, 10)
    with time_machine.travel(datetime(2027, 12, 31, 16, 1, tzinfo=UTC), tick=True):
        assert street.gives_points(giver, 1)["facts"] == {"required": 1, "available": 0}


@pytest.mark.parametrize(
    "body",
    [
        {"to": "household", "points": 0},
        {"to": "household", "points": -5},
        {"to": "household", "points": 1.0},
        {"to": "person", "points": 5},
        {"points": 5},
    ],
)
def test_a_gift_is_some_points_for_one_of_two(street, giver, body):
    refused = street.phone(giver).post("/me/gifts", body, key=a_key())

    assert (refused.status, refused.code) == (422, "invalid")


# once


def test_without_a_key_nothing_is_given(street, giver):
    refused = street.phone(giver).post("/me/gifts", {"to": "household", "points": 5})

    assert (refused.status, refused.code, gifts(street)) == (400, "idempotency_key_required", 0)


def test_the_same_key_answers_the_first_gift_and_the_balance_of_now(street, giver):
    phone, body = street.phone(giver), {"to": "household", "points": 30}
    first = phone.post("/me/gifts", body, key="tap")
    street.gives_points(giver, 10, to="charity_pool")

    again = phone.post("/me/gifts", body, key="tap")

    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.body == first.body | {"balance": 60}


def test_a_repeat_is_answered_whatever_has_become_of_the_giver(street, giver):
    phone, body = street.phone(giver), {"to": "household", "points": 100}
    first = phone.post("/me/gifts", body, key="tap")
    street.moves(giver, street.household("9号楼"))

    assert phone.post("/me/gifts", body, key="tap")["id"] == first["id"]


@pytest.mark.parametrize("other", [{"points": 31}, {"to": "charity_pool"}, {"note": "别的"}])
def test_the_same_key_for_something_else_is_refused(street, giver, other):
    phone, body = street.phone(giver), {"to": "household", "points": 30}
    phone.post("/me/gifts", body, key="tap")

    refused = phone.post("/me/gifts", body | other, key="tap")

    assert (refused.status, refused.code) == (422, "key_reused")
    assert street.wallet(giver).available == 70


def test_a_key_is_its_persons_own(street, home, giver):
    other = street.earned(street.person(household=home), 100)

    for person in (giver, other):
        assert street.phone(person).post("/me/gifts", {"to": "household", "points": 5}, key="tap").status == 201


def test_a_refused_gift_leaves_its_key_free(street, giver):
    phone = street.phone(giver)
    assert phone.post("/me/gifts", {"to": "household", "points": 1000}, key="tap").status == 409

    assert phone.post("/me/gifts", {"to": "household", "points": 10}, key="tap").status == 201


def test_many_taps_with_one_key_are_one_gift(street, home, giver):
    phone = street.phone(giver)

    answers = at_once(*[lambda: phone.post("/me/gifts", {"to": "household", "points": 30}, key="tap")] * 10)

    assert statuses(answers) == {201: 1, 200: 9}
    assert len({answer["id"] for answer in answers}) == 1
    assert (street.wallet(giver).available, street.pot(home).available) == (70, 30)


def test_of_many_gifts_at_once_as_many_win_as_there_are_points(street, home, giver):
    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda: street.gives_points(giver, 30)] * 10)

    assert (statuses(answers), codes(answers)) == ({201: 3, 409: 7}, {"insufficient_points": 7})
    assert (street.wallet(giver).available, street.pot(home).available, gifts(street)) == (10, 90, 3)
    assert deadlocks == []
    assert street.findings() == set()


def test_a_family_giving_at_once_loses_nothing(street, home):
    family = street.earned_together([street.person(household=home) for _ in range(4)], 10)

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(
            *[lambda person=person: street.gives_points(person, 1) for person in family for _ in range(5)]
        )

    assert statuses(answers) == {201: 20}
    assert street.pot(home).available == 20
    assert deadlocks == []


# who reads the pot


def test_every_member_reads_the_pot_and_nobody_else(street, other_street, home, giver):
    street.gives_points(giver, 30)
    child = street.person("小宝", household=home, age_class="14-17")
    head = street.person("郑文华", household=home, role="head")

    for member in (giver, child, head):
        pot = street.phone(member).get(f"/households/{home.id}/wallet")
        assert (pot.status, pot["points"]["available"]) == (200, 30)
    for stranger in (
        street.phone(street.resident()),
        street.phone(street.officer()),
        other_street.phone(other_street.resident()),
    ):
        for what in ("wallet", "entries"):
            seen, missing = (stranger.get(f"/households/{one}/{what}") for one in (home.id, uuid4()))
            assert seen.status == missing.status == 404
            assert seen.body | {"request_id": ""} == missing.body | {"request_id": ""}


def test_who_moved_out_reads_the_pot_no_more(street, home, giver):
    street.moves(giver, street.household("9号楼"))

    assert street.phone(giver).get(f"/households/{home.id}/wallet").status == 404


# what verify compares


class Undone(Exception):
    """Edits by hand must not stay in a book that other tests verify."""


def findings_after(street, *edits):
    """The rules broken after those edits by hand, which are then rolled back."""
    found = []

    def edit():
        for which, values in edits:
            session().execute(update(Gift).where(which).values(**values))
        found.append(verify(the_book(), evidence_of(street.office_id)).rules)
        raise Undone

    with pytest.raises(Undone):
        street.does(edit)
    return found[0]


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        ({"points": 31}, "amount_is_the_same"),
        ({"household_id": None}, "account_is_the_same"),
        ({"request_key": "another"}, "key_is_the_same"),
        ({"id": uuid4()}, "origin_is_the_same"),
        ({"entry_id": uuid4()}, "entry_has_business"),
        ({"entry_id": uuid4()}, "entry_is_there"),
    ],
)
def test_a_gift_edited_by_hand_no_longer_fits_the_ledger(street, giver, edit, rule):
    street.gives_points(giver, 30)

    assert rule in findings_after(street, (Gift.points == 30, edit))
    assert street.findings() == set()


def test_a_gift_said_to_be_by_or_for_somebody_else_is_found(street, giver):
    to_pot, to_pool = Gift.points == 30, Gift.points == 5
    street.gives_points(giver, 30)
    street.gives_points(giver, 5, to="charity_pool")
    other = street.resident()

    for which, said in (
        (to_pot, {"household_id": other.household_id}),
        (to_pot, {"household_id": None}),
        (to_pool, {"household_id": giver.household_id}),
        (to_pool, {"person_id": other.id}),
    ):
        assert "account_is_the_same" in findings_after(street, (which, said)), said


def test_who_lives_there_since_before_we_wrote_it_down_may_give(street, giver):
    with street.inside():
        assert find(Person, giver.id).household_since is None

    assert street.gives_points(giver, 1).status == 201
