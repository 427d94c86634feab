"""Doors without a network: what a phone brings back is recorded once, whatever the clocks, phones and networks do."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from backend.activities.offline_models import Scan
from backend.cli.jobs import JOBS
from backend.foundation.clock import as_of, now
from backend.foundation.crypto import fingerprint
from backend.foundation.signing import NotSigned, opened
from tests.builders.doors import AHEAD, Door, results
from tests.builders.races import at_once, statuses


def taken(phone, path):
    return phone.send("GET", path, headers={"X-Installation-Id": "phone-of-qian"})


def test_a_batch_is_recorded_and_paid_and_answers_the_same_receipt_again(street):
    door = Door(street)
    people = [street.resident(f"居民{n}") for n in range(3)]
    items = [door.scan(person) for person in people]

    first, again = door.brings(*items), door.brings(*items)

    assert results(first) == ["created"] * 3
    assert [item["points"] for item in first["items"]] == [20] * 3
    assert again.body == first.body
    assert [street.wallet(person).available for person in people] == [20] * 3
    assert street.findings() == set()


def test_two_phones_that_saw_the_same_people_make_one_attendance_each_and_all_scans_are_kept(street):
    door = Door(street)
    people = [street.resident(f"居民{n}") for n in range(4)]
    mine = [door.scan(person) for person in people[:3]]
    theirs = [door.scan(person, clock=AHEAD) for person in people[1:]]

    first = door.brings(*mine)
    second = door.brings(*theirs, device="phone-that-is-wrong", clock=AHEAD)

    assert results(first) == ["created"] * 3
    assert results(second) == ["duplicate", "duplicate", "created"]
    assert abs(second["clock_skew_seconds"] + AHEAD.total_seconds()) <= 2
    assert [street.wallet(person).available for person in people] == [20] * 4
    assert len(door.presences()) == 4
    assert len(street.rows(select(Scan.id).where(Scan.check_in_id.is_not(None)))) == 6
    assert street.findings() == set()


def test_who_is_not_expected_and_a_card_are_recorded_all_the_same(street):
    door, elder = Door(street, capacity=1), street.resident("陈奶奶")
    card = street.card(elder)

    answer = door.brings(door.scan(street.resident()), door.scan(card=card))

    assert results(answer) == ["created", "created"]
    assert [(item["points"], item["unpaid"]) for item in answer["items"]] == [(20, None), (0, "activity_full")]
    assert {presence.confidence for presence in door.presences()} == {"scan", "card"}


@pytest.mark.parametrize(
    "when",
    [
        pytest.param({"at": timedelta(hours=-5)}, id="long before it opened"),
        pytest.param({"code_at": timedelta(hours=-2)}, id="a code of two hours before"),
        pytest.param({"clock": timedelta(hours=1)}, id="in the future"),
    ],
)
def test_what_is_odd_is_looked_at_and_not_paid(street, when):
    door, person = Door(street), street.resident()
    at = now() + when.get("at", timedelta())
    odd = door.scan(person, at=at, clock=when.get("clock", timedelta()))
    odd["person_code"] = door.code(person, at + when.get("code_at", timedelta()))

    answer = door.brings(odd)

    assert results(answer) == ["review"]
    assert street.wallet(person).available == 0
    assert street.phone(street.worker()).get("/reviews")["items"][0]["id"] == answer["items"][0]["check_in_id"]


def test_nothing_is_dropped_without_a_result(street, other_street):
    door, away = Door(street), Door(other_street)
    person = street.resident()
    forged = door.scan(person) | {"person_code": f"{street.office_id}-AAAAAAAAAAAA-12345678"}
    elsewhere = door.scan(person, session_id=away.session)
    no_card = door.scan(card=f"{street.office_id}.nothing")

    answer = door.brings(forged, elsewhere, no_card, door.scan(person))

    assert results(answer) == ["refused", "refused", "refused", "created"]
    assert [item["refusal"] for item in answer["items"]] == ["code_invalid", "not_found", "card_unknown", None]


def test_who_has_no_say_at_the_door_records_nobody(street):
    door = Door(street)

    answer = door.brings(door.scan(street.resident()), phone=street.phone(street.resident()))

    assert results(answer) == ["refused"]
    assert door.presences() == []


def test_minutes_and_hours_are_counted_by_our_clock_from_the_first_phone_to_the_last(street):
    began = now() - timedelta(hours=2)
    with as_of(began):
        door = Door(
            street, kind="service", points_fixed=None, points_per_hour=10, points_max=40, hours=2, starts_at=began
        )
        person = street.resident()
    inside = [
        door.scan(person, at=began + timedelta(minutes=10)),
        door.scan(person, at=began + timedelta(minutes=70), direction="out"),
    ]

    answer = door.brings(*reversed(inside))

    assert results(answer) == ["created", "created"]
    wallet = street.wallet(person)
    assert (wallet.minutes, wallet.available) == (60, 10)
    assert street.findings() == set()


def test_whom_nobody_saw_come_waits_and_the_other_phone_tells_when_they_came(street):
    began = now() - timedelta(hours=2)
    with as_of(began):
        door = Door(street, kind="service", hours=2, starts_at=began)
        person = street.resident()

    left = door.brings(door.scan(person, at=began + timedelta(minutes=70), direction="out"))
    came = door.brings(door.scan(person, at=began + timedelta(minutes=10)), device="another-phone")

    assert (results(left), results(came)) == (["review"], ["duplicate"])
    (presence,) = door.presences()
    assert (presence.state, presence.minutes) == ("review", 60)


def test_a_batch_that_comes_after_the_settling_is_paid_by_the_fund(street):
    door, person = Door(street, budget=100), street.resident()
    scan = door.scan(person)
    with time_machine.travel(now() + timedelta(hours=4), tick=True):
        assert street.leader_of(door.activity).post(f"/activities/{door.activity.id}/settle", {}).status == 200

        answer = door.brings(scan)

    assert (results(answer), answer["items"][0]["points"]) == (["created"], 20)
    assert street.findings() == set()


def test_when_the_budget_is_used_up_presences_stand_and_wait(street):
    door = Door(street, budget=40)
    people = [street.resident(f"居民{n}") for n in range(3)]

    answer = door.brings(*(door.scan(person) for person in people))

    assert results(answer) == ["created"] * 3
    assert [item["unpaid"] for item in answer["items"]].count("budget_exhausted") == 1
    assert street.findings() == set()


def test_the_pack_names_nobody_in_full_and_is_signed(street):
    door, person = Door(street), street.resident()
    street.phone(person).post(f"/activities/{door.activity.id}/sign-ups")
    path = f"/activities/{door.activity.id}/offline-pack"

    pack = taken(door.leader, path)

    assert pack.status == 200, pack.body
    expected = next(one for one in pack["roster"] if one["name"] == "王*英")
    assert expected["code_hash"] == fingerprint(door.code(person).rpartition("-")[0]).hex()
    with street.inside():
        content = opened(pack["signed"], purpose="offline-pack")
        with pytest.raises(NotSigned):
            opened(pack["signed"][:-4] + "AAAA", purpose="offline-pack")
    assert content["roster"] == pack["roster"]
    assert taken(street.phone(person), path).status == 403
    keys = street.phone().get("/keys")["keys"]
    assert {key["typ"] for key in keys} >= {"offline-pack"}


def test_an_activity_settles_by_itself_but_not_before_every_phone_reported(street):
    door = Door(street)
    assert taken(door.leader, f"/activities/{door.activity.id}/offline-pack").status == 200
    job = next(job for job in JOBS if job.name == "settle-activities")
    with time_machine.travel(now() + timedelta(days=8), tick=True):
        with street.inside():
            assert job.run() == 0
        door.brings(done=[str(door.activity.id)])
        with street.inside():
            assert (job.run(), job.run()) == (1, 0)

    assert street.budget_points(door.activity) == 0
    assert street.findings() == set()


def test_the_same_batch_from_four_places_at_once_has_one_effect(street):
    door = Door(street)
    people = [street.resident(f"居民{n}") for n in range(6)]
    items = [door.scan(person) for person in people]
    shuffled = [items[n:] + items[:n] for n in range(4)]

    answers = at_once(
        *(lambda some=some, n=n: door.brings(*some, device=f"phone-number-{n % 2}") for n, some in enumerate(shuffled))
    )

    assert statuses(answers) == {200: 4}
    assert len(door.presences()) == 6
    assert [street.wallet(person).available for person in people] == [20] * 6
    assert street.rows(select(func.count()).select_from(Scan)) == [12]
    assert street.findings() == set()
