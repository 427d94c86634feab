"""stable_token: the same token to everybody while it lives, a new one in its last five minutes or by force."""

import secrets
import threading

from backend.foundation.clock import now
from backend.wechat.stub.answering import Body, Failure, text_of

LIVES_SECONDS = 7200
NEXT_ONE_AT = 300  # seconds before the end; both are good until then
FORCED_A_DAY = 20
FORCED_EVERY = 30  # seconds
ENDED_KEPT = 100  # tokens, so that an old one is told from an invented one

MISSING = {"appid": (41002, "appid missing"), "secret": (41004, "appsecret missing")}


class Tokens:
    """The access tokens of one mini-program."""

    def __init__(self, *, appid: str, secret: str, live_seconds: int) -> None:
        self._appid = appid
        self._secret = secret
        self._live_seconds = live_seconds
        self._ends: dict[str, float] = {}  # token → unix seconds; the last one is the latest
        self._forced: list[float] = []  # unix seconds
        self._lock = threading.Lock()

    def answer(self, body: Body) -> Body:
        """POST /cgi-bin/stable_token"""
        for name, missing in MISSING.items():
            if not text_of(body, name):
                raise Failure(*missing)
        if body.get("grant_type") != "client_credential":
            raise Failure(40002, "invalid grant_type")
        if body["appid"] != self._appid:
            raise Failure(40013, "invalid appid")
        if body["secret"] != self._secret:
            raise Failure(40125, "invalid appsecret")
        with self._lock:
            at = now().timestamp()
            if body.get("force_refresh") is True:
                self._end_by_force(at)
            token = next(reversed(self._ends), "")
            if self._ends.get(token, 0) - at < NEXT_ONE_AT:
                token = self._issue(at)
            return {"access_token": token, "expires_in": int(self._ends[token] - at)}

    def check(self, token: str) -> None:
        """Let a token pass that is good now."""
        if not token:
            raise Failure(41001, "access_token missing")
        with self._lock:
            ends = self._ends.get(token)
        if ends is None:
            raise Failure(40001, "invalid credential, access_token is invalid or not latest")
        if ends <= now().timestamp():
            raise Failure(42001, "access_token expired")

    def _issue(self, at: float) -> str:
        token = f"{len(self._ends) % 90 + 10}_{secrets.token_urlsafe(96)}"
        self._ends[token] = at + self._live_seconds
        if len(self._ends) > ENDED_KEPT:
            del self._ends[next(iter(self._ends))]
        return token

    def _end_by_force(self, at: float) -> None:
        self._forced = [then for then in self._forced if then > at - 86400]
        if len(self._forced) >= FORCED_A_DAY:
            raise Failure(45009, "reach max api daily quota limit")
        if self._forced and at - self._forced[-1] < FORCED_EVERY:
            return  # nothing is refreshed, and nothing is said of it
        self._forced.append(at)
        self._ends = {token: ends for token, ends in self._ends.items() if ends <= at}
