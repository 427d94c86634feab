"""Every error has the same body, in Chinese, and says nothing about how the program works."""

import json

import pytest
from flask import abort, redirect
from redis.exceptions import ConnectionError as RedisGone
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from werkzeug.exceptions import MethodNotAllowed, TooManyRequests

from backend.foundation.db import session
from backend.foundation.errors import Conflict, Unprocessable
from backend.foundation.problems import flat
from tests.builders.phone import Phone

SECRET = "王小英 13800138000"


class Full(Conflict):
    code = "full"
    message = "名额已满（共 {capacity} 人）"
    advice_facts = {"capacity": 1}  # noqa: RUF012


def raises(error):
    def view():
        raise error

    return view


WHAT_HAPPENS = {
    "a refusal": (raises(Full(capacity=30)), 409, "full"),
    "a refusal of fields": (raises(Unprocessable(errors={"q": ["太长"]})), 422, "invalid"),
    "a bug": (raises(ValueError(SECRET)), 500, "internal"),
    "a wrong statement": (lambda: session().execute(text("SELECT 王小英 FROM people")), None, None),
    "a database that went away": (raises(OperationalError(SECRET, {}, Exception(SECRET))), 503, "busy"),
    "a connection that broke": (raises(InterfaceError(SECRET, {}, Exception(SECRET))), 503, "busy"),
    "no connection left": (raises(TimeoutError(SECRET)), 503, "busy"),
    "Redis away": (raises(RedisGone(SECRET)), 503, "unavailable"),
    "too large": (lambda: abort(413), 413, "too_large"),
    "too often": (raises(TooManyRequests(SECRET)), 429, "too_many_requests"),
    "an error we never heard of": (lambda: abort(418), 418, "bad_request"),
    "a wrong method": (raises(MethodNotAllowed(["GET", "PUT"])), 405, "method_not_allowed"),
    "not implemented": (lambda: abort(501), 501, "internal"),
}


@pytest.fixture
def answers(made_app):
    app = made_app()
    for n, (view, _, _) in enumerate(WHAT_HAPPENS.values()):
        app.add_url_rule(f"/api/v1/case/{n}", f"case{n}", view)
    app.add_url_rule("/api/v1/elsewhere", "elsewhere", lambda: redirect("/api/v1/offices"))
    phone = Phone(app)
    return {name: phone.get(f"/case/{n}") for n, name in enumerate(WHAT_HAPPENS)} | {
        "no such address": phone.get("/no/such/address"),
        "elsewhere": phone.get("/elsewhere"),
    }


def test_every_error_has_the_same_body(answers):
    for name, (_, status, code) in WHAT_HAPPENS.items():
        answer = answers[name]
        assert {"code", "message", "facts", "request_id"} <= set(answer.body), name
        assert set(answer.body) <= {"code", "message", "facts", "errors", "request_id"}, name
        assert answer.body["request_id"] == answer.headers["X-Request-Id"], name
        assert any("一" <= letter <= "鿿" for letter in answer["message"]), name
        assert answer.headers["Content-Type"] == "application/json", name
        if status is not None:
            assert (answer.status, answer.code) == (status, code), name
    assert (answers["no such address"].status, answers["no such address"].code) == (404, "not_found")


def test_no_error_tells_what_went_on_inside(answers):
    for name, answer in answers.items():
        said = json.dumps(answer.body, ensure_ascii=False)
        for secret in ("王小英", "13800138000", "SELECT", "Traceback", "people", "Error"):
            assert secret not in said, name


def test_a_refusal_quotes_its_facts(answers):
    assert answers["a refusal"].body | {"request_id": ""} == {
        "code": "full",
        "message": "名额已满（共 30 人）",
        "facts": {"capacity": 30},
        "request_id": "",
    }


def test_a_refusal_of_fields_names_them(answers):
    assert answers["a refusal of fields"]["errors"] == {"q": ["太长"]}


def test_what_may_be_repeated_says_when(answers):
    for name in ("a database that went away", "Redis away", "too often", "no connection left"):
        assert int(answers[name].headers["Retry-After"]) > 0, name
    assert "Retry-After" not in answers["a refusal"].headers


def test_a_wrong_method_says_which_are_right(answers):
    assert answers["a wrong method"].headers["Allow"] == "GET, PUT"


def test_a_redirect_is_no_error(answers):
    assert (answers["elsewhere"].status, answers["elsewhere"].headers["Location"]) == (302, "/api/v1/offices")


def test_errors_of_nested_fields_are_named_by_their_path():
    nested = {"sessions": {0: {"ends_at": ["太早"]}}, "_schema": ["填一项"], "items": {1: ["空"]}}

    assert flat(nested) == {"sessions.0.ends_at": ["太早"], "body": ["填一项"], "items.1": ["空"]}
