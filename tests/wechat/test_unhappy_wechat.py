"""What the client does when the other side is not there, is late or talks nonsense."""

import socket
import time

import httpx2
import pytest
from wechat_serving import APPID, SECRET, served
from werkzeug.wrappers import Response

from backend.wechat import asking
from backend.wechat.client import WeChat
from backend.wechat.errors import LoginCodeRefused, WeChatUnavailable
from backend.wechat.subscriptions import Delivery
from backend.wechat.text_safety import TextScene, TextVerdict

CODE = "stub:demo-resident:1"


class Peer(httpx2.MockTransport):
    """Answers with the given steps in turn, the last one for ever, and counts how often it was asked."""

    def __init__(self, *steps):
        super().__init__(self._step)
        self._steps = steps
        self.asked = 0

    def _step(self, request):
        step = self._steps[min(self.asked, len(self._steps) - 1)]
        self.asked += 1
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx2.Response) else httpx2.Response(200, json=step)


BUSY = {"errcode": -1, "errmsg": "system error"}
WHO = {"openid": "demo-resident", "session_key": "c2Vzc2lvbi1rZXktMTIzNA==", "errcode": 0, "errmsg": "ok"}


NOTHING_DECIDED = {
    "a 500": Response("broken", status=500),
    "a 503": Response("down", status=503),
    "a 404": Response("gone", status=404),
    "a redirect": Response(status=302, headers={"Location": "http://elsewhere/"}),
    "HTML": Response("<html>系统维护中</html>", content_type="text/html"),
    "nothing": Response("", content_type="text/plain"),
    "not UTF-8": Response(b"\xff\xfe\xfa", content_type="text/plain"),
    "not gzip": Response(b"not gzip", headers={"Content-Encoding": "gzip"}),
    "half of it": Response('{"openid": "demo-res', content_type="text/plain"),
    "a list": Response("[]", content_type="text/plain"),
    "null": Response("null", content_type="text/plain"),
    "no openid": Response("{}", content_type="text/plain"),
    "an empty openid": Response('{"openid": ""}', content_type="text/plain"),
    "a number as openid": Response('{"openid": 7}', content_type="text/plain"),
    "the daily quota": Response('{"errcode": 45009, "errmsg": "reach max api daily quota"}', content_type="text/plain"),
    "a text as errcode": Response('{"errcode": "40029"}', content_type="text/plain"),
    "a list as errcode": Response('{"errcode": [40029]}', content_type="text/plain"),
}


@pytest.mark.parametrize("answer", NOTHING_DECIDED)
def test_an_answer_that_decides_nothing_means_wechat_is_unavailable(connect, answer):
    with served(NOTHING_DECIDED[answer]) as base_url, pytest.raises(WeChatUnavailable):
        connect(base_url=base_url).openid_of(CODE)


def test_a_wechat_that_hangs_is_left_after_the_read_timeout(connect):
    # It listens, so the connection is made; it never reads, so no answer comes.
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        patience = httpx2.Timeout(3.0, read=0.05)
        wechat = connect(base_url=f"http://127.0.0.1:{hanging.getsockname()[1]}", timeout=patience)
        started = time.monotonic()

        with pytest.raises(WeChatUnavailable):
            wechat.openid_of(CODE)

        assert time.monotonic() - started < 2


def test_a_refused_connection_means_wechat_is_unavailable(connect):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    with pytest.raises(WeChatUnavailable):
        connect(base_url=f"http://127.0.0.1:{port}").openid_of(CODE)


@pytest.mark.parametrize("trouble", [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("late"), BUSY])
def test_two_more_attempts_are_made_where_wechat_has_done_nothing_yet(connect, trouble):
    peer = Peer(trouble, trouble, WHO)

    assert connect(transport=peer).openid_of(CODE) == "demo-resident"
    assert peer.asked == 3


@pytest.mark.parametrize("trouble", [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("late"), BUSY])
def test_after_three_attempts_we_give_up(connect, trouble):
    peer = Peer(trouble)

    with pytest.raises(WeChatUnavailable):
        connect(transport=peer).openid_of(CODE)

    assert peer.asked == 3


@pytest.mark.parametrize(
    "trouble",
    [
        httpx2.ReadTimeout("late"),
        httpx2.ReadError("reset"),
        httpx2.RemoteProtocolError("disconnected"),
        httpx2.Response(502),
    ],
)
def test_a_request_that_may_have_used_up_the_code_is_not_repeated(connect, trouble):
    peer = Peer(trouble, WHO)

    with pytest.raises(WeChatUnavailable):
        connect(transport=peer).openid_of(CODE)

    assert peer.asked == 1


def test_a_refusal_is_not_asked_again(connect):
    peer = Peer({"errcode": 40163, "errmsg": "code been used"})

    with pytest.raises(LoginCodeRefused):
        connect(transport=peer).openid_of(CODE)

    assert peer.asked == 1


def test_a_code_that_timed_out_is_refused_by_its_general_errcode_too(connect):
    with pytest.raises(LoginCodeRefused):
        connect(transport=Peer({"errcode": 42003, "errmsg": "oauth_code timeout"})).openid_of(CODE)


def test_what_cannot_be_a_code_costs_no_call(connect):
    peer = Peer(WHO)

    with pytest.raises(LoginCodeRefused):
        connect(transport=peer).openid_of("")

    assert peer.asked == 0


def test_without_further_word_we_wait_two_seconds_to_connect_and_three_to_read():
    patience = []

    def note(request):
        patience.append(request.extensions["timeout"])
        return httpx2.Response(200, json=WHO)

    with httpx2.Client(base_url="http://wechat", transport=httpx2.MockTransport(note)) as http:
        WeChat(http, appid=APPID, secret=SECRET).openid_of(CODE)

    assert (patience[0]["connect"], patience[0]["read"]) == (2.0, 3.0)


# --- the calls with an access token ---

CALLS = {
    "a phone number": lambda wechat: wechat.phone_number_of("stub:phone:13812345678:1"),
    "a mini code": lambda wechat: wechat.mini_code("a=1", page="pages/door"),
    "a message": lambda wechat: wechat.send_subscription("mei", template_id="t", page="p", data={"thing1": "好"}),
    "a text": lambda wechat: wechat.judge_text("好", openid="mei", scene=TextScene.FORUM),
    "a picture": lambda wechat: wechat.judge_image("https://a.cn/1.jpg", openid="mei", scene=TextScene.FORUM),
}
HARMLESS = {"a mini code", "a text"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 60
GOOD = {
    "a phone number": httpx2.Response(
        200, json={"errcode": 0, "phone_info": {"purePhoneNumber": "13812345678", "countryCode": 86}}
    ),
    "a mini code": httpx2.Response(200, content=PNG, headers={"Content-Type": "image/jpeg"}),
    "a message": httpx2.Response(200, json={"errcode": 0, "errmsg": "ok", "msgid": 7}),
    "a text": httpx2.Response(200, json={"errcode": 0, "result": {"suggest": "review", "label": 20001}}),
    "a picture": httpx2.Response(200, json={"errcode": 0, "trace_id": "60ae120f-371d5872-7941a05b"}),
}
MEANT = {
    "a phone number": "13812345678",
    "a mini code": PNG,
    "a message": Delivery.SENT,
    "a text": TextVerdict.REVIEW,
    "a picture": "60ae120f-371d5872-7941a05b",
}
TOKEN = {"access_token": "A", "expires_in": 7200}


class Tokened:
    """A WSGI application before another one: hands out a token, and leaves the rest to the other."""

    def __init__(self, app):
        self._app = app
        self.asked = 0

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/cgi-bin/stable_token":
            answer = '{"access_token": "A", "expires_in": 7200}'
            return Response(answer, content_type="text/plain")(environ, start_response)
        self.asked += 1
        return self._app(environ, start_response)


@pytest.mark.parametrize("call", CALLS)
def test_a_good_answer_is_understood(connect, call):
    peer = Peer(TOKEN, GOOD[call])

    assert CALLS[call](connect(transport=peer)) == MEANT[call]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("answer", NOTHING_DECIDED)
def test_an_answer_that_decides_nothing_is_never_taken_for_one(reach, call, answer):
    with pytest.raises(WeChatUnavailable):
        CALLS[call](reach(Tokened(NOTHING_DECIDED[answer])))


WRONG = {
    "a phone number": [
        {},
        {"phone_info": None},
        {"phone_info": "13812345678"},
        {"phone_info": {"phoneNumber": "13812345678"}},
        {"phone_info": {"purePhoneNumber": "13812345678"}},
        {"phone_info": {"purePhoneNumber": "138-1234", "countryCode": "86"}},
        {"phone_info": {"purePhoneNumber": ["13812345678"], "countryCode": "86"}},
        {"phone_info": {"purePhoneNumber": "13812345678", "countryCode": "+86"}},
        {"phone_info": {"purePhoneNumber": "１３８１２３４５６７８", "countryCode": "86"}},
    ],
    "a mini code": [{}, {"errcode": 0, "buffer": "iVBORw0KGgo="}],
    "a text": [
        {},
        {"result": None},
        {"result": "pass"},
        {"result": {}},
        {"result": {"suggest": "PASS"}},
        {"result": {"suggest": ["pass"]}},
        {"detail": [{"suggest": "pass"}]},
    ],
    "a picture": [{}, {"trace_id": None}, {"trace_id": ""}, {"trace_id": 7}, {"trace_id": "x" * 129}],
}


@pytest.mark.parametrize(("call", "said"), [(call, said) for call, answers in WRONG.items() for said in answers])
def test_a_success_without_what_was_asked_for_means_wechat_is_unavailable(connect, call, said):
    with pytest.raises(WeChatUnavailable):
        CALLS[call](connect(transport=Peer(TOKEN, said)))


def test_what_version_one_called_risky_is_risky(connect):
    wechat = connect(transport=Peer(TOKEN, {"errcode": 87014, "errmsg": "risky content"}))

    assert wechat.judge_text("好", openid="mei", scene=TextScene.FORUM) is TextVerdict.RISKY


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "trouble",
    [
        httpx2.ReadTimeout("late"),
        httpx2.ReadError("reset"),
        httpx2.WriteError("reset"),
        httpx2.RemoteProtocolError("disconnected"),
        httpx2.Response(502),
        httpx2.Response(200, text="<html>"),
    ],
    ids=["late", "reset", "reset while writing", "disconnected", "502", "HTML"],
)
def test_what_was_sent_and_not_answered_is_repeated_only_where_that_is_harmless(connect, call, trouble):
    peer = Peer(TOKEN, trouble, GOOD[call])
    wechat = connect(transport=peer)

    if call in HARMLESS:
        assert CALLS[call](wechat) == MEANT[call]
        assert peer.asked == 3
    else:
        with pytest.raises(WeChatUnavailable):
            CALLS[call](wechat)
        assert peer.asked == 2


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "trouble",
    [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("late"), httpx2.PoolTimeout("all in use"), BUSY],
    ids=["refused", "late", "all in use", "busy"],
)
def test_what_wechat_has_not_begun_is_asked_three_times(connect, call, trouble):
    peer = Peer(TOKEN, trouble, trouble, GOOD[call])
    assert CALLS[call](connect(transport=peer)) == MEANT[call]
    assert peer.asked == 4

    peer = Peer(TOKEN, trouble)
    with pytest.raises(WeChatUnavailable):
        CALLS[call](connect(transport=peer))
    assert peer.asked == 4


@pytest.mark.parametrize("call", CALLS)
def test_every_call_leaves_a_wechat_that_hangs(connect, call):
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        patience = httpx2.Timeout(3.0, read=0.05)
        wechat = connect(base_url=f"http://127.0.0.1:{hanging.getsockname()[1]}", timeout=patience)
        started = time.monotonic()

        with pytest.raises(WeChatUnavailable):
            CALLS[call](wechat)

        assert time.monotonic() - started < 3


def dripping(_environ, start_response):
    """Sends a byte now and then, for ever: no single read ever times out."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    for _ in range(10_000):
        yield b" "
        time.sleep(0.01)


def test_an_answer_that_drips_is_left_when_it_takes_too_long(reach, monkeypatch):
    monkeypatch.setattr(asking, "WHOLE_ANSWER", 0.2)
    wechat = reach(Tokened(dripping))
    started = time.monotonic()

    with pytest.raises(WeChatUnavailable):
        wechat.phone_number_of("stub:phone:13812345678:1")

    assert time.monotonic() - started < 3


def test_an_answer_without_an_end_is_left_when_it_is_too_long(reach, monkeypatch):
    monkeypatch.setattr(asking, "ANSWER_MAX", 100_000)

    def endless(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        for _ in range(10_000):
            yield b" " * 10_000

    with pytest.raises(WeChatUnavailable):
        reach(Tokened(endless)).phone_number_of("stub:phone:13812345678:1")


def test_no_attempt_begins_when_the_first_ones_took_too_long(connect, monkeypatch):
    monkeypatch.setattr(asking, "LAST_START", 0.05)
    peer = Peer(httpx2.ConnectTimeout("late"))
    answer = peer.handler

    def slowly(request):
        time.sleep(0.06)
        return answer(request)

    peer.handler = slowly

    with pytest.raises(WeChatUnavailable):
        connect(transport=peer).openid_of(CODE)
    assert peer.asked == 1


def test_brackets_without_end_are_no_answer(connect):
    with pytest.raises(WeChatUnavailable):
        connect(transport=Peer(httpx2.Response(200, text="[" * 100_000))).openid_of(CODE)


def test_chinese_is_sent_as_it_is(connect):
    sent = []

    def note(request):
        sent.append(request.content)
        return httpx2.Response(200, json=TOKEN | {"result": {"suggest": "pass"}})

    wechat = connect(transport=httpx2.MockTransport(note))
    wechat.judge_text("楼道 \ud83d", openid="mei", scene=TextScene.FORUM)

    assert "楼道 ?".encode() in sent[-1]
