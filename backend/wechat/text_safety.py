"""Text safety (文本内容安全识别, version 2): may this text be shown?

WeChat judges only what a person writes who has used the mini-program within two hours; else it answers 61010.
4,000 calls a minute, 2,000,000 a day; 100 a day until the mini-program is published.
https://developers.weixin.qq.com/miniprogram/dev/server/API/sec-center/sec-check/api_msgseccheck.html
"""

from enum import Enum, IntEnum

from backend.wechat.access_tokens import AccessTokens
from backend.wechat.asking import Answer

PIECE_MAX = 2500  # characters
OVERLAP = 50  # characters that two pieces share, so that no word is hidden by the cut
PIECES_MAX = 10

EXPIRED_VISIT = 61010
RISKY_CONTENT = 87014  # what version 1 said of a risky text


class TextScene(IntEnum):
    """What a text or a picture is for, in WeChat's numbers."""

    PROFILE = 1
    COMMENT = 2
    FORUM = 3
    SOCIAL_LOG = 4


class TextVerdict(Enum):
    """What WeChat thinks of a text; each weighs more than the one before."""

    PASS = "pass"  # noqa: S105  # no password
    REVIEW = "review"  # somebody should look
    UNKNOWN_OPENID = "unknown_openid"  # not judged: the writer has not used the mini-program within two hours
    RISKY = "risky"


WEIGHT = {verdict: weight for weight, verdict in enumerate(TextVerdict)}
SUGGESTED = {"pass": TextVerdict.PASS, "review": TextVerdict.REVIEW, "risky": TextVerdict.RISKY}


def judge_text(ours: AccessTokens, text: str, *, openid: str, scene: TextScene) -> TextVerdict:
    """The worst verdict on the text's pieces. Repeated as needed: judging twice changes nothing.

    A text longer than ten pieces (24,550 characters) is never passed unseen: what follows is for somebody to look at.
    """
    if not text.strip():
        return TextVerdict.PASS
    pieces = cut(text)
    worst = TextVerdict.PASS if len(pieces) <= PIECES_MAX else TextVerdict.REVIEW
    for piece in pieces[:PIECES_MAX]:
        verdict = _judge_piece(ours, piece, openid=openid, scene=scene)
        worst = max(worst, verdict, key=WEIGHT.__getitem__)
        if verdict in (TextVerdict.UNKNOWN_OPENID, TextVerdict.RISKY):
            break  # nothing that follows makes it better
    return worst


def cut(text: str) -> list[str]:
    """Pieces of at most 2,500 characters, each beginning with the end of the one before."""
    starts = range(0, max(len(text) - OVERLAP, 1), PIECE_MAX - OVERLAP)
    return [text[start : start + PIECE_MAX] for start in starts]


def _judge_piece(ours: AccessTokens, piece: str, *, openid: str, scene: TextScene) -> TextVerdict:
    body = {"version": 2, "openid": openid, "scene": int(scene), "content": piece}
    answer = ours.ask("/wxa/msg_sec_check", body, is_harmless=True)
    if answer.errcode == EXPIRED_VISIT:
        return TextVerdict.UNKNOWN_OPENID
    if answer.errcode == RISKY_CONTENT:
        return TextVerdict.RISKY
    return _suggested(answer.or_refuse())


def _suggested(answer: Answer) -> TextVerdict:
    result = answer.said.get("result")
    suggested = result.get("suggest") if isinstance(result, dict) else None
    if not isinstance(suggested, str) or suggested not in SUGGESTED:
        raise answer.nonsense()
    return SUGGESTED[suggested]
