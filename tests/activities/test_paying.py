"""What a presence earns: at once, at the check-out, or as soon as there is something to pay with."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from backend.activities.models import CheckIn, SignUp
from tests.builders.races import at_once, codes, deadlocks_counted, statuses

NINE = datetime(2026, 11, 23, 1, tzinfo=UTC)  # in Shanghai


@pytest.fixture
def clock():
    with time_machine.travel(NINE, tick=False) as clock:
        yield clock


def door(street, activity, person, direction="in", **more):
    body = {"activity_id": str(activity.id), "person_id": str(person.id), "reason": "忘带手机", "direction": direction}
    return street.leader_of(activity).post("/check-ins", body | more)


def top_up(street, activity, to):
    return street.leader_of(activity).put(f"/activities/{activity.id}", {"budget_points": to})


def presences(street):
    return street.rows(select(CheckIn).order_by(CheckIn.checked_in_at, CheckIn.id))


# when the budget is used up


def test_who_comes_when_the_budget_is_used_up_is_there_all_the_same(street, clock):
    fund = street.fund(1000)
    activity = street.activity(fund=fund, kind="service", budget_points=39, starts_at=NINE)
    first, second = street.resident(), street.resident()

    assert door(street, activity, first)["points"] == 20
    unpaid = door(street, activity, second)
    clock.shift(timedelta(minutes=61))
    gone = door(street, activity, second, "out")

    assert (unpaid.status, unpaid["points"], unpaid["unpaid"], unpaid["balance"]) == (201, 0, "budget_exhausted", 0)
    assert (gone["minutes"], gone["points"], gone["unpaid"]) == (61, 0, "budget_exhausted")
    assert street.wallet(second).minutes == 61
    assert street.budget_points(activity) == 19


def test_a_hundred_at_once_on_points_for_fifty_are_all_there_and_a_top_up_pays_the_rest(street):
    fund = street.fund(10_000)
    activity = street.activity(fund=fund, capacity=100, budget_points=50 * 20)
    code = street.door_code(activity)
    people = [street.resident() for _ in range(100)]
    phones = [street.phone(person) for person in people]

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda phone=phone: phone.post("/check-ins", {"code": code}) for phone in phones])

    assert (statuses(answers), deadlocks) == ({201: 100}, [])
    assert [answer["points"] for answer in answers].count(20) == 50
    assert [answer.body.get("unpaid") for answer in answers].count("budget_exhausted") == 50
    assert street.budget_points(activity) == 0
    assert sum(street.wallet(person).available for person in people) == 1000

    assert top_up(street, activity, 2000)["points_left"] == 0

    assert [street.wallet(person).available for person in people] == [20] * 100
    assert {presence.unpaid for presence in presences(street)} == {None}
    assert street.fund_points(fund) == 8000


def test_a_top_up_in_the_middle_of_a_crowd_loses_nobody(street):
    fund = street.fund(10_000)
    activity = street.activity(fund=fund, capacity=60, budget_points=200)
    code = street.door_code(activity)
    people = [street.resident() for _ in range(60)]
    for person in people[:20]:  # some have a place already, the others walk in
        street.phone(person).post(f"/activities/{activity.id}/sign-ups")
    phones = [street.phone(person) for person in people]
    arrivals = [lambda phone=phone: phone.post("/check-ins", {"code": code}) for phone in phones]
    raises = [lambda to=to: top_up(street, activity, to) for to in (600, 900, 1200)]

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*arrivals[:20], raises[0], *arrivals[20:40], raises[1], *arrivals[40:], raises[2])

    assert deadlocks == []
    assert statuses(answers)[201] == 60
    assert codes(answers).keys() <= {"budget_only_rises"}  # an earlier raise may come after a later one
    top_up(street, activity, 1200)
    assert [street.wallet(person).available for person in people] == [20] * 60
    assert (street.budget_points(activity), street.fund_points(fund)) == (0, 8800)


def test_a_top_up_while_people_leave_forgets_nobody(street):
    with time_machine.travel(NINE, tick=True) as clock:
        fund = street.fund(10_000)
        hourly = {"points_per_hour": 10, "points_max": 20, "budget_points": 0}
        activity = street.activity(fund=fund, capacity=30, starts_at=NINE, **hourly)
        people = [street.resident() for _ in range(20)]
        for person in people:
            door(street, activity, person)
        clock.shift(timedelta(minutes=61))
        leaves = [lambda person=person: door(street, activity, person, "out") for person in people]

        with deadlocks_counted(street.app) as deadlocks:
            answers = at_once(*leaves[:10], lambda: top_up(street, activity, 200), *leaves[10:])

        assert (statuses(answers), deadlocks) == ({201: 20, 200: 1}, [])
        assert [street.wallet(person).available for person in people] == [10] * 20


def test_eight_people_at_four_doors_at_once_meet_without_a_deadlock(street):
    fund = street.fund(10_000)
    activities = [street.activity(fund=fund, capacity=20) for _ in range(4)]
    people = [street.resident() for _ in range(8)]
    doors = [street.door_code(activity) for activity in activities]
    visits = [(street.phone(person), doors[(n + m) % 4]) for n, person in enumerate(people) for m in range(4)]

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(
            *[lambda phone=phone, code=code: phone.post("/check-ins", {"code": code}) for phone, code in visits]
        )

    assert (statuses(answers), deadlocks) == ({201: 32}, [])
    assert [street.wallet(person).available for person in people] == [80] * 8


# minutes, and points by the hour


def test_a_service_gives_exact_minutes_and_half_hours_of_points_at_the_check_out(street, clock):
    resident = street.resident()
    activity = street.activity(
        fund=street.fund(1000), kind="service", starts_at=NINE, points_per_hour=10, points_max=20
    )

    came = door(street, activity, resident)
    assert (came["points"], came["minutes"], came["expected"], came["balance"]) == (0, 0, 20, 0)
    clock.shift(timedelta(minutes=89, seconds=59))
    gone = door(street, activity, resident, "out")

    assert (gone.status, gone["points"], gone["minutes"], gone["balance"]) == (201, 10, 89, 10)
    assert gone["check_in"]["checked_out_at"] == "2026-11-23T02:29:59Z"
    assert "expected" not in gone.body
    wallet = street.wallet(resident)
    assert (wallet.available, wallet.minutes) == (10, 89)


def test_checking_out_again_changes_nothing(street, clock):
    resident = street.resident()
    activity = street.activity(
        fund=street.fund(1000), kind="service", starts_at=NINE, points_per_hour=10, points_max=20
    )
    door(street, activity, resident)
    clock.shift(timedelta(minutes=60))
    first = door(street, activity, resident, "out")
    clock.shift(timedelta(minutes=30))

    again = door(street, activity, resident, "out")

    assert (again.status, again.body) == (200, first.body)
    assert street.wallet(resident).minutes == 60


def test_twenty_check_outs_at_once_pay_once(street):
    with time_machine.travel(NINE, tick=True) as clock:
        resident = street.resident()
        activity = street.activity(
            fund=street.fund(1000), kind="service", starts_at=NINE, points_per_hour=10, points_max=20
        )
        door(street, activity, resident)
        clock.shift(timedelta(minutes=61))

        with deadlocks_counted(street.app) as deadlocks:
            answers = at_once(*[lambda: door(street, activity, resident, "out")] * 20)

        assert (statuses(answers), deadlocks) == ({201: 1, 200: 19}, [])
        assert {(answer["points"], answer["minutes"]) for answer in answers} == {(10, 61)}
        assert (street.wallet(resident).available, street.wallet(resident).minutes) == (10, 61)


@pytest.mark.parametrize("kind", ["participation", "training", "meeting"])
def test_only_service_gives_minutes_the_others_may_give_points(street, clock, kind):
    resident = street.resident()
    activity = street.activity(fund=street.fund(1000), kind=kind, starts_at=NINE, points_per_hour=10, points_max=20)
    door(street, activity, resident)
    clock.shift(timedelta(minutes=90))

    gone = door(street, activity, resident, "out")

    assert (gone["points"], gone["minutes"], street.wallet(resident).minutes) == (15, 0, 0)


@pytest.mark.parametrize(
    ("arrives", "leaves", "minutes", "points"),
    [(-25, 60, 60, 10), (0, 119, 119, 15), (0, 150, 120, 20), (30, 59, 29, 0), (-25, -5, 0, 0), (100, 179, 20, 0)],
)
def test_coming_early_and_staying_on_add_nothing(street, clock, arrives, leaves, minutes, points):
    resident = street.resident()
    activity = street.activity(
        fund=street.fund(100_000), kind="service", starts_at=NINE, points_per_hour=10, points_max=1000
    )
    clock.shift(timedelta(minutes=arrives))
    door(street, activity, resident)
    clock.shift(timedelta(minutes=leaves - arrives))

    gone = door(street, activity, resident, "out")

    assert (gone["minutes"], gone["points"]) == (minutes, points)
    assert (street.wallet(resident).minutes, street.wallet(resident).available) == (minutes, points)


def test_who_checks_out_long_after_the_end_waits_for_somebody_who_saw_them_leave(street, clock):
    leader, resident = street.resident("赵队长"), street.resident()
    activity = street.activity(
        leader=leader, fund=street.fund(1000), kind="service", starts_at=NINE, points_per_hour=10, points_max=20
    )
    door(street, activity, resident)
    clock.shift(timedelta(hours=3, minutes=1))

    gone = door(street, activity, resident, "out")

    assert (gone["check_in"]["state"], gone["points"], gone["unpaid"]) == ("review", 0, "review")
    assert (street.wallet(resident).minutes, street.wallet(resident).available) == (0, 0)
    street.phone(leader).put(f"/reviews/{gone['check_in']['id']}", {"decision": "confirmed"})
    assert (street.wallet(resident).minutes, street.wallet(resident).available) == (120, 20)


def test_nobody_earns_more_than_the_most_of_a_session(street, clock):
    activity = street.activity(
        fund=street.fund(10_000), kind="service", starts_at=NINE, hours=8, points_per_hour=10, points_max=35
    )
    resident = street.resident()
    assert door(street, activity, resident)["expected"] == 35
    clock.shift(timedelta(hours=8))

    assert door(street, activity, resident, "out")["points"] == 35


def test_fixed_points_are_paid_at_the_check_in_and_not_again_at_the_check_out(street, clock):
    resident = street.resident()
    activity = street.activity(fund=street.fund(1000), kind="service", starts_at=NINE)
    assert door(street, activity, resident)["points"] == 20
    clock.shift(timedelta(minutes=45))

    gone = door(street, activity, resident, "out")

    assert (gone["points"], gone["minutes"], gone["balance"]) == (20, 45, 20)


def test_nobody_leaves_who_did_not_come(street, clock):
    activity = street.activity(starts_at=NINE)

    refused = door(street, activity, street.resident(), "out")

    assert (refused.status, refused.code) == (409, "not_checked_in")


def test_leaving_by_the_code_at_the_door_is_as_good(street, clock):
    resident = street.resident()
    activity = street.activity(kind="service", starts_at=NINE)
    phone = street.phone(resident)
    phone.post("/check-ins", {"code": street.door_code(activity)})
    clock.shift(timedelta(minutes=30))

    gone = phone.post("/check-ins", {"code": street.door_code(activity), "direction": "out"})

    assert (gone.status, gone["minutes"]) == (201, 30)


def test_after_settling_nobody_checks_out_but_a_repeat_is_answered(street, clock):
    activity = street.activity(kind="service", starts_at=NINE)
    gone, stayed = street.resident(), street.resident()
    for person in (gone, stayed):
        door(street, activity, person)
    clock.shift(timedelta(minutes=30))
    door(street, activity, gone, "out")
    street.leader_of(activity).post(f"/activities/{activity.id}/settle")

    assert door(street, activity, stayed, "out").code == "check_in_closed"
    assert door(street, activity, gone, "out").status == 200


# whose wallet


@pytest.mark.parametrize("age_class", ["14-17", "under_14"])
def test_what_a_minor_earns_goes_to_the_household_pot(street, clock, age_class):
    household = street.household()
    minor = street.person("小明", household=household, age_class=age_class)
    activity = street.activity(fund=street.fund(1000), kind="service", starts_at=NINE)

    came = door(street, activity, minor)
    clock.shift(timedelta(minutes=30))
    door(street, activity, minor, "out")

    assert (came["points"], came["balance"]) == (20, 20)
    assert (street.pot(household).available, street.wallet(minor).available) == (20, 0)
    assert (street.pot(household).minutes, street.wallet(minor).minutes) == (0, 30)


def test_what_a_minor_without_a_household_earns_is_kept(street, clock):
    minor = street.person("小明", age_class="14-17")
    activity = street.activity(fund=street.fund(1000), starts_at=NINE)

    door(street, activity, minor)

    assert street.wallet(minor).available == 20


def test_an_adults_points_are_their_own(street, clock):
    household = street.household()
    adult = street.person(household=household)

    door(street, street.activity(fund=street.fund(1000), starts_at=NINE), adult)

    assert (street.pot(household).available, street.wallet(adult).available) == (0, 20)


def test_every_award_is_one_presence_and_every_point_is_somewhere(street):
    fund = street.fund(1000)
    activity = street.activity(fund=fund, budget_points=200)
    people = [street.resident() for _ in range(7)]
    for person in people:
        door(street, activity, person)

    earned = sum(street.wallet(person).available for person in people)

    assert (earned, street.budget_points(activity), street.fund_points(fund)) == (140, 60, 800)
    assert street.rows(select(func.count(CheckIn.award_id.distinct()))) == [7]
    assert street.rows(select(func.count()).select_from(SignUp)) == [7]
