"""Asking WeChat about the texts of one request."""

from collections.abc import Callable

from backend.safety.errors import TextRefused
from backend.safety.models import INACTIVE, NO_OPENID, SUSPICIOUS, UNAVAILABLE
from backend.wechat.errors import WeChatUnavailable
from backend.wechat.text_safety import PIECE_MAX, TextVerdict

Judge = Callable[[str], TextVerdict]

WHY = {TextVerdict.REVIEW: SUSPICIOUS, TextVerdict.UNKNOWN_OPENID: INACTIVE}


def doubts_about(texts: dict[str, str], judge: Judge | None) -> dict[str, str]:
    """Of texts by field, those a worker has to look at, each with the reason. Raises `TextRefused` for risky ones.

    Without a `judge` there is nobody to ask. Short texts are asked about together, and one by one when there is a
    doubt, so that the right one is named.
    """
    if judge is None:
        return dict.fromkeys(texts, NO_OPENID)
    try:
        return _asked(texts, judge)
    except WeChatUnavailable:
        return dict.fromkeys(texts, UNAVAILABLE)


def _asked(texts: dict[str, str], judge: Judge) -> dict[str, str]:
    if len(texts) > 1 and sum(len(text) + 1 for text in texts.values()) <= PIECE_MAX:
        together = judge("\n".join(texts.values()))
        if together is TextVerdict.PASS:
            return {}
        if together is TextVerdict.UNKNOWN_OPENID:
            return dict.fromkeys(texts, INACTIVE)
        return _one_by_one(texts, judge, together=together)
    return _one_by_one(texts, judge)


def _one_by_one(texts: dict[str, str], judge: Judge, *, together: TextVerdict | None = None) -> dict[str, str]:
    try:
        verdicts = {field: judge(text) for field, text in texts.items()}
    except WeChatUnavailable:
        if together is None:
            raise
        verdicts = {}
    if together is not None and together not in verdicts.values():  # only what they say together is doubtful
        verdicts = dict.fromkeys(texts, together)
    risky = [field for field, verdict in verdicts.items() if verdict is TextVerdict.RISKY]
    if risky:
        raise TextRefused(errors={field: ["没有通过微信的内容安全检查，请修改"] for field in risky})
    return {field: WHY[verdict] for field, verdict in verdicts.items() if verdict in WHY}
