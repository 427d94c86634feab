"""Three hundred people at one door, two phones without a network and one with: everybody once, to the point."""

import random
from datetime import timedelta

from sqlalchemy import func, select

from backend.activities.models import CheckIn
from backend.activities.offline_models import Scan
from tests.builders.doors import AHEAD, Door, results
from tests.builders.races import at_once

PEOPLE, POINTS = 300, 20


def test_everybody_is_there_once_whatever_phones_clocks_and_networks_did(street):
    door = Door(street, budget=PEOPLE * POINTS, capacity=PEOPLE)
    people = [street.resident(f"居民{n}") for n in range(PEOPLE)]
    one, other = people[:200], people[100:]
    shuffled = random.Random(7)
    mine = [door.scan(person) for person in one]
    theirs = [door.scan(person, clock=AHEAD) for person in other]
    shuffled.shuffle(mine)
    shuffled.shuffle(theirs)
    code = street.door_code(door.activity)
    by_themselves = [street.phone(person) for person in shuffled.sample(people, 30)]

    def with_one(items):
        return lambda: door.brings(*items)

    def with_the_wrong_one(items):
        return lambda: door.brings(*items, device="phone-that-is-wrong", clock=AHEAD)

    said = at_once(
        with_one(mine[:120]),
        with_the_wrong_one(theirs),
        *(lambda phone=phone: phone.post("/check-ins", {"code": code}) for phone in by_themselves),
        with_one(mine[120:]),
        with_the_wrong_one(theirs),
    )
    again = [with_one(mine[120:])(), with_the_wrong_one(theirs)(), with_one(mine[:120])()]

    receipts = [said[0], said[1], said[-2], said[-1]]
    assert {result for receipt in receipts for result in results(receipt)} == {"created", "duplicate"}
    assert [each.body for each in again] == [said[-2].body, said[1].body, said[0].body]
    created = sum(results(receipt).count("created") for receipt in (said[0], said[1], said[-2]))
    assert created + sum(answer.status == 201 for answer in said[2:-2]) == PEOPLE

    presences = door.presences()
    assert {presence.person_id for presence in presences} == {person.id for person in people}
    assert len(presences) == PEOPLE
    assert {(presence.points, presence.unpaid, presence.state) for presence in presences} == {
        (POINTS, None, "recorded")
    }
    assert street.budget_points(door.activity) == 0
    assert street.rows(select(func.count(Scan.id)).where(Scan.check_in_id.is_not(None))) == [len(mine) + len(theirs)]
    early = street.rows(select(func.min(CheckIn.checked_in_at)).where(CheckIn.activity_id == door.activity.id))[0]
    assert max(presence.checked_in_at for presence in presences) - early < timedelta(minutes=15)
    assert street.findings() == set()
