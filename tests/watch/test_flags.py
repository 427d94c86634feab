"""What looks odd is laid before somebody whom it does not concern; a day like any other raises nothing."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update

from backend.activities.models import Activity, CheckIn
from backend.activities.publishing import settle
from backend.cli.jobs import look_for_odd_things
from backend.flags.models import Flag
from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.merchants.models import Redemption
from backend.people.session_models import Device
from backend.watch.models import CallBack
from backend.watch.watch_rules import is_one_sided, is_sampled, too_many_heads
from tests.volunteering.test_logs import decides, reports


def looked(street):
    with street.inside():
        return look_for_odd_things()


def flagged(street):
    return sorted(street.rows(select(Flag.kind)))


def ticks(street, activity, person, by):
    body = {"activity_id": str(activity.id), "person_id": str(person.id), "reason": "忘带手机"}
    answer = street.phone(by).post("/check-ins", body)
    assert answer.status == 201, answer.body
    return answer


def test_an_ordinary_day_raises_nothing(street):
    activity = street.activity(fund=street.fund(1000))
    worker = street.worker()
    for _ in range(5):
        ticks(street, activity, street.resident(), worker)
    shop = street.merchant()
    offer, clerk = street.offer(shop), street.clerk(shop)
    for _ in range(5):
        held = street.held(street.earned(street.resident(), 20), offer)
        street.phone(clerk).post("/redemptions/capture", {"code": held["code"]})

    looked(street)

    assert flagged(street) == []


def test_somebody_at_two_places_at_once_is_flagged_once(street):
    here, there = street.activity(kind="service"), street.activity(kind="service", place="社区礼堂")
    person, worker = street.resident(), street.worker()
    for activity in (here, there):
        ticks(street, activity, person, worker)
    street.does(
        lambda: session().execute(
            update(CheckIn).where(CheckIn.person_id == person.id).values(checked_out_at=now() + timedelta(minutes=40))
        )
    )

    assert (looked(street), looked(street), flagged(street)) == (1, 0, ["overlap"])
    [flag] = street.phone(worker).get("/flags", state="open")["items"]
    assert "重叠" in flag["said"]


def test_two_who_confirm_each_other_are_flagged(street):
    one, two = street.worker(), street.worker()
    for _ in range(3):
        for person, by in ((one, two), (two, one)):
            decides(street, by, reports(street, person, minutes=10))

    assert looked(street) == 0  # confirmed hours alone name no activity to look at

    for person, by in ((one, two), (two, one)):
        came = ticks(street, street.activity(leader=person), person, street.worker())
        assert came["check_in"]["state"] == "review"
        street.phone(by).put(f"/reviews/{came['check_in']['id']}", {"decision": "confirmed"})
    assert (looked(street), flagged(street)) == (1, ["ring"])
    flag = street.rows(select(Flag))[0]
    refused = street.phone(one).put(f"/flags/{flag.id}", {"decision": "dismissed", "reason": "没有问题"})
    assert (refused.status, refused.code) == (403, "own_flag")


def test_one_phone_for_many_accounts_is_flagged(street):
    activity = street.activity()
    for _ in range(4):
        phone = street.phone(street.resident())
        assert phone.post("/check-ins", {"code": street.door_code(activity)}).status == 201
    with street.inside():
        people = street.rows(select(CheckIn.person_id))
    street.does(
        lambda: session().execute(
            update(Device)
            .where(Device.person_id.in_(people))
            .values(installation_id="one-phone", first_used_at=now() - timedelta(days=1))
        )
    )

    assert (looked(street), flagged(street)) == (1, ["one_phone"])


@pytest.mark.parametrize(
    ("check_ins", "heads", "odd"), [(10, 7, False), (11, 7, True), (110, 100, False), (111, 100, True)]
)
def test_more_check_ins_than_heads(check_ins, heads, odd):
    assert too_many_heads(check_ins=check_ins, head_count=heads) is odd


def test_a_leader_who_counts_fewer_heads_is_flagged(street):
    activity = street.activity()
    for _ in range(5):
        ticks(street, activity, street.resident(), street.worker())
    worker = street.caller(street.worker())
    street.does(lambda: settle(find(Activity, activity.id, locked=True), by=worker, head_count=1))

    assert (looked(street), flagged(street)) == (1, ["head_count"])


def sold(street, shop, offer, person, clerk):
    held = street.held(person, offer)
    answer = street.phone(clerk).post("/redemptions/capture", {"code": held["code"]})
    assert answer.status == 200, answer.body
    return answer


@pytest.fixture
def shop(street):
    return street.merchant()


def test_bursts_nights_and_circles_are_flagged_and_keep_a_statement_from_being_paid(street, shop):
    offer, clerk, owner = street.offer(shop, price_points=1), street.clerk(shop), street.clerk(shop, role="owner")
    officer, second = street.officer(), street.officer("陈主任")
    leader = street.earned(street.resident("赵队长"), 100)
    with time_machine.travel("2026-11-26T15:00:00Z", tick=True):
        for _ in range(8):
            sold(street, shop, offer, leader, clerk)
    for _ in range(3):
        ticks(street, street.activity(leader=leader), clerk, leader)

    with time_machine.travel("2026-11-27T02:00:00Z", tick=True):
        looked(street)
        assert flagged(street) == ["burst", "circle", "off_hours"]
        form = {"merchant_id": str(shop.id), "until": now().isoformat()}
        statement = street.phone(officer).post("/statements/close", form)
        path = f"/statements/{statement['id']}"
        street.phone(owner).put(path, {"decision": "confirmed"})
        payment = {"decision": "paid", "invoice_number": "FP-1", "voucher_number": "PZ-1"}
        refused = street.phone(officer).put(path, payment)
        assert (refused.status, refused.code, refused["facts"]["open"]) == (409, "statement_flagged", 3)
        for flag in street.rows(select(Flag.id)):
            decided = street.phone(second).put(f"/flags/{flag}", {"decision": "dismissed", "reason": "夜市活动"})
            assert decided.status == 200, decided.body
        assert street.phone(officer).put(path, payment)["state"] == "paid"
        looked(street)
        assert len(flagged(street)) == 3


@pytest.mark.parametrize(
    ("few", "everything", "captures", "odd"), [(61, 100, 30, True), (60, 100, 30, False), (100, 100, 29, False)]
)
def test_the_same_few(few, everything, captures, odd):
    assert is_one_sided(of_the_few=few, of_all=everything, captures=captures) is odd


def test_two_per_cent_are_drawn_and_the_same_ones_again():
    ids = [UUID(int=(7 << 76) + n * 7919) for n in range(50_000)]

    assert 0.015 < sum(map(is_sampled, ids)) / len(ids) < 0.025
    assert [each for each in ids if is_sampled(each)] == [each for each in ids if is_sampled(each)]


def test_who_denies_a_redemption_raises_a_flag_about_the_shop(street, shop, monkeypatch):
    monkeypatch.setattr("backend.watch.calling_back.is_sampled", lambda _: True)
    offer, clerk, officer = street.offer(shop), street.clerk(shop), street.officer()
    for _ in range(2):
        sold(street, shop, offer, street.earned(street.resident("王小英"), 20), clerk)
    looked(street)
    listed = street.phone(officer).get("/call-backs")["items"]
    assert [one["name"] for one in listed] == ["王*英"] * 2

    def says(call, outcome):
        return street.phone(officer).put(f"/call-backs/{call['id']}", {"outcome": outcome})

    assert says(listed[0], "not_reached")["outcome"] == "not_reached"
    assert says(listed[0], "confirmed")["outcome"] == "confirmed"
    assert says(listed[0], "denied").code == "called_back"
    assert says(listed[1], "denied")["outcome"] == "denied"
    assert flagged(street) == ["called_back"]
    assert street.phone(officer).get("/call-backs")["items"] == []
    assert len(street.rows(select(CallBack.id))) == len(street.rows(select(Redemption.id))) == 2


def test_workers_see_and_decide_what_is_in_their_area(street):
    activity = street.activity()
    for _ in range(5):
        ticks(street, activity, street.resident(), street.worker())
    by = street.caller(street.worker())
    street.does(lambda: settle(find(Activity, activity.id, locked=True), by=by, head_count=1))
    looked(street)
    [flag] = street.rows(select(Flag))
    stranger = street.worker(street.area("安宁社区"))

    assert street.phone(stranger).get("/flags")["items"] == []
    decision = {"decision": "upheld", "reason": "有两人代签"}
    assert street.phone(stranger).put(f"/flags/{flag.id}", decision).status == 404
    answers = [street.phone(street.worker()).put(f"/flags/{flag.id}", decision) for _ in range(2)]
    assert [(one.status, one["state"]) for one in answers] == [(200, "upheld")] * 2
    other = street.phone(street.worker()).put(f"/flags/{flag.id}", decision | {"decision": "dismissed"})
    assert other.code == "flag_decided"
