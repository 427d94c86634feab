"""Places that are free again are offered for a while; households sign up together; who stays away is seen."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from backend.activities.models import Activity, SignUp
from backend.activities.waiting_rules import is_late, kept_until
from backend.cli.jobs import pass_on_places
from backend.foundation.clock import now
from backend.foundation.outbox import OutboxMessage
from backend.messages.texts import text_of
from tests.builders.races import at_once, deadlocks_counted, statuses

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ahead(street):
    """An activity in ten days, with two places."""
    return street.activity(capacity=2, starts_at=now() + 10 * DAY)


def sign_up(street, activity, person, **body):
    return street.phone(person).post(f"/activities/{activity.id}/sign-ups", body)


def withdraw(street, activity, person):
    return street.phone(person).delete(f"/activities/{activity.id}/sign-ups/mine")


def mine(street, activity, person):
    return street.phone(person).get(f"/activities/{activity.id}")["my"]["sign_up"]


def accept(street, activity, person):
    return street.phone(person).post(f"/sign-ups/{mine(street, activity, person)['id']}/accept")


def told(street, person):
    """What they were told, in the order of telling."""
    wanted = select(OutboxMessage).where(OutboxMessage.person_id == person.id).order_by(OutboxMessage.id)
    return [text_of(message.topic, message.facts) for message in street.rows(wanted)]


def full(street, activity):
    """Two who have a place and three who wait."""
    people = [street.resident() for _ in range(5)]
    for person in people:
        sign_up(street, activity, person)
    return people


@pytest.mark.parametrize(
    ("ahead", "kept"),
    [(10 * DAY, 12 * HOUR), (DAY + HOUR, 12 * HOUR), (DAY, 2 * HOUR), (4 * HOUR, 2 * HOUR), (3 * HOUR, None)],
)
def test_an_offer_is_kept_for_half_a_day_and_on_the_last_day_for_two_hours(ahead, kept):
    at = now()
    assert kept_until(starts_at=at + ahead, at=at) == (at + kept if kept else None)


def test_giving_up_is_late_within_two_hours_of_the_start():
    at = now()
    assert not is_late(at - 2 * HOUR, starts_at=at)
    assert is_late(at - 2 * HOUR + timedelta(seconds=1), starts_at=at)


def test_a_free_place_is_offered_to_the_first_who_waits_and_told(street, ahead):
    placed, _, first, second, _ = full(street, ahead)

    withdraw(street, ahead, placed)

    offered = mine(street, ahead, first)
    assert (offered["state"], mine(street, ahead, second)["position"]) == ("offered", 1)
    assert offered["answer_by"] is not None
    assert "accept" in street.phone(first).get(f"/activities/{ahead.id}")["can"]
    assert "为您保留到" in told(street, first)[-1]


def test_whoever_accepts_has_the_place_and_a_repeat_says_so(street, ahead):
    placed, _, first, *_ = full(street, ahead)
    withdraw(street, ahead, placed)

    answers = [accept(street, ahead, first), accept(street, ahead, first)]

    assert [(answer.status, answer["state"], answer["answer_by"]) for answer in answers] == [(200, "placed", None)] * 2
    assert street.rows(select(Activity.places_taken).where(Activity.id == ahead.id)) == [2]


def test_an_offer_nobody_answers_goes_to_the_next_and_is_over_for_the_first(street, ahead):
    placed, _, first, second, _ = full(street, ahead)
    withdraw(street, ahead, placed)

    with time_machine.travel(now() + 12 * HOUR + timedelta(minutes=1), tick=False):
        with street.inside():
            assert pass_on_places() == 1
            assert pass_on_places() == 0
        assert mine(street, ahead, first)["state"] == "withdrawn"
        assert mine(street, ahead, second)["state"] == "offered"
        refused = accept(street, ahead, first)
        assert (refused.status, refused.code) == (409, "offer_over")
        assert "已让给下一位" in told(street, first)[-1]
        assert sign_up(street, ahead, first)["position"] == 2


def test_too_late_an_answer_is_refused_also_before_the_job_came_by(street, ahead):
    placed, _, first, *_ = full(street, ahead)
    withdraw(street, ahead, placed)

    with time_machine.travel(now() + 13 * HOUR, tick=False):
        assert accept(street, ahead, first).code == "offer_over"


def test_whoever_declines_an_offer_passes_it_on(street, ahead):
    placed, _, first, second, _ = full(street, ahead)
    withdraw(street, ahead, placed)

    assert withdraw(street, ahead, first)["state"] == "withdrawn"

    assert mine(street, ahead, second)["state"] == "offered"


def test_shortly_before_the_start_a_place_is_given_at_once(street):
    soon = street.activity(capacity=2, starts_at=now() + 2 * HOUR)
    placed, _, first, *_ = full(street, soon)

    withdraw(street, soon, placed)

    assert mine(street, soon, first)["state"] == "placed"
    assert "候补成功" in told(street, first)[-1]


def test_whoever_was_offered_a_place_and_comes_has_it(street):
    activity = street.activity(capacity=1, starts_at=now() + 5 * HOUR)
    placed, waits = street.resident(), street.resident()
    for person in (placed, waits):
        sign_up(street, activity, person)
    withdraw(street, activity, placed)
    assert mine(street, activity, waits)["state"] == "offered"

    with time_machine.travel(activity.starts_at, tick=False):
        came = street.phone(waits).post("/check-ins", {"code": street.door_code(activity)})

    assert came.status == 201
    assert mine(street, activity, waits)["state"] == "placed"
    assert street.rows(select(Activity.places_taken).where(Activity.id == activity.id)) == [1]


def test_a_hundred_at_once_on_thirty_places_and_twenty_leave_and_all_accept(street):
    activity = street.activity(capacity=30, starts_at=now() + 10 * DAY)
    people = [street.resident() for _ in range(100)]

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda person=person: sign_up(street, activity, person) for person in people])
        states = [answer["state"] for answer in answers]
        assert (statuses(answers), states.count("placed"), states.count("waiting")) == ({201: 100}, 30, 70)
        leaving = [person for person, state in zip(people, states, strict=True) if state == "placed"][:10]
        at_once(*[lambda person=person: withdraw(street, activity, person) for person in leaving])
        offered = street.rows(select(SignUp.person_id).where(SignUp.state == "offered"))
        accepted = at_once(
            *[lambda p=p: accept(street, activity, p) for p in people if p.id in offered for _ in range(2)]
        )

    assert (len(offered), statuses(accepted), deadlocks) == (10, {200: 20}, [])
    assert street.rows(select(SignUp.state)).count("placed") == 30
    assert street.rows(select(Activity.places_taken)) == [30]


# Households


def household(street, size):
    home = street.household()
    return [street.moves(street.resident(), home) for _ in range(size)]


def test_a_household_is_placed_together(street):
    activity = street.activity(capacity=5, starts_at=now() + DAY)
    people = household(street, 3)

    answer = sign_up(street, activity, people[0], people=[str(person.id) for person in people])

    assert (answer.status, answer["state"], len(answer["party"])) == (201, "placed", 3)
    assert {place["state"] for place in answer["party"]} == {"placed"}
    listed = street.leader_of(activity).get(f"/activities/{activity.id}/sign-ups")["items"]
    assert len({item["party"] for item in listed}) == 1


def test_a_household_too_large_for_what_is_left_waits_together(street):
    activity = street.activity(capacity=2, starts_at=now() + DAY)
    people = household(street, 3)

    answer = sign_up(street, activity, people[0], people=[str(person.id) for person in people])

    assert [(place["state"], place["position"]) for place in answer["party"]] == [
        ("waiting", 1),
        ("waiting", 2),
        ("waiting", 3),
    ]
    assert street.rows(select(Activity.places_taken)) == [0]


def test_whoever_had_a_place_keeps_it_when_the_household_signs_up(street):
    activity = street.activity(capacity=3, starts_at=now() + DAY)
    people = household(street, 2)
    first = sign_up(street, activity, people[1])

    both = sign_up(street, activity, people[0], people=[str(person.id) for person in people])
    again = sign_up(street, activity, people[0], people=[str(person.id) for person in people])

    assert (both.status, again.status) == (201, 200)
    assert first["id"] in {place["id"] for place in both["party"]}
    assert street.rows(select(Activity.places_taken)) == [2]


def test_a_neighbour_is_not_signed_up_by_me(street):
    activity = street.activity(starts_at=now() + DAY)
    me, neighbour = street.resident(), street.resident()

    refused = sign_up(street, activity, me, people=[str(me.id), str(neighbour.id)])

    assert refused.status == 404
    assert street.rows(select(SignUp.id)) == []


# Who stays away


def test_whoever_has_a_place_and_does_not_come_has_missed_it(street):
    activity = street.activity()
    came, stayed_away, left = (street.resident() for _ in range(3))
    for person in (came, stayed_away, left):
        sign_up(street, activity, person)
    street.phone(came).post("/check-ins", {"code": street.door_code(activity)})
    withdraw(street, activity, left)

    def missed(person):
        [item] = street.phone(person).get("/me/sign-ups")["items"]
        return item["missed"], item["late"], item["activity"]["title"]

    assert missed(stayed_away) == (False, False, "周六清洁日")
    with time_machine.travel(activity.ends_at, tick=False):
        assert missed(came) == (False, False, "周六清洁日")
        assert missed(stayed_away) == (True, False, "周六清洁日")
        assert missed(left) == (False, True, "周六清洁日")
        listed = street.leader_of(activity).get(f"/activities/{activity.id}/sign-ups")["items"]
        assert [item["missed"] for item in listed] == [False, True]
