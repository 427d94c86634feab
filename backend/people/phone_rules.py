"""How a phone number is written, and how much of it is shown. No database and no network in it."""

import re

_SEPARATORS = re.compile(r"[\s().\-]")
_MAINLAND = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})", re.ASCII)
_FOREIGN = re.compile(r"(?:\+|00)?([1-9]\d{6,14})", re.ASCII)


def e164(written: str) -> str | None:
    """+ and up to fifteen digits (ITU-T E.164); None if that is no phone number.

    Eleven digits that begin like a mobile number of the mainland are one; every other number has its country in front,
    as WeChat writes it (国外手机号会有区号), with a plus or without.
    """
    digits = _SEPARATORS.sub("", written)
    if mainland := _MAINLAND.fullmatch(digits):
        return f"+86{mainland[1]}"
    foreign = _FOREIGN.fullmatch(digits)
    return f"+{foreign[1]}" if foreign else None


def masked_number(number: str) -> str:
    """138****1234 of a mainland number; of another one its country and the last two digits."""
    if number.startswith("+86") and len(number) == 14:
        return f"{number[3:6]}****{number[-4:]}"
    return f"{number[:4]}****{number[-2:]}"
