"""One access token for all threads, renewed in time, replaced once when it is refused, forced as the last resort."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx2
import pytest
import time_machine
from wechat_serving import APPID, SECRET

from backend.wechat import access_tokens
from backend.wechat.access_tokens import EARLY, FORCE_EVERY
from backend.wechat.errors import WeChatUnavailable
from backend.wechat.stub.application import StubWeChat

PHONE = "/wxa/business/getuserphonenumber"
TOKEN = "/cgi-bin/stable_token"
NUMBER = {"errcode": 0, "phone_info": {"purePhoneNumber": "13812345678", "countryCode": "86"}}


class Counting:
    """A WSGI application before another one; keeps the address of every request."""

    def __init__(self, app):
        self._app = app
        self._lock = threading.Lock()
        self.asked = []

    def __call__(self, environ, start_response):
        with self._lock:
            self.asked.append(environ["PATH_INFO"])
        return self._app(environ, start_response)


class Peer(httpx2.MockTransport):
    """Gives out tokens as told, one list for normal and one for forced requests, and refuses some of them."""

    def __init__(self, normal=("A",), forced=(), refused=None, expires_in=7200):
        super().__init__(self._answer)
        self._normal, self._forced, self._refused = list(normal), list(forced), refused or {}
        self._expires_in = expires_in
        self.asked = []

    def _answer(self, request):
        if request.url.path == TOKEN:
            is_forced = b'"force_refresh": true' in request.content
            self.asked.append("force" if is_forced else "token")
            tokens = self._forced if is_forced else self._normal
            token = tokens.pop(0) if len(tokens) > 1 else tokens[0]
            if isinstance(token, Exception):
                raise token
            if isinstance(token, dict):
                return httpx2.Response(200, json=token)
            return httpx2.Response(200, json={"access_token": token, "expires_in": self._expires_in})
        token = request.url.params["access_token"]
        self.asked.append(token)
        return httpx2.Response(200, json={"errcode": self._refused[token]} if token in self._refused else NUMBER)


def numbers(wechat, times):
    """Ask for that many phone numbers at once."""
    ready = threading.Barrier(times)

    def ask(number):
        ready.wait()
        try:
            return wechat.phone_number_of(f"stub:phone:1381234{number:04}:1")
        except WeChatUnavailable:
            return "unavailable"

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(ask, range(times)))


def ask(wechat):
    return wechat.phone_number_of("stub:phone:13812345678:1")


# --- one for all ---


def test_twenty_threads_fetch_one_token(reach, stub):
    counting = Counting(stub)

    answers = numbers(reach(counting), 20)

    assert sorted(answers) == [f"1381234{number:04}" for number in range(20)]
    assert counting.asked.count(TOKEN) == 1
    assert counting.asked.count(PHONE) == 20


def test_twenty_threads_whose_token_was_ended_fetch_one_more(reach, stub):
    counting = Counting(stub)
    wechat = reach(counting)
    ask(wechat)
    end_token_of(stub)
    counting.asked.clear()

    answers = numbers(wechat, 20)

    assert "unavailable" not in answers
    assert counting.asked.count(TOKEN) == 1


def test_who_waited_for_a_token_that_did_not_come_does_not_ask_again(connect):
    peer = Peer(normal=[{"errcode": 40164}])
    slow = threading.Event()
    answer = peer._answer

    def wait(request):
        slow.wait(0.3)  # so that all of them are there before it fails
        return answer(request)

    peer.handler = wait

    assert numbers(connect(transport=peer), 8) == ["unavailable"] * 8
    assert peer.asked == ["token"]


def test_a_token_that_did_not_come_is_asked_for_by_the_next_one(connect):
    wechat = connect(transport=Peer(normal=[{"errcode": 45011}, "A"]))
    with pytest.raises(WeChatUnavailable):
        ask(wechat)

    assert ask(wechat) == "13812345678"


# --- in time ---


@pytest.fixture
def clock(monkeypatch):
    """The clock tokens are timed by."""
    clock = SimpleNamespace(at=1000.0)
    monkeypatch.setattr(access_tokens, "time", SimpleNamespace(monotonic=lambda: clock.at))
    return clock


def test_a_token_is_renewed_four_minutes_before_its_end(connect, clock):
    peer = Peer(normal=["A", "B"])
    wechat = connect(transport=peer)
    ask(wechat)
    clock.at += 7200 - EARLY - 1
    ask(wechat)
    clock.at += 1
    ask(wechat)

    assert peer.asked == ["token", "A", "A", "token", "B"]


def test_a_token_that_is_about_to_end_is_not_asked_for_with_every_call(connect, clock):
    peer = Peer(expires_in=60)
    wechat = connect(transport=peer)
    ask(wechat)
    ask(wechat)

    assert peer.asked == ["token", "A", "A"]


@pytest.mark.parametrize(
    "token",
    [
        {},
        {"access_token": "A"},
        {"access_token": "A", "expires_in": "7200"},
        {"access_token": "A", "expires_in": 0},
        {"access_token": "A", "expires_in": -1},
        {"access_token": "A", "expires_in": True},
        {"access_token": "A", "expires_in": 10**12},
        {"access_token": "", "expires_in": 7200},
        {"access_token": 7, "expires_in": 7200},
        {"access_token": None, "expires_in": 7200},
    ],
)
def test_a_token_that_is_none_means_wechat_is_unavailable(connect, token):
    peer = Peer(normal=[token])

    with pytest.raises(WeChatUnavailable):
        ask(connect(transport=peer))
    assert peer.asked == ["token"]


def test_a_token_that_was_asked_for_and_not_answered_is_asked_for_again(connect):
    peer = Peer(normal=[httpx2.ReadTimeout("late"), "A"])

    assert ask(connect(transport=peer)) == "13812345678"
    assert peer.asked == ["token", "token", "A"]


# --- refused ---


def end_token_of(stub):
    """Another program with the same secret forces a new token."""
    body = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET, "force_refresh": True}
    with httpx2.Client(base_url="http://wechat", transport=httpx2.WSGITransport(app=stub)) as other:
        assert "access_token" in other.post(TOKEN, json=body).json()


def test_a_token_somebody_else_ended_is_replaced(to_stub, stub):
    wechat = to_stub()
    ask(wechat)
    end_token_of(stub)

    assert wechat.phone_number_of("stub:phone:13812345678:2") == "13812345678"


def test_a_token_that_ended_is_replaced(to_stub):
    wechat = to_stub()
    with time_machine.travel(datetime(2026, 11, 23, 10, tzinfo=UTC), tick=False):
        ask(wechat)
    with time_machine.travel(datetime(2026, 11, 23, 10, tzinfo=UTC) + timedelta(hours=2), tick=False):
        assert wechat.phone_number_of("stub:phone:13812345678:2") == "13812345678"


@pytest.mark.parametrize("errcode", [40001, 42001, 40014])
def test_a_refused_token_is_replaced_once_and_the_call_repeated_once(connect, errcode):
    peer = Peer(normal=["A", "B"], refused={"A": errcode})

    assert ask(connect(transport=peer)) == "13812345678"
    assert peer.asked == ["token", "A", "token", "B"]


@pytest.mark.parametrize("errcode", [40001, 42001, 40014])
def test_when_the_next_one_is_refused_too_we_give_up(connect, caplog, errcode):
    peer = Peer(normal=["A", "B"], refused={"A": errcode, "B": errcode})

    with pytest.raises(WeChatUnavailable):
        ask(connect(transport=peer))

    assert peer.asked == ["token", "A", "token", "B"]
    assert str(errcode) in caplog.records[-1].getMessage()


def test_wechat_is_forced_only_when_it_offers_the_refused_token_again(connect):
    peer = Peer(normal=["A"], forced=["C"], refused={"A": 40001})

    assert ask(connect(transport=peer)) == "13812345678"
    assert peer.asked == ["token", "A", "token", "force", "C"]


def test_wechat_is_not_forced_more_than_once_an_hour(connect, clock):
    peer = Peer(normal=["A"], forced=["A", "C"], refused={"A": 40001})
    wechat = connect(transport=peer)
    for _ in range(3):
        with pytest.raises(WeChatUnavailable):
            ask(wechat)
    assert peer.asked.count("force") == 1

    clock.at += FORCE_EVERY
    assert ask(wechat) == "13812345678"
    assert peer.asked.count("force") == 2


def test_a_forced_request_is_never_repeated(connect):
    peer = Peer(normal=["A"], forced=[httpx2.ReadTimeout("late"), "C"], refused={"A": 40001})

    with pytest.raises(WeChatUnavailable):
        ask(connect(transport=peer))
    assert peer.asked == ["token", "A", "token", "force"]


def test_twenty_threads_with_a_refused_token_force_once(connect):
    peer = Peer(normal=["A"], forced=["C"], refused={"A": 40001})
    wechat = connect(transport=peer)

    assert numbers(wechat, 20) == ["13812345678"] * 20
    assert peer.asked.count("force") == 1


# --- the stub's tokens are WeChat's ---


def test_everybody_gets_the_same_token_while_it_lives_and_both_are_good_at_the_change():
    stub = StubWeChat(appid=APPID, secret=SECRET)
    began = datetime(2026, 11, 23, 10, tzinfo=UTC)
    body = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}
    with httpx2.Client(base_url="http://wechat", transport=httpx2.WSGITransport(app=stub)) as http:

        def token(after, **more):
            with time_machine.travel(began + timedelta(seconds=after), tick=False):
                return http.post(TOKEN, json=body | more).json()

        def errcode(token, after):
            with time_machine.travel(began + timedelta(seconds=after), tick=False):
                return http.post(PHONE, params={"access_token": token}, json={"code": "x"}).json()["errcode"]

        first = token(0)
        assert first["expires_in"] == 7200
        assert token(6900) == {"access_token": first["access_token"], "expires_in": 300}
        second = token(6901)
        assert second["access_token"] != first["access_token"]
        assert (errcode(first["access_token"], 7199), errcode(second["access_token"], 7199)) == (40029, 40029)
        assert errcode(first["access_token"], 7200) == 42001

        third = token(7300, force_refresh=True)
        assert third["access_token"] != second["access_token"]
        assert errcode(second["access_token"], 7300) == 40001
        assert token(7329, force_refresh=True)["access_token"] == third["access_token"]
        for times in range(1, 20):
            token(7300 + 30 * times, force_refresh=True)
        assert token(9000, force_refresh=True)["errcode"] == 45009
