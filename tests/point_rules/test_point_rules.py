"""Caps by versions two officers agreed to: nobody is refused, nobody is paid beyond them, and `why` says by which."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend.activities.models import CheckIn
from backend.foundation.clock import now, shanghai_day
from backend.point_rules.cap_rules import Caps, monday_of
from tests.builders.races import at_once, deadlocks_counted
from tests.volunteering.test_logs import decides, reports


def proposes(street, officer, **figures):
    form = {"valid_from": (shanghai_day(now()) - timedelta(days=40)).isoformat()} | figures
    return street.phone(officer).post("/point-rules", form)


def approves(street, officer, rule, decision="approved"):
    return street.phone(officer).put(f"/point-rules/{rule['id']}", {"decision": decision})


@pytest.fixture
def officers(street):
    return street.officer(), street.officer("陈主任")


def in_force(street, officers, **figures):
    rule = proposes(street, officers[0], **figures)
    assert rule.status == 201, rule.body
    assert approves(street, officers[1], rule)["state"] == "approved"
    return rule


def activity(street, points=20):
    return street.activity(fund=street.fund(1000), points_fixed=points, budget_points=500)


def comes(street, person, to):
    return street.phone(person).post("/check-ins", {"code": street.door_code(to)})


@pytest.mark.parametrize(
    ("due", "had", "allowed"),
    [
        (20, {"day": 0, "week": 0, "activity": 0}, 20),
        (20, {"day": 40, "week": 40, "activity": 0}, 10),
        (20, {"day": 50, "week": 50, "activity": 0}, 0),
        (20, {"day": 0, "week": 95, "activity": 0}, 5),
        (20, {"day": 60, "week": 60, "activity": 0}, 0),
        (40, {"day": 0, "week": 0, "activity": 0}, 30),
    ],
)
def test_the_tightest_cap_decides(due, had, allowed):
    assert Caps(a_day=50, a_week=100, an_activity=30).allow(due, **had) == allowed
    assert Caps().allow(due, **had) == due


def test_a_week_begins_on_monday():
    assert monday_of(date(2026, 11, 29)) == date(2026, 11, 23)
    assert monday_of(date(2026, 11, 30)) == date(2026, 11, 30)


def test_two_officers_agree_to_a_version_and_nobody_changes_it(street, officers):
    first, second = officers
    rule = proposes(street, first, a_day=50)

    assert approves(street, first, rule).code == "second_person_needed"
    assert [approves(street, second, rule).status for _ in range(2)] == [200, 200]
    assert approves(street, second, rule, "declined").code == "point_rule_decided"
    assert proposes(street, first, a_day=60)["version"] == 2
    assert [one["version"] for one in street.phone(street.resident()).get("/point-rules")["items"]] == [2, 1]


def test_a_day_pays_up_to_its_cap_and_says_so(street, officers):
    in_force(street, officers, a_day=50)
    person = street.resident()

    answers = [comes(street, person, activity(street)) for _ in range(4)]

    assert [(one.status, one["points"], one.body.get("unpaid")) for one in answers] == [
        (201, 20, None),
        (201, 20, None),
        (201, 10, None),
        (201, 0, "cap_reached"),
    ]
    assert street.wallet(person).available == 50
    phone = street.phone(person)
    entry = phone.get("/me/entries")["items"][0]
    caps = phone.get(f"/me/entries/{entry['id']}/why")["caps"]
    assert (caps["cut_points"], caps["rule_version"], caps["points_due"]) == (10, 1, 10)
    assert street.findings() == set()


def test_a_top_up_pays_nobody_beyond_a_cap(street, officers):
    in_force(street, officers, an_activity=5)
    short = street.activity(fund=street.fund(1000), points_fixed=20, budget_points=5)
    people = [street.resident() for _ in range(3)]
    answers = [comes(street, person, short) for person in people]
    assert [(one["points"], one.body.get("unpaid")) for one in answers] == [
        (5, None),
        (0, "budget_exhausted"),
        (0, "budget_exhausted"),
    ]

    street.leader_of(short).put(f"/activities/{short.id}", {"budget_points": 100})

    assert [street.wallet(person).available for person in people] == [5, 5, 5]
    assert street.findings() == set()


def test_ten_doors_at_once_keep_to_one_cap(street, officers):
    in_force(street, officers, a_day=50)
    person = street.resident()
    doors = [activity(street) for _ in range(10)]
    codes = [street.door_code(each) for each in doors]

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(
            *[lambda code=code: street.phone(person).post("/check-ins", {"code": code}) for code in codes]
        )

    assert ({one.status for one in answers}, deadlocks) == ({201}, [])
    assert sum(one["points"] for one in answers) == street.wallet(person).available == 50
    assert len(street.rows(select(CheckIn.id))) == 10
    assert street.findings() == set()


def test_what_was_undone_is_free_for_another(street, officers):
    in_force(street, officers, a_day=20)
    person = street.resident()
    first = comes(street, person, activity(street))
    assert comes(street, person, activity(street))["unpaid"] == "cap_reached"

    street.phone(street.worker()).post(f"/check-ins/{first['check_in']['id']}/undo", {"reason": "不是本人"})

    assert comes(street, person, activity(street))["points"] == 20
    assert street.findings() == set()


def test_a_rule_that_has_not_begun_caps_nothing(street, officers):
    in_force(street, officers, a_day=5, valid_from=(shanghai_day(now()) + timedelta(days=1)).isoformat())

    assert comes(street, street.resident(), activity(street))["points"] == 20


def test_reported_hours_earn_points_only_where_the_rule_pays_them(street, officers):
    person, worker = street.resident(), street.worker()
    decides(street, worker, reports(street, person, minutes=90))
    assert street.wallet(person).available == 0
    fund = street.fund(20)
    refused = proposes(street, officers[0], log_points_per_hour=10)
    assert list(refused["errors"]) == ["log_fund_id"]
    in_force(street, officers, log_points_per_hour=10, log_fund_id=str(fund.id))

    paid = decides(street, worker, reports(street, person, minutes=100, days_ago=2))
    empty = decides(street, worker, reports(street, person, minutes=90, days_ago=3))

    assert (paid["points"], empty["points"], street.fund_points(fund)) == (15, 0, 5)
    assert (street.wallet(person).available, street.wallet(person).minutes) == (15, 280)
    entry = next(one for one in street.phone(person).get("/me/entries")["items"] if one["points"] == 15)
    why = street.phone(person).get(f"/me/entries/{entry['id']}/why")
    assert why["evidence"]["volunteer_log"]["content"] == "为老人理发"
    assert street.findings() == set()


def test_a_dry_run_tells_cost_losers_and_how_long_a_fund_lasts(street, officers):
    fund = street.fund(1000)
    often, once = street.resident(), street.resident()
    for person in (often, often, often, once):
        comes(street, person, street.activity(fund=fund, points_fixed=20, budget_points=20))
    today = shanghai_day(now())
    form = {"since": (today - timedelta(days=9)).isoformat(), "until": today.isoformat()}

    def tried(**caps):
        return street.phone(officers[0]).post("/point-rules/dry-run", form | caps)

    seen, same = tried(a_day=30), tried()

    assert {
        name: seen[name] for name in ("points_then", "points_now", "people", "people_gain", "people_lose", "most_lost")
    } == {
        "points_then": 80,
        "points_now": 50,
        "people": 2,
        "people_gain": 0,
        "people_lose": 1,
        "most_lost": 30,
    }
    [one] = seen["funds"]
    assert (one["points_now"], one["available"]) == (50, 920)
    assert one["lasts_until"] == (today + timedelta(days=184)).isoformat()
    assert (same["points_then"], same["points_now"], same["people_lose"]) == (80, 80, 0)
    assert street.phone(street.resident()).post("/point-rules/dry-run", form).status == 403
