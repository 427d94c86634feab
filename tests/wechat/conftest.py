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
def to_stub(request, connect) -> Iterator[Callable[..., WeChat]]:
    """Make clients of one stub; the same contract must hold either way."""
    stub = StubWeChat(appid=APPID, secret=SECRET)
    if request.param == "within the process":
        yield lambda **how: connect(transport=httpx2.WSGITransport(app=stub), **how)
    else:
        with served(stub) as base_url:
            yield lambda **how: connect(base_url=base_url, **how)


@pytest.fixture
def wechat(to_stub) -> WeChat:
    return to_stub()
