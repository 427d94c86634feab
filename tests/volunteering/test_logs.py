"""Hours outside activities: reported with evidence, decided by somebody else, by two when they are old."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.foundation.clock import now, shanghai_day
from backend.foundation.outbox import OutboxMessage
from backend.messages.texts import text_of
from backend.volunteering.models import VolunteerLog
from tests.builders.phone import a_key
from tests.builders.races import at_once, statuses

TODAY = shanghai_day(now())


def form(street, *, days_ago=1, minutes=90, **more):
    return {
        "area_id": str(street.community.id),
        "day": (shanghai_day(now()) - timedelta(days=days_ago)).isoformat(),
        "minutes": minutes,
        "place": "3号楼",
        "content": "为老人理发",
        "evidence": "李阿姨在场",
    } | more


def reports(street, person, *, key=None, **more):
    return street.phone(person).post("/volunteer-logs", form(street, **more), key=key or a_key())


def decides(street, by, log, decision="approved", **more):
    return street.phone(by).put(f"/volunteer-logs/{log['id']}", {"decision": decision} | more)


@pytest.fixture
def person(street):
    return street.resident("王小英")


def test_a_worker_approves_and_the_minutes_count_once(street, person):
    log = reports(street, person)
    worker = street.worker()
    waits = street.phone(worker).get("/volunteer-logs")["items"]

    first, again = decides(street, worker, log), decides(street, worker, log)

    assert (log.status, [one["id"] for one in waits], waits[0]["name"]) == (201, [log["id"]], "王*英")
    assert (first.status, first["state"], again.status) == (200, "approved", 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (street.wallet(person).minutes, street.wallet(person).available) == (90, 0)
    assert street.phone(worker).get("/volunteer-logs")["items"] == []
    [told] = street.rows(select(OutboxMessage).where(OutboxMessage.person_id == person.id))
    assert "已通过" in text_of(told.topic, told.facts)
    assert street.findings() == set()


def test_ten_approvals_at_once_serve_once(street, person):
    log, worker = reports(street, person), street.worker()

    answers = at_once(*[lambda: decides(street, worker, log)] * 10)

    assert statuses(answers) == {200: 10}
    assert (street.wallet(person).minutes, street.findings()) == (90, set())


def test_the_same_key_is_the_same_report_and_never_another_one(street, person):
    key = a_key()

    first, again, other = (reports(street, person, key=key, minutes=minutes) for minutes in (90, 90, 60))

    assert (first.status, again.status, again["id"]) == (201, 200, first["id"])
    assert (other.status, other.code) == (422, "key_reused")


def test_nobody_decides_their_own_or_their_households(street, person):
    home = street.household()
    street.moves(person, home)
    family = street.moves(street.worker(), home)
    log = reports(street, person)

    assert decides(street, person, log).code == "own_log"
    assert decides(street, family, log).code == "own_log"
    assert decides(street, street.resident(), log).status == 404
    assert street.wallet(person).minutes == 0


def test_the_leader_of_the_group_decides_what_was_for_it(street, person):
    leader, other = street.resident("赵队长"), street.resident("钱队长")
    group = street.group(leader=leader)
    street.group(leader=other, name="另一队")
    body = form(street)
    del body["area_id"]
    log = street.phone(person).post("/volunteer-logs", body | {"group_id": str(group.id)}, key=a_key())

    assert decides(street, other, log).status == 404
    assert [one["id"] for one in street.phone(leader).get("/volunteer-logs")["items"]] == [log["id"]]
    assert decides(street, leader, log)["state"] == "approved"


def test_what_is_more_than_thirty_days_old_needs_two(street, person):
    log = reports(street, person, days_ago=31)
    first, second = street.worker(), street.officer()

    seen, again, done = (decides(street, by, log) for by in (first, first, second))

    assert (log["needs_two"], reports(street, person, days_ago=30)["needs_two"]) == (True, False)
    assert (seen.status, seen["state"], again.code) == (202, "seen", "second_person_needed")
    assert (done.status, done["state"], street.wallet(person).minutes) == (200, "approved", 90)
    assert street.findings() == set()


def test_a_day_has_twelve_hours_at_most_also_in_two_reports_at_once(street, person):
    answers = at_once(*[lambda: reports(street, person, minutes=400)] * 4)

    assert statuses(answers) == {201: 1, 409: 3}
    assert {answer.code for answer in answers if answer.status == 409} == {"day_full"}


def test_tomorrow_and_long_ago_cannot_be_reported(street, person):
    assert list(reports(street, person, days_ago=-1)["errors"]) == ["day"]
    assert list(reports(street, person, days_ago=367)["errors"]) == ["day"]


def test_what_was_declined_or_taken_back_counts_nothing(street, person):
    declined, withdrawn, worker = reports(street, person), reports(street, person), street.worker()

    assert decides(street, worker, declined, "declined", reason="当天没有活动")["answer"] == "当天没有活动"
    assert decides(street, person, withdrawn, "withdrawn")["state"] == "withdrawn"
    assert decides(street, worker, declined).code == decides(street, worker, withdrawn).code == "log_decided"
    assert decides(street, person, declined, "withdrawn").code == "log_decided"
    assert decides(street, worker, withdrawn, "withdrawn").status == 403
    assert (street.wallet(person).minutes, street.findings()) == (0, set())


def test_a_missed_check_in_is_paid_from_its_activity(street, person):
    activity = street.activity(fund=street.fund(100), kind="service", points_fixed=20, budget_points=100)
    sitting = street.phone(person).get(f"/activities/{activity.id}")["sessions"][0]["id"]
    body = {"session_id": sitting, "minutes": 5, "evidence": "和李阿姨一起"}
    log = street.phone(person).post("/volunteer-logs", body, key=a_key())
    assert log.status == 201, log.body
    worker = street.worker()

    done = decides(street, worker, log)

    assert (done.status, done["state"]) == (200, "approved"), done.body
    assert (street.wallet(person).available, street.budget_points(activity)) == (20, 80)
    assert street.wallet(person).minutes == 5
    second = street.phone(person).post("/volunteer-logs", body, key=a_key())
    assert decides(street, worker, second).code == "presence_recorded"
    assert street.findings() == set()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"session_id": "018f0000-0000-7000-8000-000000000000"}, "session_id"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 721}, "minutes"),
        ({"day": None}, "day"),
        ({"content": ""}, "content"),
    ],
)
def test_what_is_missing_is_named(street, person, more, field):
    assert field in reports(street, person, **more)["errors"]


def test_evidence_is_sealed(street, person):
    reports(street, person)

    [log] = street.rows(select(VolunteerLog))
    assert "李阿姨".encode() not in log.evidence_sealed
    with street.inside():
        assert log.evidence == "李阿姨在场"
