"""The two clients there are. Which one serves is decided on the top floor, once, at the start."""

import secrets

import httpx2

from backend.wechat.client import WeChat
from backend.wechat.stub.application import StubWeChat


def real_wechat(*, appid: str, secret: str) -> WeChat:
    """A client of WeChat itself."""
    return WeChat(httpx2.Client(base_url="https://api.weixin.qq.com"), appid=appid, secret=secret)


def stub_wechat() -> WeChat:
    """A client of a stub within this process, where `stub:<openid>:<nonce>` logs anybody in; refused in production."""
    appid, secret = "wx" + secrets.token_hex(8), secrets.token_hex(16)
    transport = httpx2.WSGITransport(app=StubWeChat(appid=appid, secret=secret))
    return WeChat(httpx2.Client(base_url="http://stub-wechat", transport=transport), appid=appid, secret=secret)
