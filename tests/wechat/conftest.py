"""WeChat as the tests meet it: the stub, within the process and behind a socket."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import httpx2
import pytest
from wechat_serving import APPID, SECRET, served

from backend.wechat.client import WeChat
from backend.wechat.stub.application import StubWeChat


@pytest.fixture
def connect() -> Iterator[Callable[..., WeChat]]:
    """Make a client of whatever listens there; closed after the test. Nothing waits between attempts."""
    with ExitStack() as clients:

        def make(*, base_url="http://wechat", transport=None, appid=APPID, secret=SECRET, timeout=None) -> WeChat:
            # Without the environment's proxies: the socket is on this machine.
            http = httpx2.Client(base_url=base_url, transport=transport, trust_env=False)
            patience = timeout or httpx2.Timeout(3.0)
            wechat = WeChat(http, appid=appid, secret=secret, timeout=patience, pauses=(0.0, 0.0))
            return clients.enter_context(closing(wechat))

        yield make


@pytest.fixture(params=["within the process", "over a socket"])
def reach(request, connect) -> Iterator[Callable[..., WeChat]]:
    """Make clients of a WSGI application; the same contract must hold either way."""
    if request.param == "within the process":
        yield lambda app, **how: connect(transport=httpx2.WSGITransport(app=app), **how)
        return
    with ExitStack() as servers:
        yield lambda app, **how: connect(base_url=servers.enter_context(served(app)), **how)


@pytest.fixture
def stub() -> StubWeChat:
    return StubWeChat(appid=APPID, secret=SECRET)


@pytest.fixture
def to_stub(reach, stub) -> Callable[..., WeChat]:
    """Make clients of one stub."""
    return lambda **how: reach(stub, **how)


@pytest.fixture
def wechat(to_stub) -> WeChat:
    return to_stub()
