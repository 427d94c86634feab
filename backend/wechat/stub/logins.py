"""Login codes, `stub:<openid>:<nonce>`, and who has used the mini-program within two hours."""

import base64
import re
import secrets

from backend.foundation.clock import now
from backend.wechat.stub.answering import Body, Failure
from backend.wechat.stub.memory import Noted, Seen

OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
CODE = re.compile(rf"stub:(?P<openid>{OPENID.pattern}):(?P<nonce>.+)", re.DOTALL)
ISSUED_AT = re.compile(r"at(?P<unix_seconds>[0-9]{1,12})")
CODE_LIVES_SECONDS = 300
VISIT_LASTS_SECONDS = 7200

MISSING = {
    "appid": (41002, "appid missing"),
    "secret": (41004, "appsecret missing"),
    "js_code": (41008, "missing code"),
}
MOODS = {
    "blocked": (40226, "code blocked"),
    "flood": (45011, "api minute-quota reach limit, must slower, retry next minute"),
}


class Logins:
    """The people of one mini-program."""

    def __init__(self, *, appid: str, secret: str) -> None:
        self._appid = appid
        self._secret = secret
        self._exchanged = Seen()
        self._put_off = Seen()
        self._visits: Noted[float] = Noted()

    def answer(self, query: dict[str, str]) -> Body:
        """GET /sns/jscode2session"""
        for name, missing in MISSING.items():
            if not query.get(name):
                raise Failure(*missing)
        if query.get("grant_type") != "authorization_code":
            raise Failure(40002, "invalid grant_type")
        if query["appid"] != self._appid:
            raise Failure(40013, "invalid appid")
        if query["secret"] != self._secret:
            raise Failure(40125, "invalid appsecret")
        return self._exchange(query["js_code"])

    def visit(self, openid: str) -> None:
        """They use the mini-program now."""
        self._visits.note(openid, now().timestamp())

    def check(self, openid: str) -> None:
        """Let a person pass who has used the mini-program within two hours."""
        if not OPENID.fullmatch(openid):
            raise Failure(40003, "invalid openid")
        visited = self._visits.of(openid)
        if visited is None or now().timestamp() - visited >= VISIT_LASTS_SECONDS:
            raise Failure(61010, "code is expired")

    def _exchange(self, js_code: str) -> Body:
        code = CODE.fullmatch(js_code)
        if code is None or has_expired(code["nonce"]):
            raise Failure(40029, "invalid code")
        if code["openid"] in MOODS:
            raise Failure(*MOODS[code["openid"]])
        if code["openid"] == "busy" and self._put_off.is_first(js_code):
            raise Failure(-1, "system error")
        if not self._exchanged.is_first(js_code):
            raise Failure(40163, "code been used")
        self.visit(code["openid"])
        # No unionid: WeChat sends one only to mini-programs bound to an Open Platform account.
        return {"session_key": base64.b64encode(secrets.token_bytes(16)).decode(), "openid": code["openid"]}


def has_expired(nonce: str) -> bool:
    """The nonce `at<unix seconds>` makes a code that was issued then; any other one is always fresh."""
    issued = ISSUED_AT.fullmatch(nonce)
    return issued is not None and now().timestamp() >= int(issued["unix_seconds"]) + CODE_LIVES_SECONDS
