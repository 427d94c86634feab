"""Asking WeChat. A call answers, or refuses by name; the secret and the session key stay out of logs and errors."""

import logging
import time
from typing import Any

import httpx2

from backend.foundation.errors import AppError
from backend.wechat.errors import LoginBlocked, LoginCodeRefused, TooManyLogins, WeChatUnavailable

log = logging.getLogger(__name__)

TIMEOUT = httpx2.Timeout(3.0, connect=2.0)  # seconds
PAUSES = (0.1, 0.3)  # seconds before the second and the third attempt
CODE_MAX = 512  # characters; WeChat's own have 32, longer ones are not worth a call

SYSTEM_BUSY = -1
# https://developers.weixin.qq.com/miniprogram/dev/server/API/user-login/api_code2session lists 40029, 40226 and 45011;
# 40163 (code been used) is not on that page but comes, 42003 (code timed out) is among the general codes. Whatever
# else WeChat may say (40013 appid, 40125 secret, 45009 daily quota) is for us to repair, not for the person.
REFUSALS: dict[int, type[AppError]] = {
    40029: LoginCodeRefused,
    40163: LoginCodeRefused,
    42003: LoginCodeRefused,
    40226: LoginBlocked,
    45011: TooManyLogins,
}


class WeChat:
    """The WeChat server API, as the mini-program with this appid may use it; safe to share between threads."""

    def __init__(
        self,
        http: httpx2.Client,
        *,
        appid: str,
        secret: str,
        timeout: httpx2.Timeout = TIMEOUT,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        self._http = http
        self._appid = appid
        self._secret = secret
        self._timeout = timeout
        self._pauses = pauses
        # httpx2 logs the address of every request at INFO, and WeChat wants the secret in the address.
        logging.getLogger("httpx2").addFilter(_without_query)

    def openid_of(self, code: str) -> str:
        """Exchange the single-use code of `wx.login` for the person's openid.

        Refuses with LoginCodeRefused, LoginBlocked, TooManyLogins or WeChatUnavailable. The session key that comes
        along is dropped: we decrypt nothing with it, and what is not kept cannot leak.
        """
        if not 0 < len(code) <= CODE_MAX or not code.isprintable():
            raise LoginCodeRefused()
        answer = self._get(
            "/sns/jscode2session",
            {"appid": self._appid, "secret": self._secret, "js_code": code, "grant_type": "authorization_code"},
        )
        openid = answer.get("openid")
        if not isinstance(openid, str) or not openid:
            log.error("WeChat %s: success without an openid", "/sns/jscode2session")
            raise WeChatUnavailable()
        return openid

    # FOR THE JOIN: a place to stand for the real call (getuserphonenumber), which another branch brings; theirs wins.
    def phone_number_of(self, code: str) -> str:
        """Exchange the single-use code of the phone button for the number. Refuses with PhoneCodeRefused."""
        raise WeChatUnavailable()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _get(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        """The successful answer. Asks again only where WeChat has done nothing yet: not reached, or too busy to start.

        A request that was sent and not answered is never repeated, because it may have used up the code.
        """
        for pause in (0, *self._pauses):
            time.sleep(pause)
            answer = self._get_once(path, params)
            if answer is None or answer.get("errcode") == SYSTEM_BUSY:
                continue
            _refuse_failure(path, errcode=answer.get("errcode", 0))
            return answer
        log.warning("WeChat %s: gave up after %d attempts", path, 1 + len(self._pauses))
        raise WeChatUnavailable()

    def _get_once(self, path: str, params: dict[str, str]) -> dict[str, Any] | None:
        """What WeChat said, or None when it was not reached."""
        try:
            response = self._http.get(path, params=params, timeout=self._timeout)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            log.warning("WeChat %s: %s", path, type(error).__name__)
            return None
        except httpx2.HTTPError as error:
            log.warning("WeChat %s: %s", path, type(error).__name__)
            raise WeChatUnavailable() from error
        if response.status_code != httpx2.codes.OK:
            log.warning("WeChat %s: HTTP %d", path, response.status_code)
            raise WeChatUnavailable()
        return _read(path, response)


def _read(path: str, response: httpx2.Response) -> dict[str, Any]:
    """The JSON object in the body, its errcode a number. The Content-Type is not asked: WeChat says text/plain."""
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("errcode", 0), int):
        # The body is not quoted: half an answer may still hold a session key.
        log.warning("WeChat %s: not an answer of WeChat's", path)
        raise WeChatUnavailable()
    return answer


def _refuse_failure(path: str, *, errcode: int) -> None:
    if errcode == 0:
        return
    if errcode in REFUSALS:
        raise REFUSALS[errcode]()
    log.error("WeChat %s: errcode %d; look at the appid, the secret and the quota", path, errcode)
    raise WeChatUnavailable()


def _without_query(record: logging.LogRecord) -> bool:
    """Let the record pass, its addresses without what stands behind the question mark."""
    if isinstance(record.args, tuple):
        record.args = tuple(arg.copy_with(query=None) if isinstance(arg, httpx2.URL) else arg for arg in record.args)
    return True
