"""能人库: found by neighbours, invited by a worker, listed only once they have said yes."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.trail import TrailRow
from tests.builders.races import at_once


@pytest.fixture
def person(street):
    return street.resident("王小英")


@pytest.fixture
def finder(street):
    return street.phone(street.resident("周建国"))


@pytest.fixture
def worker(street):
    return street.phone(street.worker())


def suggests(phone, person, title="家电维修", reason="谁家电器坏了都找他"):
    return phone.post("/capable-people", {"person_id": str(person.id), "title": title, "reason": reason})


def decides(phone, capable, decision, **more):
    return phone.put(f"/capable-people/{capable}", {"decision": decision} | more)


def test_suggested_invited_accepted_and_listed_with_evidence_and_who_found_them(street, person, finder, worker):
    street.served(person, 90)
    group = street.group(leader=person, name="义修队")
    capable = suggests(finder, person)["id"]

    (waiting,) = worker.get("/capable-people/suggestions").body["items"]
    assert (waiting["id"], waiting["person"]["name"], waiting["found_by"]) == (capable, "王*英", "周*国")
    assert finder.get("/capable-people").body["items"] == []
    assert decides(worker, capable, "invited")["state"] == "invited"
    assert decides(street.phone(person), capable, "accepted", shown_as="name")["state"] == "accepted"

    for typed in ("家电", "jdwx"):
        (row,) = finder.get("/capable-people", q=typed, area_id=str(street.community.id)).body["items"]
    assert (row["name"], row["found_by"], row["area"]["name"]) == ("王小英", "周*国", "幸福社区")
    led = [{"id": str(group.id), "name": "义修队"}]
    assert row["evidence"] == {"minutes": 90, "activities": 1, "groups_led": led}
    acts = street.rows(select(TrailRow.act).where(TrailRow.act.startswith("capable")).order_by(TrailRow.id))
    assert acts == [f"capable_people.{verb}" for verb in ("suggest", "invite", "accept")]
    told = [row["text"] for row in street.phone(person).get("/me/notices").body["items"] if "能人" in row["text"]]
    assert len(told) == 3
    assert finder.get("/me/capable-people", role="finder").body["items"][0]["state"] == "accepted"
    sent = finder.post("/skill-contacts", {"capable_person_id": capable, "text": "请教一下"})
    assert sent.status == 201, sent.body


def test_one_suggestion_is_open_per_person_and_skill(street, person, finder):
    other = street.phone(street.resident())
    first = suggests(finder, person)

    assert (suggests(finder, person).status, suggests(finder, person)["id"]) == (200, first["id"])
    assert suggests(other, person).code == "suggested_before"
    assert suggests(other, person, "理发").status == 201


def test_nobody_suggests_themselves_a_minor_or_somebody_unverified(street, person):
    assert suggests(street.phone(person), person).code == "own_suggestion"
    for other in (street.resident(age_class="14-17"), street.person(verified="phone")):
        assert suggests(street.phone(person), other).code == "not_to_be_listed"


def test_a_worker_decides_neither_for_themselves_nor_for_their_household(street, finder):
    at_home = street.household()
    husband = street.person(household=at_home)
    wife = street.worker()
    street.moves(wife, at_home)
    capable = suggests(finder, husband)["id"]

    for decision in ("invited", "dismissed"):
        assert decides(street.phone(wife), capable, decision).code == "own_suggestion"


def test_a_decline_holds_for_90_days(street, person, finder, worker):
    capable = suggests(finder, person)["id"]
    decides(worker, capable, "invited")
    assert decides(street.phone(person), capable, "declined", reason="没时间")["closing_reason"] == "没时间"

    refused = suggests(finder, person)
    assert (refused.status, refused.code) == (409, "declined_lately")
    assert suggests(finder, person, "理发").status == 201
    with time_machine.travel(now() + timedelta(days=90, hours=1), tick=False):
        assert suggests(finder, person).status == 201


def test_they_withdraw_at_any_time_and_a_worker_with_a_reason(street, person, finder, worker):
    me = street.phone(person)
    for who, more in ((me, {}), (worker, {"reason": "长期不在本地"})):
        capable = suggests(finder, person)["id"]
        decides(worker, capable, "invited")
        decides(me, capable, "accepted")
        assert decides(worker, capable, "withdrawn").status == 422
        assert decides(who, capable, "withdrawn", **more)["state"] == "withdrawn"
        assert finder.get("/capable-people").body["items"] == []
        assert decides(me, capable, "accepted").code == "capable_decided"


def test_who_is_gone_is_listed_no_more(street, person, finder, worker):
    capable = suggests(finder, person)["id"]
    decides(worker, capable, "invited")
    decides(street.phone(person), capable, "accepted")

    street.gone(person)

    assert finder.get("/capable-people").body["items"] == []


def test_accepting_and_withdrawing_at_once_leaves_one_of_them(street, person, finder, worker):
    capable = suggests(finder, person)["id"]
    decides(worker, capable, "invited")
    me = street.phone(person)

    at_once(*[lambda: decides(me, capable, "accepted"), lambda: decides(worker, capable, "withdrawn", reason="搬走")])

    shown = me.get("/me/capable-people").body["items"][0]["state"]
    assert shown == "withdrawn", "an accepted one can be withdrawn, a withdrawn one not be accepted"
