"""WeChat as the rest of the program knows it: one object, `current_app.extensions["wechat"]`."""

import httpx2

from backend.wechat import image_safety, login_codes, mini_codes, phone_numbers, subscriptions, text_safety
from backend.wechat.access_tokens import AccessTokens
from backend.wechat.asking import PAUSES, TIMEOUT, Line
from backend.wechat.subscriptions import Delivery
from backend.wechat.text_safety import TextScene, TextVerdict


class WeChat:
    """The WeChat server API, as the mini-program with this appid may use it; safe to share between threads.

    Every call answers in seconds or raises WeChatUnavailable; the other refusals are named below. Ask it outside a
    transaction: a deed may run again, a code is good once.
    """

    def __init__(
        self,
        http: httpx2.Client,
        *,
        appid: str,
        secret: str,
        timeout: httpx2.Timeout = TIMEOUT,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        self._line = Line(http, timeout=timeout, pauses=pauses)
        self._appid = appid
        self._secret = secret
        self._ours = AccessTokens(self._line, appid=appid, secret=secret)

    def openid_of(self, code: str) -> str:
        """Exchange the code of `wx.login`, once. Raises LoginCodeRefused, LoginBlocked or TooManyLogins."""
        return login_codes.openid_of(self._line, code, appid=self._appid, secret=self._secret)

    def phone_number_of(self, code: str) -> str:
        """Exchange the code of the phone button, once: 13812345678, abroad +85261234567. Raises PhoneCodeRefused."""
        return phone_numbers.phone_number_of(self._ours, code)

    def mini_code(self, scene: str, *, page: str, width: int = 430) -> bytes:
        """A PNG or JPEG for a poster; `width` in pixels. Raises ValueError for what WeChat would not take."""
        return mini_codes.mini_code(self._ours, scene, page=page, width=width)

    def send_subscription(self, openid: str, *, template_id: str, page: str, data: dict[str, str]) -> Delivery:
        """Send a subscribe message; REFUSED when the person has no credit left for this template."""
        return subscriptions.send_subscription(self._ours, openid, template_id=template_id, page=page, data=data)

    def judge_text(self, text: str, *, openid: str, scene: TextScene) -> TextVerdict:
        """May the text be shown? UNKNOWN_OPENID when the writer has not used the mini-program within two hours."""
        return text_safety.judge_text(self._ours, text, openid=openid, scene=scene)

    def judge_image(self, url: str, *, openid: str, scene: TextScene) -> str | None:
        """Have a picture judged: the trace id of the verdict to come, or None when WeChat does not know the writer."""
        return image_safety.judge_image(self._ours, url, openid=openid, scene=scene)

    def close(self) -> None:
        """Give the connections back."""
        self._line.close()
