"""What the client does when the other side is not there, is late or talks nonsense."""

import socket
import time

import httpx2
import pytest
from wechat_serving import APPID, SECRET, served
from werkzeug.wrappers import Response

from backend.wechat.client import WeChat
from backend.wechat.errors import LoginCodeRefused, WeChatUnavailable

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
