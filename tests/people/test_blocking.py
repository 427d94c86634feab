"""Keeping somebody out of their account: who may, what it does, and that it takes nothing away."""

import secrets
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.foundation.db import session
from backend.people.scopes import over_area, over_office
from backend.people.session_models import Block, Device
from backend.places.areas import open_household
from tests.builders.races import at_once, statuses

REASON = {"reason": "手机丢失，本人来电"}


def wechat_user(street, openid):
    """Somebody who logs in, and what their login answers."""
    code = f"stub:{openid}:{secrets.token_hex(8)}"
    return street.phone().post("/auth/wechat", {"office_id": street.office_id, "code": code})


def block(street, by, person_id, **body):
    return street.phone(by).post(f"/people/{person_id}/block", REASON | body)


def unblock(street, by, person_id, **body):
    return street.phone(by).post(f"/people/{person_id}/unblock", {"reason": "已核实"} | body)


def test_a_blocked_person_is_out_everywhere_and_told_where_to_go(street):
    login = wechat_user(street, "mei")
    person_id = login["person"]["id"]
    phone = street.phone()
    token = {"Authorization": f"Bearer {login['access_token']}"}
    assert phone.send("GET", "/me", headers=token).status == 200

    answer = block(street, street.officer(), person_id)

    assert (answer.status, answer["reason"], answer["person"]["id"]) == (201, REASON["reason"], person_id)
    for method, path in (("GET", "/me"), ("GET", "/groups"), ("POST", "/redemptions"), ("GET", "/me/wallet")):
        refused = phone.send(method, path, headers=token)
        assert (refused.status, refused.code) == (401, "person_blocked"), path
        assert "服务台" in refused["message"]
    for refused in (
        phone.post("/auth/refresh", {"refresh_token": login["refresh_token"]}),
        wechat_user(street, "mei"),
    ):
        assert (refused.status, refused.code) == (403, "person_blocked")
        assert "服务台" in refused["message"]
    devices = street.rows(select(Device).where(Device.person_id == UUID(person_id)))
    assert [device.end_reason for device in devices] == ["blocked"]  # and the refused login left none


def test_logging_out_of_a_blocked_account_is_still_possible(street):
    login = wechat_user(street, "mei")
    block(street, street.officer(), login["person"]["id"])

    assert street.phone().post("/auth/logout", {"refresh_token": login["refresh_token"]}).status == 204


def test_whoever_is_let_in_again_logs_in_anew_and_has_what_they_had(street):
    person = street.earned(street.resident(), 30)
    officer = street.officer()
    phone = street.phone(person)
    assert phone.get("/me").status == 200
    block(street, officer, person.id)
    assert phone.get("/me").code == "person_blocked"
    assert street.wallet(person).available == 30

    answer = unblock(street, officer, person.id)

    assert (answer.status, answer["lift_reason"]) == (200, "已核实")
    assert answer["lifted_at"] is not None
    assert phone.get("/me").code == "device_ended"
    phone.logs_in_again()
    assert phone.get("/me/wallet")["points"]["available"] == 30
    assert street.findings() == set()


def test_who_blocked_whom_when_and_why_stays_on_record(street):
    officer, other, person = street.officer(), street.officer(), street.resident()
    block(street, officer, person.id)
    unblock(street, other, person.id)
    block(street, other, person.id, reason="又丢了")

    with street.inside():
        first, second = session().scalars(select(Block).order_by(Block.id))
        assert (first.blocked_by_id, first.lifted_by_id, first.reason) == (officer.id, other.id, REASON["reason"])
        assert (second.blocked_by_id, second.lifted_at, second.reason) == (other.id, None, "又丢了")


def test_blocking_again_answers_the_block_there_is(street):
    officer, person = street.officer(), street.resident()
    first = block(street, officer, person.id)

    again = block(street, street.officer(), person.id, reason="另一个原因")

    assert (again.status, again["id"], again["reason"]) == (200, first["id"], REASON["reason"])


def test_many_at_once_block_once(street):
    person = street.resident()
    phones = [street.phone(street.officer()) for _ in range(4)]

    answers = at_once(*[lambda phone=phone: phone.post(f"/people/{person.id}/block", REASON) for phone in phones] * 2)

    assert statuses(answers) == {201: 1, 200: 7}
    assert len(street.rows(select(Block))) == 1


def test_whoever_is_not_blocked_cannot_be_let_in(street):
    refused = unblock(street, street.officer(), street.resident().id)

    assert (refused.status, refused.code) == (409, "not_blocked")


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x" * 201}, {"reason": None}])
def test_a_block_has_a_reason(street, body):
    assert street.phone(street.officer()).post(f"/people/{street.resident().id}/block", body).status == 422


def test_a_worker_decides_over_the_people_of_their_area_and_sees_no_others(street):
    here, there = street.worker(), street.worker(street.area())
    person = street.resident()

    assert block(street, there, person.id).status == 404
    assert block(street, here, person.id).status == 201
    assert unblock(street, there, person.id).status == 404
    assert unblock(street, here, person.id).status == 200


def test_whoever_lives_nowhere_is_a_matter_of_the_whole_office(street):
    homeless = street.person(verified="none")
    office_wide = street.gives(street.resident("社工小王"), "worker", over_office(street.office))

    assert block(street, street.worker(), homeless.id).status == 404
    assert block(street, office_wide, homeless.id).status == 201


def test_nobody_decides_over_themselves_or_their_own_household(street):
    for role, scope in (("officer", over_office(street.office)), ("worker", over_area(street.community))):
        home = street.household()
        decider = street.gives(street.person(household=home), role, scope)
        relative = street.person("家人", household=home)
        for person_id in (decider.id, relative.id):
            for refused in (block(street, decider, person_id), unblock(street, decider, person_id)):
                assert (refused.status, refused.code) == (403, "forbidden")


def test_a_worker_cannot_shut_those_out_who_work_for_the_office(street):
    worker = street.worker()
    for colleague in (street.officer(), street.auditor(), street.worker()):
        refused = block(street, worker, colleague.id)
        assert (refused.status, refused.code) == (403, "officer_needed")
    assert block(street, street.officer(), colleague.id).status == 201
    assert unblock(street, worker, colleague.id).code == "officer_needed"


@pytest.mark.parametrize("who", ["resident", "auditor"])
def test_others_block_nobody_and_see_no_list(street, who):
    phone = street.phone(getattr(street, who)())
    person = street.resident()

    assert phone.post(f"/people/{person.id}/block", REASON).status == 403
    assert phone.post(f"/people/{person.id}/unblock", REASON).status == 403
    assert phone.get("/people/blocked").status == 403


def test_what_somebody_can_decide_they_can_list(street):
    next_door = street.area()
    door = street.does(open_household, "9号楼1单元101", area=next_door)
    mine, theirs = street.resident("王小英"), street.person("李雷", household=door)
    homeless = street.person("赵六", verified="none")
    officer = street.officer()
    for person in (mine, theirs, homeless):
        assert block(street, officer, person.id).status == 201

    def seen_by(person):
        return [block["person"]["name"] for block in street.phone(person).get("/people/blocked").body["items"]]

    assert seen_by(officer) == ["赵六", "李雷", "王小英"]
    assert seen_by(street.worker()) == ["王小英"]
    assert seen_by(street.worker(next_door)) == ["李雷"]
    both = street.gives(street.worker(), "worker", over_area(next_door))
    assert seen_by(both) == ["李雷", "王小英"]
    unblock(street, officer, mine.id)
    assert seen_by(officer) == ["赵六", "李雷"]


def test_a_login_while_somebody_is_being_blocked_lets_nobody_in(street):
    officer = street.phone(street.officer())
    for n in range(6):
        openid = f"racer-{n}"
        person_id = wechat_user(street, openid)["person"]["id"]
        officer.get("/me")

        def log_in(openid=openid):
            return wechat_user(street, openid)

        answers = at_once(*[log_in] * 3, lambda person_id=person_id: officer.post(f"/people/{person_id}/block", REASON))

        assert answers[3].status == 201
        for answer in answers[:3]:
            assert answer.status in (200, 403)
            if answer.status == 200:
                token = {"Authorization": f"Bearer {answer['access_token']}"}
                assert street.phone().send("GET", "/me", headers=token).code == "person_blocked"
