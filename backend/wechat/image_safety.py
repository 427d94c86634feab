"""Image safety (多媒体内容安全识别, version 2): WeChat fetches the picture, and pushes its verdict within 30 minutes.

JPEG, PNG, BMP or GIF up to 10 MB, at an address WeChat can reach. 2,000 calls a minute, 200,000 a day.
https://developers.weixin.qq.com/miniprogram/dev/server/API/sec-center/sec-check/api_mediacheckasync.html
"""

from backend.wechat.access_tokens import AccessTokens
from backend.wechat.text_safety import EXPIRED_VISIT, TextScene

PICTURE = 2  # as opposed to sound


def judge_image(ours: AccessTokens, url: str, *, openid: str, scene: TextScene) -> str | None:
    """The trace id by which the verdict will be known, or None when WeChat does not know the writer (61010).

    Not repeated when it was sent and not answered: a second check has another trace id, and the first verdict would
    find no picture waiting. Whoever waits for a verdict asks again later.
    """
    body = {"version": 2, "openid": openid, "scene": int(scene), "media_type": PICTURE, "media_url": url}
    answer = ours.ask("/wxa/media_check_async", body, is_harmless=False)
    if answer.errcode == EXPIRED_VISIT:
        return None
    trace_id = answer.or_refuse().said.get("trace_id")
    if not isinstance(trace_id, str) or not 0 < len(trace_id) <= 128:
        raise answer.nonsense()
    return trace_id
