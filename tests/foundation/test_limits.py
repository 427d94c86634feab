"""How often somebody may ask, and what waits while nobody can count."""

import os
import secrets

import pytest

from backend.foundation import limits
from tests.builders.phone import Phone, a_key
from tests.builders.street import Street

NOBODY_THERE = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["Valkey", "in the process"])
def few(request, made_app, monkeypatch):
    """A street where a person may ask 3 times a minute and an address 5 times."""
    monkeypatch.setattr(limits, "EACH_PERSON", "3 per minute")
    monkeypatch.setattr(limits, "EACH_ADDRESS", "5 per minute")
    address = os.environ["TEST_REDIS_URL"] if request.param == "Valkey" else None
    return Street.opened_in(made_app(redis_url=address))


def asked(phone, times, *, address):
    return [phone.send("GET", "/offices", environ_overrides={"REMOTE_ADDR": address}).status for _ in range(times)]


def some_address():
    return "10." + ".".join(str(secrets.randbelow(256)) for _ in range(3))


def test_a_person_is_limited_wherever_they_are(few):
    phone = few.phone(few.resident())

    assert asked(phone, 2, address=some_address()) == [200, 200]
    assert asked(phone, 2, address=some_address()) == [200, 429]


def test_people_behind_one_address_do_not_take_from_each_other(few):
    address = some_address()

    for _ in range(3):
        assert asked(few.phone(few.resident()), 3, address=address) == [200] * 3


def test_who_is_not_logged_in_is_counted_by_address(few):
    address = some_address()

    assert asked(few.phone(), 6, address=address) == [200] * 5 + [429]
    assert asked(few.phone(), 1, address=some_address()) == [200]


def test_an_installation_has_a_limit_of_its_own_before_the_log_in(few, monkeypatch):
    monkeypatch.setattr(limits, "EACH_INSTALLATION", "2 per minute")
    monkeypatch.setattr(limits, "EACH_ADDRESS", "100 per minute")
    address = some_address()
    phone, other = (Phone(few.app, headers={"X-Installation-Id": secrets.token_hex(8)}) for _ in range(2))

    assert asked(phone, 3, address=address) == [200, 200, 429]
    assert asked(other, 1, address=address) == [200]


def test_whoever_invents_installations_is_still_limited_by_address(few):
    address = some_address()
    phones = [Phone(few.app, headers={"X-Installation-Id": secrets.token_hex(8)}) for _ in range(6)]

    assert [asked(phone, 1, address=address)[0] for phone in phones] == [200] * 5 + [429]


def test_a_forwarded_address_is_believed_from_a_trusted_proxy_only(few, made_app):
    """Whoever writes X-Forwarded-For themselves stays who they are."""
    real = some_address()

    def from_elsewhere(street):
        return [
            street.phone()
            .send(
                "GET", "/offices", environ_overrides={"REMOTE_ADDR": real}, headers={"X-Forwarded-For": some_address()}
            )
            .status
            for _ in range(6)
        ]

    assert from_elsewhere(few) == [200] * 5 + [429]
    assert from_elsewhere(Street.opened_in(made_app(trusted_proxies=1))) == [200] * 6


def test_a_bad_token_is_counted_like_none(few):
    address = some_address()
    phone = Phone(few.app, headers={"Authorization": "Bearer nonsense"})

    assert asked(phone, 6, address=address) == [200] * 5 + [429]


def test_who_asks_too_often_is_told_when_to_come_back(few):
    phone = few.phone(few.resident())
    asked(phone, 3, address=some_address())

    answer = phone.get("/me")

    assert (answer.status, answer.code) == (429, "too_many_requests")
    assert int(answer.headers["Retry-After"]) > 0
    assert "频繁" in answer["message"]


def test_looking_after_the_server_is_never_limited(few):
    address = some_address()
    for path in ("/healthz", "/readyz", "/metrics"):
        for _ in range(7):
            answer = Phone(few.app).send("GET", path, environ_overrides={"REMOTE_ADDR": address})
            assert answer.status == 200, path


@pytest.fixture
def uncounted(made_app):
    """A street whose Redis has gone away, seen after it was built."""
    street = Street.opened_in(made_app())
    url = street.app.config["SQLALCHEMY_DATABASE_URI"]
    from backend.foundation.db import let_go_of_database

    with street.app.app_context():
        let_go_of_database()
    street.app = made_app(url, redis_url=NOBODY_THERE)
    return street


def test_reading_and_most_writing_go_on_while_nobody_can_count(uncounted):
    resident = uncounted.resident()
    phone = uncounted.phone(resident)

    assert phone.get("/me").status == 200
    assert phone.get("/me/wallet").status == 200
    assert phone.put("/me", {"elder_mode": True}).status == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/wechat", {"office_id": 101, "code": "stub:x:1"}),
        ("/auth/refresh", {"refresh_token": "101.x"}),
        ("/redemptions", {"offer_id": "019ab000-0000-7000-8000-000000000000"}),
        ("/redemptions/capture", {"code": "ABCDEFGHJK"}),
    ],
)
def test_what_guards_money_and_identity_waits_while_nobody_can_count(uncounted, path, body):
    answer = uncounted.phone(uncounted.resident()).post(path, body, key=a_key())

    assert (answer.status, answer.code) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_points_do_not_move_while_nobody_can_count(made_app):
    street = Street.opened_in(made_app())
    resident = street.earned(street.resident(), 50)
    offer = street.offer(price_points=10)
    url = street.app.config["SQLALCHEMY_DATABASE_URI"]
    from backend.foundation.db import let_go_of_database

    with street.app.app_context():
        let_go_of_database()
    street.app = made_app(url, redis_url=NOBODY_THERE)

    answer = street.phone(resident).post("/redemptions", {"offer_id": str(offer.id)}, key=a_key())

    assert answer.status == 503
    assert (street.wallet(resident).available, street.wallet(resident).held) == (50, 0)
