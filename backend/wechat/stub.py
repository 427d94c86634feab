"""A WSGI application that behaves as WeChat does, quirks included: always HTTP 200, JSON called text/plain, errcodes.

Its login codes are `stub:<openid>:<nonce>`. The openid is 1 to 64 letters, digits, `_` or `-`; the nonce is anything,
and `at<unix seconds>` makes a code that was issued then and expires five minutes later. Three openids stand for
moods of WeChat: `busy` gets -1 the first time and an answer the second, `blocked` gets 40226, `flood` 45011.
"""

import base64
import hashlib
import json
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from backend.foundation.clock import now

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CODE = re.compile(r"stub:(?P<openid>[A-Za-z0-9_-]{1,64}):(?P<nonce>.+)", re.DOTALL)
ISSUED_AT = re.compile(r"at(?P<unix_seconds>[0-9]{1,12})")
CODE_LIVES_SECONDS = 300
REMEMBERED_CODES = 100_000

MISSING = {
    "appid": (41002, "appid missing"),
    "secret": (41004, "appsecret missing"),
    "js_code": (41008, "missing code"),
}
MOODS = {
    "blocked": (40226, "code blocked"),
    "flood": (45011, "api minute-quota reach limit, must slower, retry next minute"),
}
INVALID_CODE = (40029, "invalid code")


class StubWeChat:
    """Stands in for api.weixin.qq.com, for one mini-program; safe to share between threads."""

    def __init__(self, *, appid: str, secret: str) -> None:
        self._appid = appid
        self._secret = secret
        self._exchanged = _Seen(at_most=REMEMBERED_CODES)
        self._put_off = _Seen(at_most=REMEMBERED_CODES)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = self._answer(Request(environ))
        return Response(json.dumps(answer), content_type="text/plain")(environ, start_response)

    def _answer(self, request: Request) -> dict[str, Any]:
        if request.path != "/sns/jscode2session":
            return _failure(40066, "invalid url")
        for name, missing in MISSING.items():
            if not request.args.get(name):
                return _failure(*missing)
        if request.args.get("grant_type") != "authorization_code":
            return _failure(40002, "invalid grant_type")
        if request.args["appid"] != self._appid:
            return _failure(40013, "invalid appid")
        if request.args["secret"] != self._secret:
            return _failure(40125, "invalid appsecret")
        return self._exchange(request.args["js_code"])

    def _exchange(self, js_code: str) -> dict[str, Any]:
        code = CODE.fullmatch(js_code)
        if code is None or _has_expired(code["nonce"]):
            return _failure(*INVALID_CODE)
        if code["openid"] in MOODS:
            return _failure(*MOODS[code["openid"]])
        if code["openid"] == "busy" and self._put_off.is_first(js_code):
            return _failure(-1, "system error")
        if not self._exchanged.is_first(js_code):
            return _failure(40163, "code been used")
        # No unionid: WeChat sends one only to mini-programs bound to an Open Platform account.
        return {"session_key": base64.b64encode(secrets.token_bytes(16)).decode(), "openid": code["openid"]}


class _Seen:
    """Remembers which codes came by, as digests so that a long code takes no more room; the oldest are forgotten."""

    def __init__(self, *, at_most: int) -> None:
        self._at_most = at_most
        self._digests: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def is_first(self, code: str) -> bool:
        """Whether this code was not seen before; from now on it was."""
        digest = hashlib.sha256(code.encode()).digest()
        with self._lock:
            if digest in self._digests:
                return False
            self._digests[digest] = None
            if len(self._digests) > self._at_most:
                self._digests.popitem(last=False)
            return True


def _has_expired(nonce: str) -> bool:
    issued = ISSUED_AT.fullmatch(nonce)
    return issued is not None and now().timestamp() >= int(issued["unix_seconds"]) + CODE_LIVES_SECONDS


def _failure(errcode: int, errmsg: str) -> dict[str, Any]:
    """WeChat ends every errmsg with the request's id, which its support asks for."""
    rid = "-".join(secrets.token_hex(4) for _ in range(3))
    return {"errcode": errcode, "errmsg": f"{errmsg}, rid: {rid}"}
