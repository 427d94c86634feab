"""Asking WeChat one thing: time limits, the few troubles worth another try, and what came back.

WeChat answers HTTP 200 whatever happened, calls its JSON text/plain and says the rest in `errcode`. What it is told
and what it answers (secrets, tokens, openids, phone numbers) stays out of logs and errors: they name the path only.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import httpx2

from backend.foundation.errors import AppError
from backend.wechat.errors import WeChatUnavailable

log = logging.getLogger(__name__)

TIMEOUT = httpx2.Timeout(3.0, connect=2.0)  # seconds, each time something is waited for
PAUSES = (0.1, 0.3)  # seconds before the second and the third attempt
LAST_START = 4.0  # seconds after the first attempt; no other one begins later
WHOLE_ANSWER = 5.0  # seconds for a body, however steadily it drips
ANSWER_MAX = 4 * 1024 * 1024  # bytes; a mini code 1,280 pixels wide has a tenth of it

SYSTEM_BUSY = -1
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")  # how a PNG and a JPEG begin


@dataclass(frozen=True)
class Answer:
    """What WeChat answered: an errcode, 0 for success, with an object or a picture."""

    path: str
    errcode: int
    said: dict[str, Any] = field(default_factory=dict, repr=False)
    picture: bytes = field(default=b"", repr=False)

    def or_refuse(self, refusals: Mapping[int, type[AppError]] | None = None) -> "Answer":
        """This answer, if it is a success; else the refusal of its errcode, or WeChatUnavailable.

        Whatever has no refusal of its own (40013 appid, 40164 address, 45009 daily quota) is for us to repair.
        """
        if self.errcode == 0:
            return self
        if refusals and self.errcode in refusals:
            raise refusals[self.errcode]()
        log.error("WeChat %s: errcode %d; look at what we sent, our credentials and the quota", self.path, self.errcode)
        raise WeChatUnavailable()

    def nonsense(self) -> WeChatUnavailable:
        """What to raise when a success lacks what it is for."""
        log.error("WeChat %s: a success without what was asked for", self.path)
        return WeChatUnavailable()


class _Trouble(Enum):
    NOT_REACHED = auto()  # nothing was sent, so nothing happened
    NOT_ANSWERED = auto()  # it was sent; nobody knows what became of it


class Line:
    """The way to WeChat; safe to share between threads."""

    def __init__(
        self, http: httpx2.Client, *, timeout: httpx2.Timeout = TIMEOUT, pauses: tuple[float, ...] = PAUSES
    ) -> None:
        self._http = http
        self._timeout = timeout
        self._pauses = pauses
        # httpx2 logs the address of every request at INFO, and WeChat wants secrets and tokens in the address.
        logging.getLogger("httpx2").addFilter(_without_query)

    def ask(
        self,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        is_harmless: bool,
    ) -> Answer:
        """What WeChat answers, asked at most three times: GET without a body, else POST. Raises WeChatUnavailable.

        It is asked again where WeChat has done nothing yet (not reached, or too busy to start). What was sent and not
        answered is only repeated when it `is_harmless` to do it twice.
        """
        began = time.monotonic()
        for pause in (0, *self._pauses):
            time.sleep(pause)
            if time.monotonic() - began > LAST_START:
                break
            answer = self._ask_once(path, query, body)
            if answer is _Trouble.NOT_ANSWERED and not is_harmless:
                raise WeChatUnavailable()
            if isinstance(answer, Answer) and answer.errcode != SYSTEM_BUSY:
                return answer
        log.warning("WeChat %s: gave up", path)
        raise WeChatUnavailable()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _ask_once(self, path: str, query: dict[str, str] | None, body: dict[str, Any] | None) -> Answer | _Trouble:
        method, content = ("GET", None) if body is None else ("POST", _written(body))
        headers = {} if body is None else {"Content-Type": "application/json; charset=utf-8"}
        try:
            with self._http.stream(
                method, path, params=query, content=content, headers=headers, timeout=self._timeout
            ) as response:
                if response.status_code != httpx2.codes.OK:
                    log.warning("WeChat %s: HTTP %d", path, response.status_code)
                    return _Trouble.NOT_ANSWERED
                return _read(path, _whole(response))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            log.warning("WeChat %s: %s", path, type(error).__name__)
            return _Trouble.NOT_REACHED
        except httpx2.HTTPError as error:
            log.warning("WeChat %s: %s", path, type(error).__name__)
            return _Trouble.NOT_ANSWERED


def _written(body: dict[str, Any]) -> bytes:
    """Chinese as it is: the safety checks do not recognise words that arrive as \\u escapes."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def _whole(response: httpx2.Response) -> bytes:
    """The body. The read timeout begins anew with every piece, so the whole has limits of its own."""
    began = time.monotonic()
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > ANSWER_MAX or time.monotonic() - began > WHOLE_ANSWER:
            raise httpx2.ReadError("too long an answer")
    return bytes(body)


def _read(path: str, body: bytes) -> Answer | _Trouble:
    """A picture, or a JSON object whose errcode is a number. The Content-Type is not asked: WeChat says text/plain."""
    if body.startswith(PICTURES):
        return Answer(path, 0, picture=body)
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    errcode = said.get("errcode", 0) if isinstance(said, dict) else None
    if type(errcode) is not int:  # True is no number here
        # The body is not quoted: half an answer may still hold a session key.
        log.warning("WeChat %s: not an answer of WeChat's", path)
        return _Trouble.NOT_ANSWERED
    return Answer(path, errcode, said=said)


def _without_query(record: logging.LogRecord) -> bool:
    """Let the record pass, its addresses without what stands behind the question mark."""
    if isinstance(record.args, tuple):
        record.args = tuple(arg.copy_with(query=None) if isinstance(arg, httpx2.URL) else arg for arg in record.args)
    return True
