"""Whoever guesses wrong too often waits, and nobody else does: counted by person, never by address."""

import os
import secrets
import time
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from backend.activities.door_codes import door_code
from backend.activities.drafting import sessions_of
from backend.foundation import guesses
from backend.foundation.clock import now
from backend.foundation.db import let_go_of_database
from backend.people.persons import person_code
from tests.builders.phone import Phone, a_key
from tests.builders.street import Street
from tests.foundation.test_limits import NOBODY_THERE

TRIES = 5


@pytest.fixture(params=["Valkey", "in the process"])
def street(request, made_app, monkeypatch):
    """A street where somebody may be wrong five times in ten minutes."""
    monkeypatch.setattr(guesses, "WRONG_AT_MOST", f"{TRIES} per 10 minutes")
    return Street.opened_in(made_app(redis_url=os.environ["TEST_REDIS_URL"] if request.param == "Valkey" else None))


@pytest.fixture
def door(street):
    """A running activity with its code."""
    leader = street.resident("赵队长")
    activity = street.activity(leader=leader, fund=street.fund(1000), points_fixed=5)
    with street.inside():
        code = door_code(sessions_of(activity.id)[0]).code
    return leader, activity, code


def wrong_capture(phone):
    return phone.post("/redemptions/capture", {"code": secrets.token_hex(5)})


def test_two_hundred_wrong_codes_stop_their_sender_and_nobody_else(street, monkeypatch):
    monkeypatch.setattr(guesses, "WRONG_AT_MOST", "60 per 10 minutes")
    shop = street.merchant()
    guesser, colleague = street.phone(street.clerk(shop)), street.phone(street.clerk(shop))
    buyer = street.phone(street.earned(street.resident(), 50))
    held = buyer.post("/redemptions", {"offer_id": str(street.offer(shop, price_points=10).id)}, key=a_key())

    heard = [wrong_capture(guesser).status for _ in range(200)]

    assert heard == [404] * 60 + [429] * 140
    assert guesser.post("/redemptions/capture", {"code": held["code"]}).code == "too_many_guesses"
    assert guesser.get(f"/redemptions/by-code/{held['code']}").code == "too_many_guesses"
    assert colleague.post("/redemptions/capture", {"code": held["code"]}).status == 200


def test_every_way_to_guess_counts_on_one_account(street, door):
    leader, activity, code = door
    phone = street.phone(leader)
    for body in (
        {"code": "1-nonsense"},
        {"activity_id": str(activity.id), "person_code": f"{street.office_id}-abcdefgh2345-12345678"},
        {"activity_id": str(activity.id), "card": f"{street.office_id}.{secrets.token_urlsafe(16)}"},
        {"code": code[:-1] + ("A" if code[-1] != "A" else "B")},
        {"code": "x"},
    ):
        assert phone.post("/check-ins", body).status in (404, 422)

    stopped = phone.post("/check-ins", {"code": code})

    assert (stopped.status, stopped.code) == (429, "too_many_guesses")
    assert 0 < int(stopped.headers["Retry-After"]) <= 600
    assert "分钟后再试" in stopped["message"]


def test_right_codes_do_not_count_however_many(street, door):
    leader, activity, _ = door
    phone = street.phone(leader)
    for _ in range(TRIES * 3):
        with street.inside():
            code = person_code(resident := street.resident())[0]
        body = {"activity_id": str(activity.id), "person_code": code}
        assert phone.post("/check-ins", body).status == 201, resident


def test_what_is_no_guess_does_not_count(street, door):
    """An expired code was a code, and a form that is incomplete tries nothing."""
    _, activity, code = door
    phone = street.phone(street.resident())
    with time_machine.travel(now() + timedelta(minutes=10), tick=True):
        for _ in range(TRIES * 2):
            assert phone.post("/check-ins", {"code": code}).code == "code_expired"
            assert phone.post("/check-ins", {}).status == 422
        with street.inside():
            fresh = door_code(sessions_of(activity.id)[0]).code
        assert phone.post("/check-ins", {"code": fresh}).status == 201


def test_ticking_a_name_needs_no_code_and_goes_on(street, door):
    leader, activity, _ = door
    phone = street.phone(leader)
    for _ in range(TRIES + 1):
        phone.post("/check-ins", {"code": "1-nonsense"})

    ticked = {"activity_id": str(activity.id), "person_id": str(street.resident().id), "reason": "没带手机"}
    assert phone.post("/check-ins", ticked).status == 201


def test_after_ten_minutes_one_may_try_again(made_app, monkeypatch):
    monkeypatch.setattr(guesses, "WRONG_AT_MOST", f"{TRIES} per 1 second")
    street = Street.opened_in(made_app())
    phone = street.phone(street.clerk(street.merchant()))
    heard = {wrong_capture(phone).status for _ in range(TRIES * 4)}
    time.sleep(1.1)

    assert heard == {404, 429}
    assert wrong_capture(phone).status == 404


def test_before_the_log_in_an_installation_is_counted_and_its_neighbours_are_not(street):
    def logs_in(phone, code):
        return phone.post("/auth/wechat", {"office_id": street.office_id, "code": code})

    guesser, neighbour = (Phone(street.app, headers={"X-Installation-Id": secrets.token_hex(8)}) for _ in range(2))

    assert [logs_in(guesser, "nonsense").status for _ in range(TRIES + 2)] == [401] * TRIES + [429] * 2
    assert logs_in(neighbour, f"stub:{uuid4()}:1").status == 200
    assert logs_in(Phone(street.app), f"stub:{uuid4()}:1").status == 200


def test_five_hundred_log_ins_and_check_ins_from_one_address_pass(street, door):
    """A community's Wi-Fi, or a carrier's NAT, is one address."""
    _, _, code = door
    for n in range(500):
        phone = Phone(street.app)
        answer = phone.post("/auth/wechat", {"office_id": street.office_id, "code": f"stub:crowd-{n}:{uuid4()}"})
        assert answer.status == 200
        if n % 10 == 0:
            there = Phone(street.app, headers={"Authorization": f"Bearer {answer['access_token']}"})
            assert there.post("/check-ins", {"code": code}).status in (201, 409)


@pytest.mark.parametrize("body", [{"code": "1-x"}, {"activity_id": str(uuid4()), "card": "1.x"}])
def test_while_nobody_can_count_no_code_is_tried(made_app, body):
    street = Street.opened_in(made_app())
    clerk = street.clerk(street.merchant())
    url = street.app.config["SQLALCHEMY_DATABASE_URI"]
    with street.app.app_context():
        let_go_of_database()
    street.app = made_app(url, redis_url=NOBODY_THERE)
    phone = street.phone(clerk)

    assert (phone.post("/check-ins", body).status, phone.get("/redemptions/by-code/ABC").status) == (503, 503)
    assert phone.get("/offers").status == 200
