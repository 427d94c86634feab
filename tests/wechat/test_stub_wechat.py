"""The stub behaves as WeChat does where WeChat surprises people."""

import base64
import struct
import zlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from wechat_serving import APPID, SECRET
from werkzeug.test import Client

from backend.wechat.connecting import stub_wechat
from backend.wechat.errors import LoginCodeRefused
from backend.wechat.stub.application import StubWeChat
from backend.wechat.stub.limits import PER_MINUTE_OF_SAFETY, Limit
from backend.wechat.stub.memory import Noted, Seen

RIGHT = {"appid": APPID, "secret": SECRET, "js_code": "stub:demo-resident:1", "grant_type": "authorization_code"}


@pytest.fixture
def ask():
    """Ask a stub with the right parameters, but for those given; None leaves one out."""
    http = Client(StubWeChat(appid=APPID, secret=SECRET))

    def get(path="/sns/jscode2session", **instead):
        query = {name: value for name, value in (RIGHT | instead).items() if value is not None}
        return http.get(path, query_string=query)

    return get


def test_json_is_called_plain_text(ask):
    assert ask().mimetype == "text/plain"


def test_a_success_has_an_openid_a_session_key_of_16_bytes_and_no_errcode(ask):
    answer = ask().get_json(force=True)

    assert answer["openid"] == "demo-resident"
    assert len(base64.b64decode(answer["session_key"])) == 16
    assert "errcode" not in answer


@pytest.mark.parametrize(
    ("instead", "errcode"),
    [
        ({"appid": None}, 41002),
        ({"secret": None}, 41004),
        ({"js_code": None}, 41008),
        ({"grant_type": None}, 40002),
        ({"grant_type": "client_credential"}, 40002),
        ({"appid": "wxwrong"}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"js_code": "wrong"}, 40029),
        ({"js_code": "stub:blocked:1"}, 40226),
        ({"js_code": "stub:flood:1"}, 45011),
        ({"js_code": "stub:busy:1"}, -1),
        ({"path": "/sns/nothing"}, 40066),
    ],
)
def test_every_failure_is_http_200_with_an_errcode_and_a_request_id(ask, instead, errcode):
    response = ask(**instead)

    answer = response.get_json(force=True)
    assert (response.status_code, answer["errcode"]) == (200, errcode)
    assert "rid: " in answer["errmsg"]


def test_a_used_code_has_an_errcode_of_its_own(ask):
    ask()

    assert ask().get_json(force=True)["errcode"] == 40163


def test_a_code_expires_300_seconds_after_its_issue(ask):
    issued = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    code = f"stub:demo-resident:at{issued.timestamp():.0f}"

    with time_machine.travel(datetime(2026, 11, 23, 10, 5, tzinfo=UTC), tick=False):
        assert ask(js_code=code).get_json(force=True)["errcode"] == 40029
    with time_machine.travel(datetime(2026, 11, 23, 10, 4, 59, tzinfo=UTC), tick=False):
        assert ask(js_code=code).get_json(force=True)["openid"] == "demo-resident"


# --- what needs an access token ---

PHONE = "/wxa/business/getuserphonenumber"
CODE = "/wxa/getwxacodeunlimit"
SEND = "/cgi-bin/message/subscribe/send"
TEXT = "/wxa/msg_sec_check"
IMAGE = "/wxa/media_check_async"

BODIES = {
    PHONE: {"code": "stub:phone:13812345678:1"},
    CODE: {"scene": "a=1", "page": "pages/door", "width": 430},
    SEND: {
        "touser": "mei",
        "template_id": "stub-points",
        "page": "pages/wallet",
        "data": {"thing1": {"value": "清洁"}, "number2": {"value": "30"}, "time3": {"value": "18:05"}},
    },
    TEXT: {"version": 2, "openid": "mei", "scene": 1, "content": "好"},
    IMAGE: {"version": 2, "openid": "mei", "scene": 1, "media_type": 2, "media_url": "https://a.cn/1.jpg"},
}


class Peer:
    """The stub, spoken to as the page of each address says."""

    def __init__(self, **how):
        self.stub = StubWeChat(appid=APPID, secret=SECRET, **how)
        self.http = Client(self.stub)
        self.stub.visit("mei")
        self.stub.agree("mei", "stub-points")

    def token(self, **instead):
        body = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET} | instead
        return self.http.post("/cgi-bin/stable_token", json=body).get_json(force=True)

    def post(self, path, body=None, *, token=None, **how):
        token = self.token()["access_token"] if token is None else token
        how = how or {"json": BODIES[path] | (body or {})}
        return self.http.post(path, query_string={"access_token": token}, **how)

    def errcode(self, *said, **how):
        response = self.post(*said, **how)
        assert response.status_code == 200
        return response.get_json(force=True)["errcode"] if response.mimetype == "text/plain" else 0


@pytest.fixture
def peer():
    return Peer()


@pytest.mark.parametrize("path", BODIES)
def test_every_address_answers_what_is_right(peer, path):
    assert peer.errcode(path) == 0


@pytest.mark.parametrize("path", BODIES)
def test_every_address_asks_for_a_token(peer, path):
    assert peer.errcode(path, token="") == 41001
    assert peer.errcode(path, token="invented") == 40001


@pytest.mark.parametrize("path", [*BODIES, "/cgi-bin/stable_token", "/stub/visits", "/stub/agreements"])
def test_every_address_is_posted_to_with_a_json_object(peer, path):
    token = {"access_token": peer.token()["access_token"]}

    assert peer.http.get(path, query_string=token).get_json(force=True)["errcode"] == 43002
    for sent, errcode in ((b"", 44002), (b"{", 47001), (b"[]", 47001), (b"[" * 99_999, 47001), (b"\xff", 47001)):
        answer = peer.http.post(path, query_string=token, data=sent).get_json(force=True)
        assert answer["errcode"] == errcode, sent


@pytest.mark.parametrize(
    ("errcode", "path", "wrong"),
    [
        (40029, PHONE, {"code": "stub:mei:1"}),
        (40029, PHONE, {"code": 7}),
        (40169, CODE, {"scene": ""}),
        (40169, CODE, {"scene": "x" * 33}),
        (40129, CODE, {"scene": "活动"}),
        (40129, CODE, {"scene": "50%"}),
        (40097, CODE, {"width": 279}),
        (40097, CODE, {"width": 1281}),
        (40097, CODE, {"width": "430"}),
        (41030, CODE, {"page": "/pages/door"}),
        (41030, CODE, {"page": "pages/door?a=1"}),
        (41030, CODE, {"page": "pages/missing"}),
        (0, CODE, {"page": "pages/missing", "check_path": False}),
        (40003, SEND, {"touser": "王"}),
        (40037, SEND, {"template_id": "unknown"}),
        (41030, SEND, {"page": "/pages/wallet"}),
        (47003, SEND, {"data": {"thing1": {"value": "只有一项"}}}),
        (47003, SEND, {"data": "thing1"}),
        (47003, SEND, {"miniprogram_state": "beta"}),
        (43101, SEND, {"touser": "wang"}),
        (43101, SEND, {"template_id": "stub-activity", "data": {}}),
        (47001, TEXT, {"version": 1}),
        (47001, TEXT, {"content": ""}),
        (45002, TEXT, {"content": "好" * 2501}),
        (40129, TEXT, {"scene": 5}),
        (40129, TEXT, {"scene": True}),
        (40003, TEXT, {"openid": ""}),
        (61010, TEXT, {"openid": "wang"}),
        (47001, IMAGE, {"version": 1}),
        (47001, IMAGE, {"media_url": "file:///etc/passwd"}),
        (40004, IMAGE, {"media_type": 3}),
        (40129, IMAGE, {"scene": 0}),
        (61010, IMAGE, {"openid": "wang"}),
    ],
)
def test_what_wechat_refuses_is_refused(peer, errcode, path, wrong):
    if wrong.get("template_id") == "stub-activity":
        wrong = wrong | {"data": {name: {"value": "18:05"} for name in ("thing1", "time2", "thing3")}}

    assert peer.errcode(path, wrong) == errcode


@pytest.mark.parametrize(
    ("errcode", "instead"),
    [
        (41002, {"appid": ""}),
        (41004, {"secret": None}),
        (40002, {"grant_type": "authorization_code"}),
        (40013, {"appid": "wxwrong"}),
        (40125, {"secret": "wrong"}),
    ],
)
def test_a_token_is_for_who_knows_the_secret(peer, errcode, instead):
    assert peer.token(**instead)["errcode"] == errcode


def test_what_a_phone_does_may_be_posted(peer):
    for path, body in (
        ("/stub/visits", {"openid": "wang"}),
        ("/stub/agreements", {"openid": "wang", "template_id": "stub-points"}),
    ):
        assert peer.http.post(path, json=body).get_json(force=True)["errcode"] == 0

    assert peer.errcode(TEXT, {"openid": "wang"}) == 0
    assert peer.errcode(SEND, {"touser": "wang"}) == 0


def test_limits_are_counted_by_minute_and_by_day():
    limits = {TEXT: Limit(2, 3, PER_MINUTE_OF_SAFETY)}
    began = datetime(2026, 11, 23, 10, 0, 59, tzinfo=UTC)
    with time_machine.travel(began, tick=False):
        peer = Peer(limits=limits)
        assert [peer.errcode(TEXT) for _ in range(3)] == [0, 0, 44991]
    with time_machine.travel(began + timedelta(seconds=1), tick=False):
        assert [peer.errcode(TEXT) for _ in range(2)] == [0, 45009]
    with time_machine.travel(datetime(2026, 11, 23, 16, 0, tzinfo=UTC), tick=False):  # midnight in Shanghai
        peer.stub.visit("mei")
        assert peer.errcode(TEXT) == 0


@pytest.mark.parametrize(
    "value", ["2026年11月23日 18:05", "2026-11-23", "18:05", "11月23日", "08:00~09:30", "2026.11.23"]
)
def test_a_time_may_be_written_in_wechats_ways(peer, value):
    data = {"thing1": {"value": "清洁"}, "number2": {"value": "-3.5"}, "time3": {"value": value}}

    assert peer.errcode(SEND, {"data": data}) == 0


def test_a_picture_shows_what_it_stands_for(peer):
    picture = peer.post(CODE, {"width": 280}).data
    chunks = {}
    at = 8
    while at < len(picture):
        length, kind = struct.unpack(">I4s", picture[at : at + 8])
        data = picture[at + 8 : at + 8 + length]
        assert struct.unpack(">I", picture[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + data)
        chunks[kind] = data
        at += 12 + length
    pixels = zlib.decompress(chunks[b"IDAT"])

    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    assert len(pixels) == 280 * (1 + 280 // 8)
    assert len({pixels[row * 36 : row * 36 + 36] for row in range(280)}) > 10


def test_of_used_codes_the_oldest_are_forgotten():
    seen = Seen(at_most=2)

    assert [seen.is_first(code) for code in ("1", "2", "3")] == [True, True, True]
    assert not seen.is_first("3")
    assert seen.is_first("1")


def test_of_what_was_noted_the_oldest_is_forgotten():
    noted = Noted(at_most=2)
    for name, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        noted.note(name, value)

    assert [noted.of(name) for name in "abc"] == [3, None, 4]


def test_the_stub_client_logs_anybody_in_once_per_code():
    wechat = stub_wechat(StubWeChat(appid=APPID, secret=SECRET)).wechat

    assert wechat.openid_of("stub:demo-leader:1") == "demo-leader"
    with pytest.raises(LoginCodeRefused):
        wechat.openid_of("stub:demo-leader:1")
    wechat.close()
