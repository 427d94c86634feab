"""The two clients there are. Which one serves is decided on the top floor, once, at the start."""

import re
import secrets

import httpx2

from backend.wechat.client import WeChat
from backend.wechat.errors import PhoneCodeRefused
from backend.wechat.stub import StubWeChat


# FOR THE JOIN: stands for the stub's endpoint of the phone button, which another branch brings; theirs wins.
class _WithStubPhones(WeChat):
    _used: set[str] | None = None

    def phone_number_of(self, code: str) -> str:
        self._used = self._used if self._used is not None else set()
        shape = re.fullmatch("stub:phone:([0-9+]{4,16}):.+", code)
        if shape is None or code in self._used:
            raise PhoneCodeRefused()
        self._used.add(code)
        return shape[1]


def real_wechat(*, appid: str, secret: str) -> WeChat:
    """A client of WeChat itself."""
    return WeChat(httpx2.Client(base_url="https://api.weixin.qq.com"), appid=appid, secret=secret)


def stub_wechat() -> WeChat:
    """A client of a stub within this process, where `stub:<openid>:<nonce>` logs anybody in; refused in production."""
    appid, secret = "wx" + secrets.token_hex(8), secrets.token_hex(16)
    transport = httpx2.WSGITransport(app=StubWeChat(appid=appid, secret=secret))
    return _WithStubPhones(
        httpx2.Client(base_url="http://stub-wechat", transport=transport), appid=appid, secret=secret
    )
