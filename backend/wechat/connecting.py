"""How this program and WeChat reach each other: the two ways there are. The top floor decides, once, at the start."""

import secrets
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx2

from backend.wechat.client import WeChat
from backend.wechat.pushes import PUSH_PATH, Seal
from backend.wechat.stub.application import StubWeChat
from backend.wechat.stub.pushing import Pusher

Application = Callable[..., Iterable[bytes]]  # WSGI

AES_KEY_LENGTH = 43


@dataclass(frozen=True)
class Connection:
    """Whom we ask, and what the pushes that come are sealed with; without a seal none are received."""

    wechat: WeChat
    seal: Seal | None
    stub: StubWeChat | None = None


def real_wechat(
    *, appid: str, secret: str, api_url: str, push_token: str | None = None, push_aes_key: str | None = None
) -> Connection:
    """WeChat itself, or a stub that runs as a process of its own."""
    seal = None
    if push_token and push_aes_key:
        seal = Seal(token=push_token, aes_key=push_aes_key, appid=appid)
    return Connection(WeChat(httpx2.Client(base_url=api_url), appid=appid, secret=secret), seal)


def stub_wechat(app: Application, *, push_token: str | None = None, push_aes_key: str | None = None) -> Connection:
    """A stub within this process, where `stub:<openid>:<nonce>` logs anybody in; refused in production.

    Its verdicts come to `app` by a thread of the stub's own that calls it as a server would. So nobody has to know
    on which port we listen (the tests listen on none), and no thread of the server waits for another one.
    """
    appid, secret = "wx" + secrets.token_hex(8), secrets.token_hex(16)
    seal = Seal(token=push_token or secrets.token_hex(16), aes_key=push_aes_key or _an_aes_key(), appid=appid)
    pusher = Pusher(_within(app), f"http://ourselves{PUSH_PATH}", seal)
    stub = StubWeChat(appid=appid, secret=secret, pusher=pusher)
    return Connection(WeChat(_within(stub), appid=appid, secret=secret), seal, stub)


def _within(app: Any) -> httpx2.Client:
    return httpx2.Client(base_url="http://stub-wechat", transport=httpx2.WSGITransport(app=app))


def _an_aes_key() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(AES_KEY_LENGTH))
