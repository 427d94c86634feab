"""Phone codes, `stub:phone:<digits>:<nonce>`: a number of the mainland, or `+<country>-<digits>`; good once."""

import re

from backend.foundation.clock import now
from backend.wechat.stub.answering import Body, Failure, ok, text_of
from backend.wechat.stub.logins import has_expired
from backend.wechat.stub.memory import Seen

CODE = re.compile(r"stub:phone:(?:\+(?P<country>[0-9]{1,4})-)?(?P<digits>[0-9]{4,15}):(?P<nonce>.+)", re.DOTALL)


class Phones:
    """Who tapped the phone button."""

    def __init__(self, *, appid: str) -> None:
        self._appid = appid
        self._exchanged = Seen()

    def answer(self, body: Body) -> Body:
        """POST /wxa/business/getuserphonenumber"""
        said = text_of(body, "code")
        code = CODE.fullmatch(said)
        if code is None or has_expired(code["nonce"]) or not self._exchanged.is_first(said):
            raise Failure(40029, "invalid code")
        country = code["country"] or "86"
        number = code["digits"] if country == "86" else f"+{country}{code['digits']}"
        watermark = {"timestamp": int(now().timestamp()), "appid": self._appid}
        told = {"phoneNumber": number, "purePhoneNumber": code["digits"], "countryCode": country}
        return ok(phone_info=told | {"watermark": watermark})
