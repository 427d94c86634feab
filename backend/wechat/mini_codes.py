"""Mini codes (小程序码) for posters: a round picture that opens a page of the mini-program and hands it a scene.

A code lives for ever and there may be any number; 5,000 can be asked for in a minute.
https://developers.weixin.qq.com/miniprogram/dev/server/API/qrcode-link/qr-code/api_getunlimitedqrcode.html
"""

import re

from backend.wechat.access_tokens import AccessTokens

SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}")  # no %, so Chinese cannot be quoted either
PAGE = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z_/-]{0,127}")  # no slash in front, no parameters
WIDTH_MIN, WIDTH_MAX = 280, 1280  # pixels


def mini_code(ours: AccessTokens, scene: str, *, page: str, width: int) -> bytes:
    """A PNG or JPEG. Raises ValueError for what WeChat would not take.

    Repeated as needed: the same code comes again.
    """
    if not SCENE.fullmatch(scene):
        raise ValueError("a scene has 1 to 32 characters of WeChat's set")
    if not PAGE.fullmatch(page):
        raise ValueError("a page has no slash in front and no parameters")
    if not WIDTH_MIN <= width <= WIDTH_MAX:
        raise ValueError(f"a mini code is {WIDTH_MIN} to {WIDTH_MAX} pixels wide")
    body = {"scene": scene, "page": page, "width": width}
    answer = ours.ask("/wxa/getwxacodeunlimit", body, is_harmless=True).or_refuse()
    if not answer.picture:
        raise answer.nonsense()
    return answer.picture
