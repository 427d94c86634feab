"""A pretended WeChat that does what a rule needs, and remembers what it was asked."""

import itertools
from typing import Any

from backend.foundation.db import session
from backend.wechat.errors import WeChatUnavailable
from backend.wechat.subscriptions import Delivery
from backend.wechat.text_safety import TextVerdict


class PretendWeChat:
    """Finds 违禁 risky and 疑似 doubtful; `is_away` and `knows` say how it is with it."""

    def __init__(self) -> None:
        self.is_away = False
        self.knows = True  # the openid, as one that was active within two hours
        self.will_deliver = Delivery.SENT
        self.texts: list[str] = []
        self.pictures: list[tuple[str, str]] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.traces = (f"trace-{number}" for number in itertools.count(1))
        self.at_each_call = lambda: None

    def judge_text(self, text: str, *, openid: str, scene: Any) -> TextVerdict:
        self._is_asked()
        self.texts.append(text)
        if not self.knows:
            return TextVerdict.UNKNOWN_OPENID
        return TextVerdict.RISKY if "违禁" in text else TextVerdict.REVIEW if "疑似" in text else TextVerdict.PASS

    def judge_image(self, url: str, *, openid: str, scene: Any) -> str | None:
        self._is_asked()
        self.pictures.append((url, openid))
        return f"{next(self.traces)}-{openid}-{id(self)}" if self.knows else None

    def send_subscription(self, openid: str, **said: Any) -> Delivery:
        self._is_asked()
        self.sent.append((openid, said))
        return self.will_deliver

    def mini_code(self, scene: str, *, page: str, width: int = 430) -> bytes:
        self._is_asked()
        return b"\x89PNG\r\n\x1a\n" + f"{scene} {page}".encode()

    def _is_asked(self) -> None:
        assert not session().info.get("in_a_deed"), "WeChat is asked outside of any transaction"
        assert not session().in_transaction(), "and nothing is held on to meanwhile"
        self.at_each_call()
        if self.is_away:
            raise WeChatUnavailable()
