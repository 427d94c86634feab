"""Forgotten check-outs: closed with the session, seen by the leader, paid only once somebody confirms them."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from backend.activities.models import CheckIn
from backend.activities.offline_models import OfflinePack
from backend.cli.jobs import close_check_outs
from backend.foundation.clock import now
from backend.foundation.db import insert_once, transactional
from backend.people.scopes import over_group
from tests.builders.doors import Door, results

LATER = timedelta(hours=4)


@pytest.fixture
def activity(street):
    """A service of two hours, ten points an hour, that began ten minutes ago."""
    return street.activity(fund=street.fund(1000), kind="service", points_per_hour=10, points_max=40, budget_points=200)


def comes(street, activity, person):
    return street.phone(person).post("/check-ins", {"code": street.door_code(activity)})


def goes(street, activity, person):
    return street.phone(person).post("/check-ins", {"code": street.door_code(activity), "direction": "out"})


def another_leader(street, activity):
    return street.gives(street.resident("钱副队长"), "leader", over_group(activity.group_id, "清晨志愿队"))


def closed(street):
    with street.inside():
        return close_check_outs()


def test_who_forgets_is_closed_with_the_session_and_waits_unpaid(street, activity):
    person = street.resident()
    comes(street, activity, person)
    assert closed(street) == 0

    with time_machine.travel(activity.ends_at + timedelta(minutes=61), tick=False):
        assert (closed(street), closed(street)) == (1, 0)
        [waits] = street.leader_of(activity).get("/reviews")["items"]

    assert (waits["left_unseen"], waits["state"], waits["minutes"]) == (True, "review", 109)
    assert (waits["points"], waits["unpaid"]) == (0, "review")
    assert waits["checked_out_at"] == activity.ends_at.isoformat().replace("+00:00", "Z")
    assert (street.wallet(person).available, street.findings()) == (0, set())


def test_a_leader_confirms_everybody_at_once_but_not_the_own_household(street, activity):
    people = [street.resident() for _ in range(3)]
    leader = another_leader(street, activity)
    home = street.household()
    family = street.moves(street.resident(), home)
    street.moves(leader, home)
    for person in (*people, family):
        comes(street, activity, person)

    with time_machine.travel(activity.ends_at + LATER, tick=False):
        closed(street)
        first = street.phone(leader).post(f"/activities/{activity.id}/reviews/confirm", {"reason": "都在"})
        again = street.phone(leader).post(f"/activities/{activity.id}/reviews/confirm")

    assert (first["confirmed"], again["confirmed"], again["left"]) == (3, 0, first["left"])
    assert {street.wallet(person).available for person in people} == {15}
    assert street.wallet(family).available == 0
    assert street.findings() == set()


def test_one_is_shortened_and_one_declined_before(street, activity):
    short, none = street.resident(), street.resident()
    ids = {person.id: comes(street, activity, person)["check_in"]["id"] for person in (short, none)}
    leader = another_leader(street, activity)

    with time_machine.travel(activity.ends_at + LATER, tick=False):
        closed(street)
        phone = street.phone(leader)
        shortened = phone.post(f"/check-ins/{ids[short.id]}/shorten", {"minutes": 60, "reason": "中途离开"})
        declined = phone.put(f"/reviews/{ids[none.id]}", {"decision": "declined", "reason": "签到后就走了"})

    assert (shortened["state"], shortened["minutes"], shortened["points"]) == ("recorded", 60, 10)
    assert (declined["state"], declined["minutes"], declined["points"]) == ("recorded", 0, 0)
    assert (street.wallet(short).available, street.wallet(none).available) == (10, 0)
    assert street.findings() == set()


def test_settling_closes_what_is_forgotten_and_refuses_nothing(street, activity):
    gone, forgot = street.resident(), street.resident()
    comes(street, activity, gone)
    forgotten = comes(street, activity, forgot)["check_in"]["id"]
    leader = another_leader(street, activity)

    with time_machine.travel(activity.starts_at + timedelta(minutes=101), tick=False):
        assert goes(street, activity, gone)["points"] == 15
        settled = street.phone(leader).post(f"/activities/{activity.id}/settle", {"head_count": 2})
        confirmed = street.phone(leader).put(f"/reviews/{forgotten}", {"decision": "confirmed"})

    assert (settled["state"], confirmed["minutes"], confirmed["points"]) == ("settled", 90, 15)
    assert (street.wallet(forgot).available, street.findings()) == (15, set())


def test_points_for_coming_stay_and_only_the_minutes_wait(street):
    activity = street.activity(fund=street.fund(100), kind="service", points_fixed=20, budget_points=100)
    person = street.resident()
    came = comes(street, activity, person)
    assert came["points"] == 20

    with time_machine.travel(activity.ends_at + LATER, tick=False):
        closed(street)
        declined = street.leader_of(activity).put(f"/reviews/{came['check_in']['id']}", {"decision": "declined"})

    assert (declined["state"], declined["points"], declined["minutes"]) == ("recorded", 20, 0)
    assert (street.wallet(person).available, street.findings()) == (20, set())


def test_where_time_does_not_count_nothing_is_closed(street):
    activity = street.activity(fund=street.fund(100), points_fixed=20, budget_points=100)
    comes(street, activity, street.resident())

    with time_machine.travel(activity.ends_at + LATER, tick=False):
        assert closed(street) == 0


def test_a_phone_without_a_network_is_waited_for(street, activity):
    comes(street, activity, street.resident())

    def took_along():
        insert_once(
            OfflinePack,
            activity_id=activity.id,
            device_id="phone",
            fetched_by_id=activity.creator_id,
            fetched_at=now(),
            valid_until=activity.ends_at,
        )

    with street.inside():
        transactional(took_along)()

    with time_machine.travel(activity.ends_at + LATER, tick=False):
        assert closed(street) == 0
    assert street.rows(select(CheckIn.checked_out_at)) == [None]


def test_who_was_paid_for_coming_and_left_too_late_may_be_declined(street):
    activity = street.activity(fund=street.fund(100), kind="service", points_fixed=20, budget_points=100)
    person = street.resident()
    came = comes(street, activity, person)

    with time_machine.travel(activity.ends_at + timedelta(hours=2), tick=False):
        body = {"activity_id": str(activity.id), "person_id": str(person.id), "reason": "补", "direction": "out"}
        gone = street.leader_of(activity).post("/check-ins", body)
        declined = street.leader_of(activity).put(f"/reviews/{came['check_in']['id']}", {"decision": "declined"})

    assert gone["check_in"]["state"] == "review"
    assert (declined.status, declined["state"], declined["points"], declined["minutes"]) == (200, "recorded", 20, 0)
    assert (street.wallet(person).available, street.findings()) == (20, set())


@pytest.mark.parametrize("is_settled", [False, True])
def test_a_phone_that_saw_them_leave_corrects_what_was_closed_once(street, is_settled):
    began = now() - timedelta(minutes=130)
    with time_machine.travel(began, tick=False):
        door = Door(street, kind="service", points_fixed=None, points_per_hour=10, points_max=40, hours=2)
    person = street.resident()
    door.brings(door.scan(person, at=began + timedelta(minutes=10)))
    seen_to_go = door.scan(person, at=began + timedelta(minutes=70), direction="out")

    with time_machine.travel(began + timedelta(hours=4), tick=False):
        if is_settled:
            door.leader.post(f"/activities/{door.activity.id}/settle")
        else:
            assert closed(street) == 1
        assert [presence.state for presence in door.presences()] == ["review"]
        answers = [results(door.brings(seen_to_go)) for _ in range(2)]

    [presence] = door.presences()
    assert (answers[0], presence.state, presence.minutes, presence.left_unseen) == (["created"], "recorded", 60, False)
    assert (street.wallet(person).available, street.wallet(person).minutes) == (10, 60)
    assert street.findings() == set()
