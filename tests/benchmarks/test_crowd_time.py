"""A sports day: three thousand check-ins at one activity, and a phone that brings five hundred scans at once.

Each is told as so many authenticated pings of the same run, asked in the same way.
"""

import time
from datetime import timedelta

import pytest

from tests.builders.doors import Door, results
from tests.builders.races import at_once

PEOPLE, POINTS, BATCH = 3_000, 20, 500

TEN_MINUTES = timedelta(minutes=10).total_seconds()


def seconds(calls):
    began = time.perf_counter()
    answers = at_once(*calls)
    return time.perf_counter() - began, answers


@pytest.mark.benchmark
def test_a_crowd_at_one_door_is_through_in_time(street, say):
    activity = street.activity(fund=street.fund(PEOPLE * POINTS), points_fixed=POINTS, capacity=PEOPLE)
    phones = [street.phone(street.resident(f"居民{n}")) for n in range(PEOPLE)]
    for phone in phones:
        phone.get("/me/subscriptions")  # the token is fetched before the day
    took_pings, pings = seconds([lambda phone=phone: phone.get("/me/subscriptions") for phone in phones])
    code = street.door_code(activity)

    def arrives(phone):
        answer = phone.post("/check-ins", {"code": code})
        if answer.status == 409 and answer.code == "code_expired":
            return phone.post("/check-ins", {"code": street.door_code(activity)})
        return answer

    took, answers = seconds([lambda phone=phone: arrives(phone) for phone in phones])
    say(f"{PEOPLE:,} check-ins: {took:.1f} s, {PEOPLE / took:.0f} a second; {took / took_pings:.1f} pings each")

    assert {answer.status for answer in pings} == {200}
    assert {answer.status for answer in answers} == {201}
    assert {answer["points"] for answer in answers} == {POINTS}
    assert street.budget_points(activity) == 0
    assert took < TEN_MINUTES


@pytest.mark.benchmark
def test_a_phone_brings_five_hundred_scans_in_the_time_of_few_check_ins(street, say):
    door = Door(street, budget=2 * BATCH * POINTS, capacity=2 * BATCH)
    people = [street.resident(f"居民{n}") for n in range(BATCH + 50)]
    code = street.door_code(door.activity)
    alone, _ = seconds([lambda: [street.phone(each).post("/check-ins", {"code": code}) for each in people[BATCH:]]])
    one = alone / 50
    items = [door.scan(person) for person in people[:BATCH]]

    took, (answer,) = seconds([lambda: door.brings(*items)])
    again, _ = seconds([lambda: door.brings(*items)])
    say(f"a batch of {BATCH}: {took:.2f} s, {took / one:.0f} check-ins; once more: {again:.2f} s")

    assert results(answer) == ["created"] * BATCH
    assert street.findings() == set()
    assert took < BATCH * one
