"""Which words and pictures are risky: 违禁 and `risky` are, 疑似 and `review` are for somebody to look at."""

from typing import Any
from urllib.parse import unquote, urlsplit

from backend.wechat.stub.answering import Body, Failure, an_id, ok, text_of

TEXT_MAX = 2500  # characters
SCENES = (1, 2, 3, 4)
PICTURES, SOUNDS = 2, 1
DOWNLOAD_FAILED = -1008

NORMAL, CRIME = 100, 20006  # labels


def judge_text(body: Body) -> Body:
    """POST /wxa/msg_sec_check, once the person is known"""
    text = text_of(body, "content")
    if body.get("version") != 2 or not text:
        raise Failure(47001, "data format error")
    _check_scene(body)
    if len(text) > TEXT_MAX:
        raise Failure(45002, "content size out of limit")
    suggest = "risky" if "违禁" in text else "review" if "疑似" in text else "pass"
    return ok(trace_id=an_id(), **judged(suggest))


def accept_picture(body: Body) -> Body:
    """POST /wxa/media_check_async, once the person is known: the verdict comes by push"""
    url = urlsplit(text_of(body, "media_url"))
    if body.get("version") != 2 or url.scheme not in ("http", "https") or not url.netloc:
        raise Failure(47001, "data format error")
    if body.get("media_type") not in (PICTURES, SOUNDS):
        raise Failure(40004, "invalid media type")
    _check_scene(body)
    return ok(trace_id=an_id())


def verdict_on(url: str) -> dict[str, Any]:
    """What the push will say of the picture at that address; one that says `gone` cannot be fetched."""
    address = unquote(url)
    if "gone" in address:
        return {"detail": [], "errcode": DOWNLOAD_FAILED, "errmsg": "下载错误，请检查媒体链接是否有效"}
    suggest = "risky" if "risky" in address else "review" if "review" in address else "pass"
    return {"errcode": 0, "errmsg": "ok", **judged(suggest)}


def judged(suggest: str) -> dict[str, Any]:
    """The result and what led to it."""
    result = {"suggest": suggest, "label": NORMAL if suggest == "pass" else CRIME}
    return {"result": result, "detail": [{"strategy": "content_model", "errcode": 0, "prob": 90, **result}]}


def _check_scene(body: Body) -> None:
    if type(body.get("scene")) is not int or body["scene"] not in SCENES:
        raise Failure(40129, "invalid scene")
