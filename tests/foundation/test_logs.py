"""One JSON line per request, with its id, and nothing about anybody."""

import io
import json
import logging
from uuid import UUID

import pytest

from backend.foundation.logs import JsonLines, log_to_stderr
from tests.builders.phone import Phone, a_key
from tests.builders.street import Street


@pytest.fixture
def written():
    """What is logged meanwhile, as the server would write it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel("DEBUG")
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def of_requests(stream):
    return [line for line in lines(stream) if line["logger"] == "backend.requests"]


def test_each_request_is_one_line_of_json_with_its_id(street, written):
    answer = street.phone(street.resident()).get("/me", q="x")

    (line,) = of_requests(written)
    assert line["message"] == "GET /api/v1/me 200"
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert line["office"] == street.office_id
    assert line["level"] == "INFO"
    assert line["at"].endswith("Z")
    assert line["ms"] >= 0


def test_the_id_of_the_proxy_is_kept_when_it_is_plausible(street, written):
    phone = street.phone()
    kept = phone.send("GET", "/offices", headers={"X-Request-Id": "0123abcd-proxy"})
    made = phone.send("GET", "/offices", headers={"X-Request-Id": 'x" 王小英'.encode().decode("latin-1")})
    long = phone.send("GET", "/offices", headers={"X-Request-Id": "a" * 65})

    assert kept.headers["X-Request-Id"] == "0123abcd-proxy"
    assert UUID(made.headers["X-Request-Id"]).version == 7
    assert UUID(long.headers["X-Request-Id"]).version == 7
    assert [line["request_id"] for line in of_requests(written)] == [
        answer.headers["X-Request-Id"] for answer in (kept, made, long)
    ]


def test_nothing_about_anybody_is_logged(street, written):
    resident = street.earned(street.resident("王小英"), 50)
    offer = street.offer(price_points=10)
    mine = street.phone(resident)
    bought = mine.post("/redemptions", {"offer_id": str(offer.id)}, key=a_key())
    clerk = street.phone(street.clerk(type("Shop", (), {"id": offer.merchant_id, "name": "店"})))
    written.truncate(0)
    written.seek(0)

    clerk.get(f"/redemptions/by-code/{bought['code']}")
    clerk.post("/redemptions/capture", {"code": bought["code"]})
    mine.put("/me", {"display_name": "王大英", "elder_mode": "13800138000"})
    mine.put("/me", {"display_name": "王大英"})
    mine.get("/offers", q="隔壁老王")
    mine.get(f"/groups/{offer.id}")
    login = mine.post("/auth/wechat", {"office_id": street.office_id, "code": "stub:openid-of-wang:nonce1"})
    mine.post("/auth/refresh", {"refresh_token": login["refresh_token"]})
    mine.send("GET", "/me", headers={"Authorization": f"Bearer {login['access_token']}x"})

    text = written.getvalue()
    assert len(of_requests(written)) == 9
    private = ("王小英", "王大英", "13800138000", "隔壁老王", "openid-of-wang", bought["code"], str(offer.id))
    for secret in (*private, login["access_token"], login["refresh_token"], login["refresh_token"].partition(".")[2]):
        assert secret not in text


def test_a_bug_is_logged_by_place_without_its_values(made_app, written):
    app = made_app()

    @app.get("/api/v1/buggy/<name>")
    def buggy(name):
        raise ValueError(f"duplicate key (name)=({name})")

    Phone(app).get("/buggy/王小英")

    (line,) = [line for line in lines(written) if line["message"] == "unexpected"]
    assert line["level"] == "ERROR"
    assert line["trace"][-1] == "ValueError"
    assert any("buggy" in place for place in line["trace"])
    assert "王小英" not in written.getvalue()


def test_a_database_that_refuses_is_logged_without_its_row(street, written):
    with pytest.raises(Exception, match=r"(?i)check"):
        street.person("张三丰", age_class="ageless")
    logging.getLogger("x").error("failed", exc_info=ValueError("张三丰"))

    assert "张三丰" not in written.getvalue()


def test_answers_say_that_nothing_is_to_be_kept(street):
    answer = Street.phone(street).get("/offices")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_clients_of_others_do_not_log_addresses():
    root = logging.getLogger()
    before, level = root.handlers, root.level
    try:
        log_to_stderr("DEBUG")
        assert not logging.getLogger("httpx2").isEnabledFor(logging.INFO)
        assert isinstance(root.handlers[0].formatter, JsonLines)
    finally:
        root.handlers = before
        root.setLevel(level)
