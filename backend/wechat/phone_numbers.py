"""Whose phone it is: the single-use code of the phone button (手机号快速验证) for the number.

Each success costs the office 0.03 yuan; a code lives five minutes.
https://developers.weixin.qq.com/miniprogram/dev/server/API/user-info/phone-number/api_getphonenumber.html
"""

import re

from backend.foundation.errors import AppError
from backend.wechat.access_tokens import AccessTokens
from backend.wechat.errors import PhoneCodeRefused

CODE_MAX = 512  # characters; WeChat's own have 64
MAINLAND = "86"

# 40013: the code is another mini-program's. 40163 and 42003 are not on the page, but mean the same of a login code.
REFUSALS: dict[int, type[AppError]] = dict.fromkeys((40029, 40013, 40163, 42003), PhoneCodeRefused)


def phone_number_of(ours: AccessTokens, code: str) -> str:
    """The number: digits alone on the mainland, else `+`, country and number. Raises PhoneCodeRefused.

    Not repeated when it was sent and not answered: the code may be used up.
    """
    if not 0 < len(code) <= CODE_MAX or not code.isprintable():
        raise PhoneCodeRefused()
    answer = ours.ask("/wxa/business/getuserphonenumber", {"code": code}, is_harmless=False).or_refuse(REFUSALS)
    told = answer.said.get("phone_info")
    number, country = (
        (str(told.get("purePhoneNumber")), str(told.get("countryCode"))) if isinstance(told, dict) else ("", "")
    )  # the page calls the country a string, its example is a number
    if not re.fullmatch("[0-9]{4,15}", number) or not re.fullmatch("[0-9]{1,4}", country):
        raise answer.nonsense()
    return number if country == MAINLAND else f"+{country}{number}"
