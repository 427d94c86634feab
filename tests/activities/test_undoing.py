"""Undoing a check-in: the record stays, what it earned is taken back, once, from whoever has it today."""

from datetime import timedelta
from uuid import UUID

import time_machine
from sqlalchemy import select

from backend.activities.models import Activity, CheckIn
from backend.activities.publishing import settle
from backend.foundation.clock import now
from backend.foundation.db import find
from backend.funds.models import Fund
from backend.people.models import Person
from backend.people.scopes import over_group
from backend.places.models import Household
from tests.builders.races import at_once, statuses


def seen(street, activity, person, by, **more):
    body = {"activity_id": str(activity.id), "person_id": str(person.id), "reason": "忘带手机"} | more
    return street.phone(by).post("/check-ins", body)


def another_leader(street, activity):
    return street.gives(street.resident("钱副队长"), "leader", over_group(activity.group_id, "清晨志愿队"))


def checked_in(street):
    """Somebody ticked at the door, and paid 20 of 100 points: the activity, they, who ticked them, the check-in."""
    person = street.resident()
    activity = street.activity(fund=street.fund(100), points_fixed=20, budget_points=100)
    leader = another_leader(street, activity)
    answer = seen(street, activity, person, leader)
    assert (answer.status, answer["points"]) == (201, 20), answer.body
    return activity, person, leader, answer["check_in"]["id"]


def undoes(street, by, check_in):
    return street.phone(by).post(f"/check-ins/{check_in}/undo", {"reason": "不是本人"})


def test_the_leader_takes_back_a_check_in_and_the_budget_has_its_points_again(street):
    activity, person, leader, check_in = checked_in(street)

    first, again = undoes(street, leader, check_in), undoes(street, leader, check_in)

    assert (first.status, first["state"], first["points"]) == (200, "undone", 0)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert street.wallet(person).available == 0
    assert street.budget_points(activity) == 100
    assert street.findings() == set()


def test_what_was_spent_meanwhile_is_owed(street):
    _, person, leader, check_in = checked_in(street)
    street.gives_points(person, 15, to="charity_pool")

    undoes(street, leader, check_in)

    wallet = street.wallet(person)
    assert (wallet.available, wallet.recoverable) == (0, 15)
    assert street.findings() == set()


def test_they_may_be_seen_again_at_the_door_but_do_not_put_themselves_back(street):
    activity, person, leader, check_in = checked_in(street)
    undoes(street, leader, check_in)

    alone = street.phone(person).post("/check-ins", {"code": street.door_code(activity)})
    again = seen(street, activity, person, leader)

    assert alone.code == "check_in_undone"
    assert (again.status, again["points"], again["balance"]) == (201, 20, 20)
    assert again["check_in"]["id"] == check_in
    undoes(street, leader, check_in)
    assert street.wallet(person).available == 0
    assert street.findings() == set()


def test_after_the_settling_a_worker_does_it_and_the_fund_gets_the_points(street):
    activity, person, leader, check_in = checked_in(street)
    with time_machine.travel(now() + timedelta(hours=3), tick=True):
        as_leader = street.caller(leader)
        street.does(lambda: settle(find(Activity, activity.id, locked=True), by=as_leader))

        assert undoes(street, leader, check_in).code == "undo_needs_worker"
        assert undoes(street, street.worker(), check_in).status == 200

    with street.inside():
        fund = find(Fund, activity.fund_id)
    assert (street.fund_points(fund), street.wallet(person).available) == (100, 0)
    assert street.findings() == set()


def test_nobody_undoes_for_their_own_household_and_a_helper_not_at_all(street):
    activity, person, _, check_in = checked_in(street)
    with street.inside():
        home = find(Household, find(Person, person.id).household_id)
    wife = street.person("妻子", household=home)
    street.gives(wife, "leader", over_group(activity.group_id, "清晨志愿队"))
    helper = street.gives(street.resident("志愿者"), "helper", over_group(activity.group_id, "清晨志愿队"))

    assert undoes(street, wife, check_in).code == "second_household_needed"
    assert undoes(street, helper, check_in).status == 403
    assert undoes(street, person, check_in).status == 403
    assert undoes(street, street.resident("路人"), check_in).status == 404


def test_a_stay_that_was_too_long_is_shortened(street):
    person = street.resident()
    facts = {"kind": "service", "points_per_hour": 10, "points_max": 20, "hours": 3, "budget_points": 50}
    activity = street.activity(fund=street.fund(50), starts_at=now(), **facts)
    leader = another_leader(street, activity)
    check_in = seen(street, activity, person, leader)["check_in"]["id"]
    with time_machine.travel(now() + timedelta(minutes=90), tick=True):
        left = seen(street, activity, person, leader, direction="out")
        assert (left["points"], left["minutes"]) == (15, 90), left.body

        def shortened(minutes):
            return street.phone(leader).post(f"/check-ins/{check_in}/shorten", {"minutes": minutes, "reason": "早退"})

        answer, longer = shortened(30), shortened(60)

    assert (answer.status, answer["points"], answer["minutes"]) == (200, 5, 30), answer.body
    assert longer.status == 422
    wallet = street.wallet(person)
    assert (wallet.available, wallet.minutes) == (5, 30)
    assert street.findings() == set()


def test_who_became_another_account_is_charged_there(street):
    activity, before, leader, check_in = checked_in(street)
    now_on = street.person("王小英", verified="none")
    street.merged(before, now_on)

    undoes(street, leader, check_in)

    for account in (now_on, before):
        assert (street.wallet(account).available, street.wallet(account).recoverable) == (0, 0)
    assert street.budget_points(activity) == 100
    assert street.findings() == set()


def test_two_who_undo_at_once_take_it_back_once(street):
    activity, person, leader, check_in = checked_in(street)
    worker = street.worker()

    answers = at_once(*(lambda by=by: undoes(street, by, check_in) for by in (leader, worker, leader, worker)))

    assert statuses(answers) == {200: 4}
    row = street.rows(select(CheckIn).where(CheckIn.id == UUID(check_in)))[0]
    assert (row.state, row.times_undone) == ("undone", 1)
    assert (street.wallet(person).available, street.budget_points(activity)) == (0, 100)
    assert street.findings() == set()
