"""What we tell the person when WeChat will not, or cannot, do what they asked for."""

from backend.foundation.errors import Conflict, Forbidden, TooManyRequests, Unauthorized, Unavailable


class LoginCodeRefused(Unauthorized):
    """The code is unknown, older than five minutes or already exchanged; only the phone can fetch a new one."""

    code = "login_code_refused"
    message = "微信登录已失效，请关闭小程序，重新打开后再试"


class LoginBlocked(Forbidden):
    """WeChat's risk control holds this person's WeChat account back; trying again does not help."""

    code = "login_blocked"
    message = "微信出于安全原因暂时限制了您的登录，请在微信的“安全中心”查看，或请社区工作人员代办"


class TooManyLogins(TooManyRequests):
    """One person may log in 100 times a minute."""

    code = "too_many_logins"
    message = "登录太频繁，请一分钟后再试"
    retry_after = 60


class PhoneCodeRefused(Conflict):
    """The code is unknown, older than five minutes or already exchanged; only a new tap on the button helps."""

    code = "phone_code_refused"
    message = "手机号授权已失效，请重新点“获取手机号”按钮"


class WeChatUnavailable(Unavailable):
    """WeChat did not answer, or not in a way that decides anything."""

    code = "wechat_unavailable"
    message = "暂时连不上微信，请稍后再试"
