"""The access token of the mini-program: one per process, renewed before it ends and when WeChat refuses it.

`stable_token` answers every process the same token while it lives, up to two hours. In its last five minutes it hands
out the next one, and both are good until the old one ends. A forced refresh ends the old one for everybody, is allowed
20 times a day and does nothing within 30 seconds of another, so it is the last resort.
https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-access-token/api_getstableaccesstoken.html
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from backend.wechat.asking import Answer, Line
from backend.wechat.errors import WeChatUnavailable

log = logging.getLogger(__name__)

STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105  # an address
EARLY = 240  # seconds before its end that a token is renewed; at 300 WeChat has the next one ready
FORCE_EVERY = 3600  # seconds; of 20 a day, with several processes, none should be left without

# Invalid or not the latest, expired, not a token at all.
TOKEN_REFUSED = (40001, 42001, 40014)


class AccessTokens:
    """Asks WeChat as the mini-program; safe to share between threads, of which one at a time fetches a token."""

    def __init__(self, line: Line, *, appid: str, secret: str) -> None:
        self._line = line
        self._appid = appid
        self._secret = secret
        self._token = ""
        self._good_until = 0.0  # of time.monotonic()
        self._flight = threading.Lock()
        self._landed = 0
        self._last_failed = False
        self._forced_at: float | None = None

    def ask(self, path: str, body: dict[str, Any], *, is_harmless: bool) -> Answer:
        """What WeChat answers the mini-program (see `Line.ask`); a refused token is replaced and used, once."""
        token = self._current()
        answer = self._line.ask(path, query={"access_token": token}, body=body, is_harmless=is_harmless)
        if answer.errcode in TOKEN_REFUSED:
            log.warning("WeChat %s: access token refused with %d", path, answer.errcode)
            token = self._instead_of(token)
            answer = self._line.ask(path, query={"access_token": token}, body=body, is_harmless=is_harmless)
        if answer.errcode in TOKEN_REFUSED:
            log.error("WeChat %s: another access token refused with %d", path, answer.errcode)
            raise WeChatUnavailable()
        return answer

    def _current(self) -> str:
        """The token in force, fetched if there is none."""
        return self._known() or self._fetched_unless_known()

    def _instead_of(self, refused: str) -> str:
        """A token that is another than the refused one; WeChat is forced only if it offers the refused one again."""
        return self._fetched_unless_known(refused) or self._forced(refused)

    def _known(self, refused: str = "") -> str:
        return self._token if self._token != refused and time.monotonic() < self._good_until else ""

    def _fetched_unless_known(self, refused: str = "") -> str:
        """Ask for the token, or take what another thread has fetched; empty when only the refused one came."""
        with self._alone():
            if not self._known(refused):
                self._fetch(force=False)
            return self._known(refused)

    def _forced(self, refused: str) -> str:
        with self._alone():
            if self._known(refused):
                return self._known(refused)
            if self._forced_at is not None and time.monotonic() - self._forced_at < FORCE_EVERY:
                log.error("WeChat %s: refuses the token it gives out, and was forced lately", STABLE_TOKEN)
                raise WeChatUnavailable()
            self._forced_at = time.monotonic()
            self._fetch(force=True)
            return self._token

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thread at a time. Who waited for an attempt that failed fails with it, instead of trying in turn."""
        landed = self._landed
        with self._flight:
            if self._landed != landed and self._last_failed:
                raise WeChatUnavailable()
            self._last_failed = True
            try:
                yield
                self._last_failed = False
            finally:
                self._landed += 1

    def _fetch(self, *, force: bool) -> None:
        """A normal request is repeated when it is not answered, a forced one never: it would count twice."""
        body = {
            "grant_type": "client_credential",
            "appid": self._appid,
            "secret": self._secret,
            "force_refresh": force,
        }
        answer = self._line.ask(STABLE_TOKEN, body=body, is_harmless=not force).or_refuse()
        token, expires_in = answer.said.get("access_token"), answer.said.get("expires_in")
        if not isinstance(token, str) or not token or type(expires_in) is not int or not 0 < expires_in <= 86400:
            raise answer.nonsense()
        self._token, self._good_until = token, time.monotonic() + max(expires_in - EARLY, 1)
