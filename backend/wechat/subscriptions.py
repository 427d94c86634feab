"""Subscribe messages (订阅消息): one message to one person for each time they agreed to that template.

The credit is WeChat's: whoever taps 允许 gives one for that template, and 43101 means that none is left.
https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_sendmessage.html
"""

from enum import Enum

from backend.wechat.access_tokens import AccessTokens

NOT_SUBSCRIBED = 43101


class Delivery(Enum):
    """What became of a message."""

    SENT = "sent"
    REFUSED = "refused"  # they never agreed, have used up what they agreed to, or took it back


def send_subscription(
    ours: AccessTokens, openid: str, *, template_id: str, page: str, data: dict[str, str]
) -> Delivery:
    """Send the message. Not repeated when it was sent and not answered: it may have arrived and used the credit.

    A wrong template (40037), field (47003) or word (45168) is our mistake: logged, and WeChatUnavailable.
    """
    body = {
        "touser": openid,
        "template_id": template_id,
        "page": page,
        "data": {name: {"value": value} for name, value in data.items()},
        "miniprogram_state": "formal",
        "lang": "zh_CN",
    }
    answer = ours.ask("/cgi-bin/message/subscribe/send", body, is_harmless=False)
    if answer.errcode == NOT_SUBSCRIBED:
        return Delivery.REFUSED
    if "errcode" not in answer.or_refuse().said:
        raise answer.nonsense()
    return Delivery.SENT
