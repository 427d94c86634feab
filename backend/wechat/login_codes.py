"""Who somebody is: the single-use code of `wx.login` for their openid.

https://developers.weixin.qq.com/miniprogram/dev/server/API/user-login/api_code2session.html
"""

from backend.foundation.errors import AppError
from backend.wechat.asking import Line
from backend.wechat.errors import LoginBlocked, LoginCodeRefused, TooManyLogins

CODE_MAX = 512  # characters; WeChat's own have 32, longer ones are not worth a call

# The page lists 40029, 40226 and 45011; 40163 (code been used) is not on it but comes, 42003 (code timed out) is among
# the general codes.
REFUSALS: dict[int, type[AppError]] = {
    40029: LoginCodeRefused,
    40163: LoginCodeRefused,
    42003: LoginCodeRefused,
    40226: LoginBlocked,
    45011: TooManyLogins,
}


def openid_of(line: Line, code: str, *, appid: str, secret: str) -> str:
    """The openid. Not repeated when it was sent and not answered: the code may be used up.

    The session key that comes along is dropped: we decrypt nothing with it, and what is not kept cannot leak.
    """
    if not 0 < len(code) <= CODE_MAX or not code.isprintable():
        raise LoginCodeRefused()
    query = {"appid": appid, "secret": secret, "js_code": code, "grant_type": "authorization_code"}
    answer = line.ask("/sns/jscode2session", query=query, is_harmless=False).or_refuse(REFUSALS)
    openid = answer.said.get("openid")
    if not isinstance(openid, str) or not openid:
        raise answer.nonsense()
    return openid
