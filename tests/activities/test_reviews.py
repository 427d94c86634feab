"""Nobody is refused at the door for being a leader, and nobody pays themselves or their own household."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from backend.activities.models import Activity, CheckIn
from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.people.scopes import over_group
from backend.places.models import Household
from tests.builders.races import at_once, deadlocks_counted, statuses


@pytest.fixture
def fund(street):
    return street.fund(1000)


@pytest.fixture
def leader(street):
    return street.resident("赵队长")


@pytest.fixture
def group(street, leader):
    return street.group(leader=leader)


@pytest.fixture
def activity(street, fund, leader, group):
    return street.activity(leader=leader, group=group, fund=fund)


def come(street, activity, person):
    return street.phone(person).post("/check-ins", {"code": street.door_code(activity)})


def tick(street, activity, person, by):
    body = {"activity_id": str(activity.id), "person_id": str(person.id), "reason": "忘带手机"}
    return street.phone(by).post("/check-ins", body)


def review(street, presence, by, decision="confirmed", **more):
    return street.phone(by).put(f"/reviews/{presence['check_in']['id']}", {"decision": decision} | more)


def listed(street, person):
    return [item["id"] for item in street.phone(person).get("/reviews")["items"]]


def waits(answer):
    return (answer.status, answer["check_in"]["state"], answer["points"], answer["unpaid"]) == (
        201,
        "review",
        0,
        "review",
    )


def test_the_leaders_own_check_in_waits_and_is_paid_when_another_household_confirms(street, activity, leader):
    worker = street.worker()

    came = come(street, activity, leader)
    assert waits(came)
    assert street.wallet(leader).available == 0
    assert listed(street, worker) == [came["check_in"]["id"]]

    confirmed = review(street, came, worker)

    assert (confirmed.status, confirmed["state"], confirmed["points"], confirmed["unpaid"]) == (
        200,
        "recorded",
        20,
        None,
    )
    assert street.wallet(leader).available == 20
    assert listed(street, worker) == []


@pytest.mark.parametrize("role", ["helper", "deputy", "leader"])
def test_whoever_runs_the_door_waits_too(street, activity, group, role):
    runner = street.gives(street.resident(), role, over_group(group.id, group.name))

    assert waits(come(street, activity, runner))


def test_the_family_of_whoever_runs_the_door_waits_too(street, activity, group):
    home = street.household()
    street.moves(street.helper(group), home)
    spouse = street.person("家属", household=home)

    assert waits(come(street, activity, spouse))


def test_who_wrote_or_published_the_activity_waits_too(street, fund, group, leader):
    writer, publisher = street.worker(), street.worker()
    activity = street.draft(by=writer, group=group, fund=fund)
    assert street.phone(publisher).post(f"/activities/{activity.id}/publish").status == 200

    for runner in (writer, publisher):
        assert waits(tick(street, activity, runner, by=leader))


def test_a_resident_does_not_wait(street, activity, leader):
    came = come(street, activity, street.resident())

    assert (came["check_in"]["state"], came["points"]) == ("recorded", 20)
    assert tick(street, activity, street.resident(), by=leader)["points"] == 20


def test_a_scan_by_ones_own_household_waits(street, activity):
    home = street.household()
    worker = street.moves(street.worker(), home)
    child = street.person("小明", household=home)

    assert waits(tick(street, activity, child, by=worker))


def test_nobody_ticks_their_own_name_and_is_paid(street, activity):
    worker = street.worker()

    assert waits(tick(street, activity, worker, by=worker))


def test_nobody_confirms_themselves_or_their_own_household(street, activity, leader, group):
    home = street.household()
    street.moves(leader, home)
    helper_at_home = street.moves(street.helper(group), home)
    came = come(street, activity, leader)

    for reviewer in (leader, helper_at_home):
        refused = review(street, came, reviewer)
        assert (refused.status, refused.code) == (403, "second_household_needed")
    assert street.wallet(leader).available == 0
    assert review(street, came, street.helper(group)).status == 200


def test_the_database_refuses_a_confirmation_of_oneself_too(street, activity, leader):
    come(street, activity, leader)

    with pytest.raises(IntegrityError, match="nobody_confirms_themselves"):
        street.does(lambda: session().execute(update(CheckIn).values(reviewer_id=leader.id)))


@pytest.mark.parametrize("who", ["resident", "member", "helper of another group"])
def test_only_those_at_the_door_confirm(street, activity, leader, group, who):
    came = come(street, activity, leader)
    person = {
        "resident": street.resident,
        "member": lambda: street.member(group, street.resident()),
        "helper of another group": lambda: street.helper(street.group(name="别的队")),
    }[who]()

    refused = review(street, came, person)

    assert (refused.status, refused.code) == (404, "not_found")
    assert listed(street, person) == []
    assert street.rows(select(CheckIn.state)) == ["review"]


def test_a_declined_check_in_is_undone_and_earns_nothing(street, fund, group, leader):
    with time_machine.travel(now(), tick=False) as clock:
        activity = street.activity(leader=leader, group=group, fund=fund, kind="service", starts_at=now())
        worker = street.worker()
        came = come(street, activity, leader)
        clock.shift(timedelta(minutes=30))
        street.phone(leader).post("/check-ins", {"code": street.door_code(activity), "direction": "out"})

        declined = review(street, came, worker, "declined", reason="没有看到本人")

    assert (declined["state"], declined["points"], declined["minutes"], declined["unpaid"]) == ("undone", 0, 0, None)
    wallet = street.wallet(leader)
    assert (wallet.available, wallet.minutes) == (0, 0)
    assert street.budget_points(activity) == 600


@pytest.mark.parametrize(("said", "then"), [("confirmed", "declined"), ("declined", "confirmed")])
def test_deciding_the_same_again_is_fine_and_otherwise_is_refused(street, activity, leader, said, then):
    worker, came = street.worker(), come(street, activity, leader)
    decided = review(street, came, worker, said)

    assert review(street, came, worker, said).body == decided.body
    refused = review(street, came, worker, then)

    assert (refused.status, refused.code) == (409, "review_decided")
    assert street.wallet(leader).available == (20 if said == "confirmed" else 0)


def test_what_did_not_wait_is_not_reviewed(street, activity):
    came = come(street, activity, street.resident())

    for decision in ("confirmed", "declined"):
        assert review(street, came, street.worker(), decision).code == "review_decided"


def test_twenty_confirmations_at_once_pay_once(street, activity, leader):
    came, workers = come(street, activity, leader), [street.worker() for _ in range(2)]

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda worker=worker: review(street, came, worker) for worker in workers * 10])

    assert (statuses(answers), deadlocks) == ({200: 20}, [])
    assert (street.wallet(leader).available, street.budget_points(activity)) == (20, 580)


def test_minutes_and_points_by_the_hour_wait_for_the_confirmation(street, fund, group, leader):
    with time_machine.travel(now(), tick=False) as clock:
        hourly = {"points_per_hour": 10, "points_max": 20, "kind": "service"}
        activity = street.activity(leader=leader, group=group, fund=fund, starts_at=now(), **hourly)
        came = come(street, activity, leader)
        assert (came["check_in"]["state"], came["points"]) == ("review", 0)
        clock.shift(timedelta(minutes=60))
        gone = street.phone(leader).post("/check-ins", {"code": street.door_code(activity), "direction": "out"})
        assert (gone["points"], gone["unpaid"]) == (0, "review")
        assert (street.wallet(leader).minutes, street.wallet(leader).available) == (0, 0)

        confirmed = review(street, came, street.worker())

    assert (confirmed["points"], confirmed["minutes"]) == (10, 60)
    assert (street.wallet(leader).minutes, street.wallet(leader).available) == (60, 10)


def test_confirmed_before_leaving_it_is_paid_at_the_check_out(street, fund, group, leader):
    with time_machine.travel(now(), tick=False) as clock:
        activity = street.activity(
            leader=leader, group=group, fund=fund, starts_at=now(), points_per_hour=10, points_max=20
        )
        came = come(street, activity, leader)
        assert review(street, came, street.worker())["points"] == 0
        clock.shift(timedelta(minutes=60))
        gone = street.phone(leader).post("/check-ins", {"code": street.door_code(activity), "direction": "out"})
        assert (gone["points"], gone["unpaid"]) == (0, "review")  # they show the code they left with
        review(street, gone, street.worker())
    assert street.wallet(leader).available == 10


def test_confirming_after_the_settling_gives_no_more_than_was_set_aside(street, fund, group, leader):
    activity = street.activity(leader=leader, group=group, fund=fund, points_fixed=20, budget_points=20)
    came = [come(street, activity, street.helper(group)) for _ in range(3)]
    street.phone(leader).post(f"/activities/{activity.id}/settle")

    paid = [review(street, each, street.worker()) for each in came]

    assert [(each["points"], each["unpaid"]) for each in paid] == [
        (20, None),
        (0, "budget_exhausted"),
        (0, "budget_exhausted"),
    ]
    assert street.fund_points(fund) == 980


def test_the_family_checks_nobody_out_by_themselves(street, fund, group, leader):
    worker = street.worker()
    with street.inside():
        home = find(Household, worker.household_id)
    spouse = street.person("家人", household=home)
    with time_machine.travel(now(), tick=False) as clock:
        activity = street.activity(
            leader=leader, group=group, fund=fund, starts_at=now(), points_per_hour=10, points_max=20
        )
        come(street, activity, spouse)
        clock.shift(timedelta(minutes=60))
        seen = {"activity_id": str(activity.id), "person_id": str(spouse.id), "reason": "代签退", "direction": "out"}
        gone = street.phone(worker).post("/check-ins", seen)

    assert (gone["check_in"]["state"], gone["points"]) == ("review", 0)
    assert street.wallet(spouse).available == 0


def test_confirmed_after_the_settling_it_is_paid_by_the_fund(street, activity, leader, fund):
    came = come(street, activity, leader)
    street.phone(leader).post(f"/activities/{activity.id}/settle")
    assert street.fund_points(fund) == 1000

    confirmed = review(street, came, street.worker())

    assert (confirmed["points"], street.wallet(leader).available, street.fund_points(fund)) == (20, 20, 980)


def test_confirmed_when_the_budget_is_used_up_it_waits_for_the_top_up(street, fund, group, leader):
    activity = street.activity(leader=leader, group=group, fund=fund, budget_points=0)
    came = come(street, activity, leader)

    assert review(street, came, street.worker())["unpaid"] == "budget_exhausted"
    street.phone(leader).put(f"/activities/{activity.id}", {"budget_points": 20})

    assert street.wallet(leader).available == 20


def test_a_top_up_does_not_pay_what_nobody_confirmed(street, activity, leader):
    came = come(street, activity, leader)

    street.phone(leader).put(f"/activities/{activity.id}", {"budget_points": 700})

    assert street.wallet(leader).available == 0
    review(street, came, street.worker())
    assert street.wallet(leader).available == 20


def test_an_unknown_review_or_one_of_another_office_is_404(street, other_street, activity, leader):
    came = come(street, activity, leader)
    stranger = other_street.worker()

    assert review(other_street, came, stranger).status == 404
    assert review(street, {"check_in": {"id": uuid4()}}, street.worker()).status == 404
    assert listed(other_street, stranger) == []


def test_reviews_are_listed_oldest_first(street, activity, leader, group):
    runners = [leader, street.helper(group), street.helper(group)]
    came = [come(street, activity, runner)["check_in"]["id"] for runner in runners]
    phone = street.phone(street.worker())

    first = phone.get("/reviews", limit=2)
    rest = phone.get("/reviews", cursor=first["next"])

    assert [item["id"] for item in first["items"] + rest["items"]] == came
    assert street.rows(select(Activity.places_taken)) == [3]
