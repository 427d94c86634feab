"""Subscribe messages: templates with typed fields, and a credit for each time somebody agreed to one."""

import re
import threading
from collections import Counter
from collections.abc import Mapping

from backend.wechat.stub.answering import Body, Failure, ok, text_of
from backend.wechat.stub.logins import OPENID

# https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_sendmessage.html
# says what a field of each type may hold.
DAY = r"(?:\d{4}[年./-])?\d{1,2}(?:月|[./-])\d{1,2}日?"
CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
INSTANT = rf"(?:{DAY} ?{CLOCK}|{DAY}|{CLOCK})"
TYPES = {
    "thing": re.compile(r"[^\x00-\x1f]{1,20}"),
    "number": re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?<!.{33})"),
    "phrase": re.compile(r"[一-鿿]{1,5}"),
    "name": re.compile(r"[一-鿿*·]{1,10}|[^\x00-\x1f一-鿿0-9]{1,20}"),
    "character_string": re.compile(r"[!-~]{1,32}"),
    "date": re.compile(rf"{INSTANT}(?:~{INSTANT})?"),
    "time": re.compile(rf"{INSTANT}(?:~{INSTANT})?"),
}

TEMPLATES = {
    "stub-points": ("thing1", "number2", "time3"),  # points have arrived: why, how many, when
    "stub-expiry": ("number1", "date2", "thing3"),  # points will expire: how many, on which day, what to do
    "stub-activity": ("thing1", "time2", "thing3"),  # an activity: which, when, where
    "stub-redemption": ("thing1", "phrase2", "time3"),  # a redemption: what, its state, when
    "stub-decision": ("thing1", "phrase2", "thing3"),  # an application: what, decided how, why
}
CREDITS_MAX = 100_000  # kept; a stub that runs for months is not the place to be generous
STATES = ("developer", "trial", "formal")
PAGE = re.compile(r"[0-9A-Za-z_-]+(?:/[0-9A-Za-z_-]+)*(?:\?[!-~]*)?")


class Subscriptions:
    """The templates of one mini-program, and who agreed to them."""

    def __init__(self, templates: Mapping[str, tuple[str, ...]]) -> None:
        self._templates = templates
        self._credits: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def agree(self, openid: str, template_id: str) -> None:
        """What the phone does when somebody taps 允许: one more message of this template may be sent."""
        if not OPENID.fullmatch(openid):
            raise Failure(40003, "invalid openid")
        if template_id not in self._templates:
            raise Failure(40037, "invalid template_id")
        with self._lock:
            self._credits[openid, template_id] += 1
            if len(self._credits) > CREDITS_MAX:
                del self._credits[next(iter(self._credits))]

    def answer(self, body: Body) -> Body:
        """POST /cgi-bin/message/subscribe/send"""
        openid, template_id = text_of(body, "touser"), text_of(body, "template_id")
        if not OPENID.fullmatch(openid):
            raise Failure(40003, "invalid openid")
        if template_id not in self._templates:
            raise Failure(40037, "invalid template_id")
        if body.get("page") is not None and not PAGE.fullmatch(text_of(body, "page")):
            raise Failure(41030, "invalid page")
        if body.get("miniprogram_state", "formal") not in STATES:
            raise Failure(47003, "argument invalid! miniprogram_state invalid")
        _check_data(body.get("data"), self._templates[template_id])
        with self._lock:
            if self._credits[openid, template_id] < 1:
                raise Failure(43101, "user refuse to accept the msg")
            self._credits[openid, template_id] -= 1
        return ok()


def _check_data(data: object, fields: tuple[str, ...]) -> None:
    if not isinstance(data, dict) or set(data) != set(fields):
        raise Failure(47003, "argument invalid! data invalid")
    for name, said in data.items():
        value = said.get("value") if isinstance(said, dict) else None
        if not isinstance(value, str) or not TYPES[name.rstrip("0123456789")].fullmatch(value):
            raise Failure(47003, f"argument invalid! data.{name}.value invalid")
