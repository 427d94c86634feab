"""Unified social credit codes that could be real: 18 characters of which the last one fits the others."""

import secrets

from stdnum.cn import uscc


def a_credit_code() -> str:
    """A company's code in Dongying (3705), another one each time."""
    body = "91370500" + "".join(secrets.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(9))
    return body + uscc.calc_check_digit(body)
