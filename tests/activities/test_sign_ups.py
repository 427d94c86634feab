"""Taking a place, waiting for one, giving it up."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from backend.activities.models import Activity, SignUp
from backend.foundation.clock import now
from backend.people.scopes import over_group
from tests.builders.races import at_once, deadlocks_counted, statuses


@pytest.fixture
def activity(street):
    return street.activity(capacity=2)


def sign_up(street, activity, person):
    return street.phone(person).post(f"/activities/{activity.id}/sign-ups")


def withdraw(street, activity, person):
    return street.phone(person).delete(f"/activities/{activity.id}/sign-ups/mine")


def seen(street, activity, person):
    return street.phone(person).get(f"/activities/{activity.id}")


def mine(street, activity, *people):
    """Where each of them stands: their state and position."""
    places = [seen(street, activity, person)["my"]["sign_up"] for person in people]
    return [(place["state"], place["position"]) for place in places]


def left(street, activity):
    return street.leader_of(activity).get(f"/activities/{activity.id}")["places_left"]


def test_who_comes_first_has_a_place_who_comes_later_a_position(street, activity):
    people = [street.resident() for _ in range(4)]

    answers = [sign_up(street, activity, person) for person in people]

    assert statuses(answers) == {201: 4}
    assert [(answer["state"], answer["position"]) for answer in answers] == [
        ("placed", None),
        ("placed", None),
        ("waiting", 1),
        ("waiting", 2),
    ]
    assert mine(street, activity, *people) == [("placed", None), ("placed", None), ("waiting", 1), ("waiting", 2)]
    assert left(street, activity) == 0


def test_what_i_can_do_follows_from_what_i_did(street, activity):
    resident = street.resident()
    assert (seen(street, activity, resident)["my"], seen(street, activity, resident)["can"]) == (
        None,
        ["sign_up", "check_in"],
    )

    sign_up(street, activity, resident)
    assert seen(street, activity, resident)["can"] == ["withdraw", "check_in"]

    withdraw(street, activity, resident)
    assert seen(street, activity, resident)["my"]["sign_up"]["state"] == "withdrawn"
    assert seen(street, activity, resident)["can"] == ["sign_up", "check_in"]


def test_signing_up_again_answers_the_place_one_has(street, activity):
    resident = street.resident()
    first = sign_up(street, activity, resident)

    again = sign_up(street, activity, resident)

    assert (again.status, again.body) == (200, first.body)
    assert left(street, activity) == 1


def test_an_unverified_person_may_sign_up_too(street, activity):
    assert sign_up(street, activity, street.person(verified="none"))["state"] == "placed"


def test_twenty_taps_take_one_place(street, activity):
    resident = street.resident()

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda: sign_up(street, activity, resident)] * 20)

    assert (statuses(answers), deadlocks) == ({201: 1, 200: 19}, [])
    assert {(answer["id"], answer["state"]) for answer in answers} == {(answers[0]["id"], "placed")}
    assert left(street, activity) == 1


def test_sixty_at_once_on_thirty_places_are_thirty_placed_and_thirty_waiting_in_a_row(street):
    activity = street.activity(capacity=30)
    people = [street.resident() for _ in range(60)]

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda person=person: sign_up(street, activity, person) for person in people])

    assert (statuses(answers), deadlocks) == ({201: 60}, [])
    for places in ([(answer["state"], answer["position"]) for answer in answers], mine(street, activity, *people)):
        assert sorted(position for state, position in places if state == "waiting") == list(range(1, 31))
        assert places.count(("placed", None)) == 30
    assert street.rows(select(Activity.places_taken)) == [30]


def test_whoever_gives_a_place_up_makes_room_for_the_first_who_waits(street, activity):
    people = [street.resident() for _ in range(4)]
    for person in people:
        sign_up(street, activity, person)

    gone = withdraw(street, activity, people[0])

    assert (gone.status, gone["state"], gone["position"]) == (200, "withdrawn", None)
    assert mine(street, activity, *people) == [("withdrawn", None), ("placed", None), ("placed", None), ("waiting", 1)]
    assert left(street, activity) == 0


def test_whoever_waits_and_leaves_shortens_the_list(street, activity):
    people = [street.resident() for _ in range(5)]
    for person in people:
        sign_up(street, activity, person)

    withdraw(street, activity, people[2])

    assert mine(street, activity, *people[3:]) == [("waiting", 1), ("waiting", 2)]
    assert left(street, activity) == 0


def test_a_place_nobody_waits_for_is_free_again(street, activity):
    resident = street.resident()
    sign_up(street, activity, resident)

    assert withdraw(street, activity, resident).status == withdraw(street, activity, resident).status == 200
    assert left(street, activity) == 2


def test_whoever_comes_back_stands_at_the_end(street, activity):
    people = [street.resident() for _ in range(4)]
    for person in people:
        sign_up(street, activity, person)
    withdraw(street, activity, people[0])

    back = sign_up(street, activity, people[0])

    assert (back.status, back["state"], back["position"]) == (201, "waiting", 2)


def test_without_a_place_there_is_none_to_give_up(street, activity):
    refused = withdraw(street, activity, street.resident())

    assert (refused.status, refused.code) == (404, "not_found")


def test_who_was_there_does_not_give_the_place_up(street, activity):
    resident = street.resident()
    sign_up(street, activity, resident)
    street.phone(resident).post("/check-ins", {"code": street.door_code(activity)})

    refused = withdraw(street, activity, resident)

    assert (refused.status, refused.code) == (409, "already_checked_in")
    assert left(street, activity) == 1


def test_sign_ups_close_with_the_activity(street, activity):
    with time_machine.travel(activity.ends_at - timedelta(seconds=1), tick=False):
        assert sign_up(street, activity, street.resident()).status == 201
    with time_machine.travel(activity.ends_at, tick=False):
        refused = sign_up(street, activity, street.resident())
    assert (refused.status, refused.code) == (409, "sign_ups_closed")


def test_places_are_neither_lost_nor_doubled_while_people_come_and_go(street):
    activity = street.activity(capacity=5)
    people = [street.resident() for _ in range(12)]

    def come_and_go(person, leaves):
        sign_up(street, activity, person)
        if leaves:
            withdraw(street, activity, person)

    with deadlocks_counted(street.app) as deadlocks:
        at_once(*[lambda n=n, person=person: come_and_go(person, n % 2) for n, person in enumerate(people)])

    assert deadlocks == []
    states = street.rows(select(SignUp.state))
    assert (states.count("placed"), states.count("waiting"), states.count("withdrawn")) == (5, 1, 6)
    assert street.rows(select(Activity.places_taken)) == [5]


def test_those_at_the_door_see_who_signed_up_in_that_order(street, activity):
    for name in ("王小英", "李雷", "韩梅梅"):
        sign_up(street, activity, street.resident(name))
    gone = street.resident("走了的")
    sign_up(street, activity, gone)
    withdraw(street, activity, gone)
    with street.inside():
        group = street.rows(select(Activity.group_id))[0]
    helper = street.gives(street.resident(), "helper", over_group(group, "清晨志愿队"))
    path = f"/activities/{activity.id}/sign-ups"

    first = street.phone(helper).get(path, limit=2)
    rest = street.phone(helper).get(path, cursor=first["next"])

    shown = [(item["name"], item["state"], item["position"]) for item in first["items"] + rest["items"]]
    assert shown == [("王*英", "placed", None), ("李*", "placed", None), ("韩*梅", "waiting", 1)]
    assert street.phone(street.resident()).get(path).status == 403
    assert street.phone(street.worker()).get(path).status == 200


def test_a_place_of_long_ago_is_not_taken_by_waiting(street):
    """Somebody who waits and walks in while a place is free takes it and leaves the list."""
    activity = street.activity(capacity=1)
    placed, waiting = street.resident(), street.resident()
    for person in (placed, waiting):
        sign_up(street, activity, person)
    street.leader_of(activity).put(f"/activities/{activity.id}", {"capacity": 2})

    came = street.phone(waiting).post("/check-ins", {"code": street.door_code(activity)})

    assert (came.status, left(street, activity)) == (201, 0)
    assert mine(street, activity, waiting) == [("placed", None)]
    assert now() < activity.ends_at


def test_nobody_acts_for_somebody_else_by_a_header_nobody_reads(street):
    worker, elder = street.worker(), street.resident()
    activity = street.activity()

    phone = street.phone(worker)
    headers = {"X-On-Behalf-Of": str(elder.id), "X-Channel": "desk"}
    unexplained = phone.post(f"/activities/{activity.id}/sign-ups", headers=headers)
    unheard_of = phone.post("/check-ins", {"code": street.door_code(activity)}, headers=headers)

    assert (unexplained.status, list(unexplained["errors"])) == (422, ["X-Reason"])
    assert (unheard_of.status, unheard_of.code) == (403, "acting_for_others_unavailable")
    assert street.phone(worker).get(f"/activities/{activity.id}")["my"] is None
