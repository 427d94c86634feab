"""/wechat/push as WeChat's server meets it, and the stub's verdicts on their way to it."""

import json
import logging
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx2
import pytest
import time_machine
from flask import current_app
from wechat_serving import APPID, SECRET, served

from backend.foundation.clock import now
from backend.foundation.db import session
from backend.web import create_app
from backend.wechat.push_routes import BODY_MAX
from backend.wechat.push_xml import written
from backend.wechat.pushes import PUSH_PATH, Seal
from backend.wechat.stub.application import StubWeChat
from backend.wechat.stub.pushing import Pusher
from backend.wechat.text_safety import TextScene
from tests.conftest import test_config as settings

TOKEN, AES_KEY = "AAAAA", "x1" * 21 + "A"
PUSH = {"wechat_push_token": TOKEN, "wechat_push_aes_key": AES_KEY}


@contextmanager
def running(tmp_path, **changes):
    """An application; what its handler is given is in `app.verdicts`."""
    app = create_app(settings(f"sqlite:///{tmp_path / 'pushes.sqlite3'}", **changes))
    app.verdicts = queue.Queue()
    app.extensions["on_image_verdict"] = app.verdicts.put
    yield app
    app.extensions["wechat"].close()


@pytest.fixture
def app(tmp_path):
    with running(tmp_path, wechat="real", wechat_appid=APPID, wechat_secret=SECRET, **PUSH) as app:
        yield app


@pytest.fixture
def seal():
    return Seal(token=TOKEN, aes_key=AES_KEY, appid=APPID)


def message(trace_id="trace-1", **more):
    return {
        "ToUserName": "gh_1",
        "FromUserName": "openid-of-mei",
        "CreateTime": 1795428000,
        "MsgType": "event",
        "Event": "wxa_media_check",
        "appid": APPID,
        "trace_id": trace_id,
        "version": 2,
        "errcode": 0,
        "result": {"suggest": "risky", "label": 20002},
    } | more


@pytest.fixture
def push(app, seal):
    """Send a message as WeChat does, but for what is said otherwise."""

    def send(said=None, *, as_xml=False, by=seal, **instead):
        said = message() if said is None else said
        encrypted = by.sealed((written(said) if as_xml else json.dumps(said)).encode())
        timestamp = str(int(now().timestamp()))
        query = {
            "signature": by.signature(timestamp, "nonce"),
            "timestamp": timestamp,
            "nonce": "nonce",
            "openid": "openid-of-mei",
            "encrypt_type": "aes",
            "msg_signature": by.signature(timestamp, "nonce", encrypted),
        }
        envelope = {"ToUserName": "gh_1", "Encrypt": encrypted}
        body = written(envelope) if as_xml else json.dumps(envelope)
        return app.test_client().post(
            PUSH_PATH,
            query_string={name: value for name, value in (query | instead).items() if value is not None},
            data=body,
            content_type="text/xml" if as_xml else "application/json",
        )

    return send


def given(app, *, within=5.0):
    return app.verdicts.get(timeout=within)


# --- the address is saved in WeChat's settings ---

OFFICIAL = {
    "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
    "echostr": "4375120948345356249",
    "timestamp": "1714036504",
    "nonce": "1514711492",
}
THEN = datetime.fromtimestamp(1714036504, UTC)


def test_the_official_question_is_echoed(app):
    with time_machine.travel(THEN, tick=False):
        answer = app.test_client().get(PUSH_PATH, query_string=OFFICIAL)

    assert (answer.status_code, answer.text, answer.mimetype) == (200, "4375120948345356249", "text/plain")


@pytest.mark.parametrize(
    "instead",
    [
        {"signature": "f464b24fc39322e44b38aa78f5edd27bd1441697"},
        {"signature": None},
        {"nonce": "1514711493"},
        {"timestamp": "1714036505"},
        {"timestamp": None},
        {"echostr": "<script>alert(1)</script>"},
        {"echostr": ""},
        {"echostr": "1" * 129},
    ],
)
def test_a_question_that_is_not_wechats_is_refused(app, instead):
    query = {name: value for name, value in (OFFICIAL | instead).items() if value is not None}
    with time_machine.travel(THEN, tick=False):
        answer = app.test_client().get(PUSH_PATH, query_string=query)

    assert (answer.status_code, answer.text) == (403, "refused")


def test_a_recorded_question_is_refused(app):
    assert app.test_client().get(PUSH_PATH, query_string=OFFICIAL).status_code == 403


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_token_and_key_there_is_no_such_address(tmp_path, method):
    with running(tmp_path, wechat="real", wechat_appid=APPID, wechat_secret=SECRET) as app:
        answer = app.test_client().open(PUSH_PATH, method=method, query_string=OFFICIAL)

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_it_is_no_part_of_the_api(app):
    assert "wechat/push" not in app.test_client().get("/api/v1/openapi.json").text


# --- pushes ---


@pytest.mark.parametrize("as_xml", [False, True], ids=["JSON", "XML"])
def test_a_verdict_is_handed_on_and_answered_with_success(app, push, as_xml):
    answer = push(as_xml=as_xml)

    assert (answer.status_code, answer.text) == (200, "success")
    verdict = given(app)
    assert (verdict.trace_id, verdict.appid, verdict.suggest, verdict.label) == ("trace-1", APPID, "risky", 20002)


def test_a_push_that_comes_again_is_answered_and_dropped(app, push):
    assert [push().text for _ in range(3)] == ["success"] * 3

    given(app)
    assert app.verdicts.empty()


def test_two_verdicts_of_one_person_in_one_second_are_two(app, push):
    push(message("trace-1"))
    push(message("trace-2"))

    assert {given(app).trace_id, given(app).trace_id} == {"trace-1", "trace-2"}


def test_a_push_of_another_kind_is_answered_and_dropped(app, push):
    answer = push({"MsgType": "event", "Event": "debug_demo", "FromUserName": "mei", "CreateTime": 1})

    assert (answer.status_code, answer.text) == (200, "success")
    assert app.verdicts.empty()


@pytest.mark.parametrize(
    "wrong",
    [
        {"msg_signature": None},
        {"msg_signature": "0" * 40},
        {"timestamp": str(int(time.time()) - 400)},
        {"nonce": "another"},
        {"by": Seal(token="other", aes_key=AES_KEY, appid=APPID)},
        {"by": Seal(token=TOKEN, aes_key="y2" * 21 + "A", appid=APPID)},
        {"by": Seal(token=TOKEN, aes_key=AES_KEY, appid="wxanother")},
        {"said": message(appid="wxanother")},
    ],
)
def test_a_push_that_is_not_wechats_is_refused(app, push, caplog, wrong):
    answer = push(**wrong)

    assert (answer.status_code, answer.text) == (403, "refused")
    assert app.verdicts.empty()
    for private in (TOKEN, AES_KEY, "openid-of-mei", "trace-1"):
        assert private not in caplog.text


@pytest.mark.parametrize("age", [299, -299])
def test_clocks_may_differ_by_five_minutes(app, push, seal, age):
    timestamp = str(int(now().timestamp()) - age)
    encrypted = seal.sealed(json.dumps(message()).encode())
    answer = app.test_client().post(
        PUSH_PATH,
        query_string={
            "timestamp": timestamp,
            "nonce": "n",
            "msg_signature": seal.signature(timestamp, "n", encrypted),
        },
        json={"Encrypt": encrypted},
    )

    assert answer.text == "success"


def test_an_unsealed_push_is_refused_though_its_address_is_signed(app, seal):
    timestamp = str(int(now().timestamp()))
    query = {"signature": seal.signature(timestamp, "n"), "timestamp": timestamp, "nonce": "n"}

    answer = app.test_client().post(PUSH_PATH, query_string=query, json=message())

    assert answer.status_code == 403
    assert app.verdicts.empty()


@pytest.mark.parametrize("body", [b"", b"{", b"<xml>", b"\xff", b"[" * 60_000])
def test_a_body_that_is_none_is_refused(app, body):
    assert app.test_client().post(PUSH_PATH, data=body).status_code == 403


def test_a_body_that_is_too_large_is_refused(app):
    answer = app.test_client().post(PUSH_PATH, data=b"x" * (BODY_MAX + 1))

    assert answer.status_code == 413


def test_the_handler_may_use_the_application_and_its_database(app, push):
    def look(verdict):
        app.verdicts.put((current_app.name, session() is not None, verdict.trace_id))

    app.extensions["on_image_verdict"] = look

    assert push().text == "success"
    assert given(app) == ("backend", True, "trace-1")


# --- in time ---


def test_wechat_is_answered_in_time_though_the_handler_is_slow(app, push):
    done = threading.Event()

    def slow(verdict):
        done.wait(20)
        app.verdicts.put(verdict)

    app.extensions["on_image_verdict"] = slow
    began = time.monotonic()
    answer = push()
    took = time.monotonic() - began

    assert (answer.status_code, answer.text) == (503, "later")
    assert took < 5
    done.set()
    assert given(app).trace_id == "trace-1"
    assert push().text == "success"
    assert app.verdicts.empty()


def test_a_slow_handler_keeps_no_other_push_waiting(app, push):
    done = threading.Event()

    def slow_at_first(verdict):
        if verdict.trace_id == "trace-1":
            done.wait(20)
        app.verdicts.put(verdict)

    app.extensions["on_image_verdict"] = slow_at_first
    with ThreadPoolExecutor(1) as other:
        slow = other.submit(push, message("trace-1"))
        began = time.monotonic()
        assert push(message("trace-2")).text == "success"
        assert time.monotonic() - began < 3
        done.set()
        assert slow.result().text == "success"


def test_a_handler_that_fails_is_asked_again_when_the_push_comes_again(app, push, caplog):
    failures = [ValueError("openid-of-mei")]

    def fails_once(verdict):
        if failures:
            raise failures.pop()
        app.verdicts.put(verdict)

    app.extensions["on_image_verdict"] = fails_once

    assert [push().status_code, push().status_code, push().status_code] == [503, 200, 200]
    assert given(app).trace_id == "trace-1"
    assert app.verdicts.empty()


# --- the stub pushes ---


def test_the_stub_within_the_process_pushes_to_the_application_itself(tmp_path):
    with running(tmp_path) as app:
        wechat = app.extensions["wechat"]
        wechat.openid_of("stub:mei:1")
        traces = {
            wechat.judge_image(f"https://a.cn/{name}.jpg", openid="mei", scene=TextScene.FORUM): suggest
            for name, suggest in (("cat", "pass"), ("risky-cat", "risky"), ("review-cat", "review"))
        }
        heard = {verdict.trace_id: verdict.suggest for verdict in (given(app) for _ in traces)}

    assert heard == traces


def test_a_picture_the_stub_cannot_fetch_is_not_judged(tmp_path):
    with running(tmp_path) as app:
        app.extensions["stub_wechat"].visit("mei")
        app.extensions["wechat"].judge_image("https://a.cn/gone.jpg", openid="mei", scene=TextScene.FORUM)
        verdict = given(app)

    assert (verdict.suggest, verdict.errcode) == ("review", -1008)


@pytest.mark.parametrize("as_xml", [False, True], ids=["JSON", "XML"])
def test_the_stub_pushes_over_a_socket(app, seal, connect, as_xml):
    with served(app) as ourselves, httpx2.Client(trust_env=False) as http:
        pusher = Pusher(http, f"{ourselves}{PUSH_PATH}", seal, as_xml=as_xml, after_seconds=0)
        with served(StubWeChat(appid=APPID, secret=SECRET, pusher=pusher)) as base_url:
            wechat = connect(base_url=base_url)
            wechat.openid_of("stub:mei:1")
            trace_id = wechat.judge_image("https://a.cn/risky.jpg", openid="mei", scene=TextScene.COMMENT)
            verdict = given(app)

    assert (verdict.trace_id, verdict.suggest, verdict.errcode) == (trace_id, "risky", 0)


def test_the_stub_sends_again_what_was_not_received(app, seal):
    asked = []

    def moody(environ, start_response):
        asked.append(environ["REQUEST_METHOD"])
        if len(asked) < 3:
            start_response("500 Internal Server Error", [])
            return [b""]
        return app(environ, start_response)

    with served(moody) as ourselves, httpx2.Client(trust_env=False) as http:
        assert Pusher(http, f"{ourselves}{PUSH_PATH}", seal).deliver(message())

    assert len(asked) == 3
    assert given(app).trace_id == "trace-1"


def test_the_stub_gives_up_after_three_times(seal, caplog):
    asked = []

    def never(environ, start_response):
        asked.append(environ["REQUEST_METHOD"])
        start_response("200 OK", [])
        return [b"thank you"]

    with served(never) as ourselves, httpx2.Client(trust_env=False) as http:
        assert not Pusher(http, f"{ourselves}{PUSH_PATH}", seal).deliver(message())

    assert len(asked) == 3
    assert caplog.records[-1].levelno == logging.ERROR


def test_the_stub_leaves_when_nobody_answers_in_time(seal):
    def hangs(environ, start_response):
        time.sleep(0.5)
        start_response("200 OK", [])
        return [b"success"]

    with served(hangs) as ourselves, httpx2.Client(trust_env=False) as http:
        assert not Pusher(http, f"{ourselves}{PUSH_PATH}", seal, answer_seconds=0.05).deliver(message())
