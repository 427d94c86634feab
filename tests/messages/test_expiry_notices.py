"""Points end in 30 or 7 days: who is told, once, and what it says."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from sqlalchemy import select

from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import session, transactional
from backend.foundation.outbox import OutboxMessage
from backend.messages.expiry_notices import due_notices, notify
from tests.builders.races import at_once

EARNED = datetime(2026, 6, 1, tzinfo=UTC)
LAST_DAY = date(2027, 12, 31)


def on(month, day, year=2027):
    return time_machine.travel(datetime(year, month, day, 4, tzinfo=UTC), tick=True)


def earned(street, person, points=20):
    with time_machine.travel(EARNED, tick=True):
        return street.earned(person, points)


def tell(street, limit=100):
    """What a worker does once: how many were told."""
    with street.inside():
        due = due_notices(shanghai_day(now()), limit)
        return sum(transactional(notify)(notice) for notice in due)


def told(street):
    with street.inside():
        rows = session().scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        return [(row.person_id, row.facts["points"], row.facts["days"], row.facts["wallet"]) for row in rows]


def texts(street, person):
    return [one["text"] for one in street.phone(person).get("/me/notices")["items"]]


def test_somebody_is_told_thirty_and_seven_days_before_and_never_in_between(street):
    resident = earned(street, street.resident())
    for month, day, times in ((11, 30, 0), (12, 1, 1), (12, 1, 0), (12, 23, 0), (12, 24, 1), (12, 25, 0), (12, 31, 0)):
        with on(month, day):
            assert tell(street) == times, (month, day)

    assert told(street) == [(resident.id, 20, 30, "own"), (resident.id, 20, 7, "own")]
    with on(1, 1, 2028):
        assert tell(street) == 0


def test_a_day_is_a_day_in_shanghai(street):
    earned(street, street.resident())
    with time_machine.travel(datetime(2027, 11, 30, 15, 59, tzinfo=UTC), tick=False) as clock:
        assert tell(street) == 0
        clock.move_to(datetime(2027, 11, 30, 16, 0, tzinfo=UTC))
        assert tell(street) == 1


def test_a_worker_that_was_down_tells_the_nearer_one_only(street):
    resident = earned(street, street.resident())
    with on(12, 26):
        assert (tell(street), tell(street)) == (1, 0)

    assert told(street) == [(resident.id, 20, 7, "own")]


def test_a_worker_that_was_down_catches_up_until_the_last_day(street):
    resident = earned(street, street.resident())
    with on(12, 20):
        assert tell(street) == 1
    with on(12, 31):
        assert tell(street) == 1

    assert told(street) == [(resident.id, 20, 30, "own"), (resident.id, 20, 7, "own")]


def test_the_words_say_how_much_and_until_when(street):
    resident = earned(street, street.resident())
    with on(12, 1):
        tell(street)
        seen = street.phone(resident).get("/me/notices")

    (notice,) = seen["items"]
    assert notice["text"] == "您有 20 积分将于 12月31日 到期，请及时使用"
    assert notice["topic"] == "expiry"
    assert notice["facts"] == {"points": 20, "expires_on": "2027-12-31", "days": 30, "wallet": "own"}
    assert street.phone(street.resident()).get("/me/notices").body == {"items": [], "next": None}


def test_notices_are_listed_newest_first_a_page_at_a_time(street):
    resident = earned(street, street.resident())
    for day in (1, 24):
        with on(12, day):
            tell(street)
    phone = street.phone(resident)

    first = phone.get("/me/notices", limit=1)
    rest = phone.get("/me/notices", cursor=first["next"])

    assert [one["facts"]["days"] for one in first["items"] + rest["items"]] == [7, 30]


def test_points_of_all_funds_that_end_on_one_day_are_one_notice_and_later_ones_none(street):
    resident = earned(street, earned(street, street.resident(), 20), 5)
    with time_machine.travel(datetime(2027, 6, 1, tzinfo=UTC), tick=True):
        street.earned(resident, 40)
    with on(12, 1):
        tell(street)

    assert told(street) == [(resident.id, 25, 30, "own")]


def test_what_is_spent_or_on_hold_is_not_said_to_end(street):
    resident = earned(street, street.resident())
    spent = earned(street, street.resident())
    offer = street.offer(price_points=20)
    with on(12, 1):
        street.held(resident, street.offer(price_points=15))
        street.held(spent, offer)
        tell(street)

    assert told(street) == [(resident.id, 5, 30, "own")]


def test_what_was_spent_after_the_look_is_not_said_to_end(street):
    resident = earned(street, street.resident())
    with on(12, 1):
        with street.inside():
            (notice,) = due_notices(shanghai_day(now()), 10)
        street.held(resident, street.offer(price_points=20))

        assert street.does(notify, notice) is False
    assert told(street) == []


# of a household's pot


@pytest.fixture
def home(street):
    return street.household()


def given(street, person, points):
    with time_machine.travel(EARNED, tick=True):
        assert street.gives_points(person, points).status == 201


def test_of_the_pot_the_head_is_told(street, home):
    head = street.person("郑文华", household=home, role="head")
    member = earned(street, street.person(household=home))
    given(street, member, 20)
    with on(12, 1):
        assert (tell(street), tell(street)) == (1, 0)

        assert texts(street, head) == ["您家的家庭积分中有 20 积分将于 12月31日 到期，请及时使用"]
        assert texts(street, member) == []


def test_without_a_head_every_grown_up_is_told(street, home):
    members = [earned(street, street.person(household=home)), street.person(household=home)]
    child = street.person("小宝", household=home, age_class="under_14")
    given(street, members[0], 20)
    with on(12, 1):
        assert (tell(street), tell(street)) == (2, 0)

    assert {person_id for person_id, *_ in told(street)} == {member.id for member in members}
    assert texts(street, child) == []


def test_a_pot_nobody_lives_with_keeps_nobody_else_waiting(street, home):
    gone = earned(street, street.person(household=home))
    given(street, gone, 20)
    street.moves(gone, street.household("9号楼"))
    others = [earned(street, street.resident()) for _ in range(2)]
    with on(12, 1):
        assert tell(street, limit=1) + tell(street, limit=1) + tell(street, limit=1) == 2

    assert {person_id for person_id, *_ in told(street)} == {other.id for other in others}


# at any time, twice, killed half-way


def test_what_a_killed_worker_left_is_told_by_the_next(street):
    people = street.earned_together([street.resident() for _ in range(5)], 10)
    last_day = street.wallet(people[0]).expiring[0][0]
    with on(12, 1, last_day.year):
        assert tell(street, limit=2) == 2
        assert tell(street, limit=100) == 3
        assert tell(street, limit=100) == 0

    assert sorted(person_id for person_id, *_ in told(street)) == sorted(person.id for person in people)


def test_several_workers_at_once_tell_each_once(street):
    people = street.earned_together([street.resident() for _ in range(4)], 10)
    last_day = street.wallet(people[0]).expiring[0][0]
    with on(12, 1, last_day.year):
        with street.inside():
            due = due_notices(shanghai_day(now()), 100)
        done = at_once(*[lambda notice=notice: street.does(notify, notice) for notice in due * 5])

    assert (len(due), sum(done)) == (4, 4)
    assert sorted(person_id for person_id, *_ in told(street)) == sorted(person.id for person in people)


def test_a_street_larger_than_one_look_is_told_to_the_end(street, monkeypatch):
    monkeypatch.setattr("backend.messages.expiry_notices._LOOKED_AT_ONCE", 2)
    people = street.earned_together([street.resident() for _ in range(5)], 10)
    last_day = street.wallet(people[0]).expiring[0][0]
    with on(12, 1, last_day.year):
        assert (tell(street), tell(street)) == (5, 0)


def test_nobody_is_told_of_another_offices_points(street, other_street):
    earned(other_street, other_street.resident())
    with on(12, 1):
        assert (tell(street), tell(other_street)) == (0, 1)


def test_telling_moves_nothing_in_the_ledger(street):
    resident = earned(street, street.resident())
    with on(12, 1):
        before = street.wallet(resident)
        tell(street)

        assert street.wallet(resident) == before
    assert street.findings() == set()
