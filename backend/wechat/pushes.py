"""Message pushes (消息推送): what WeChat's server tells ours, signed and sealed. Bytes in, facts out; no request here.

Only the safe mode (安全模式) is read: in the others the signature does not cover the body, and whoever has seen one
address could write what they like. JSON and XML both come, as the mini-program's settings say.
https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html
"""

import base64
import binascii
import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from backend.foundation.crypto import same
from backend.wechat.push_xml import NotOurXml, fields_of

PUSH_PATH = "/wechat/push"

BLOCK = 32  # bytes that the padding fills up to, twice the cipher's own
RANDOM = 16  # bytes before the message
FRESH_SECONDS = 300  # a push signed longer ago, or later, is somebody's recording

VERDICT_EVENT = "wxa_media_check"

Suggestion = Literal["pass", "risky", "review"]


class PushRefused(Exception):
    """Not a push of WeChat's to this mini-program; the text says why, without a value."""


@dataclass(frozen=True)
class ImageVerdict:
    """What WeChat thinks of the picture with that trace id.

    With another `errcode` than 0 (-1008: it could not fetch the picture) nobody has judged, and `review` is suggested.
    """

    trace_id: str
    appid: str
    suggest: Suggestion
    label: int  # 100 normal, 20001 politics, 20002 pornography, 20006 crime, 21000 other; 0 when WeChat says none
    errcode: int


@dataclass(frozen=True)
class Push:
    """One push: what is the same when it comes again, and the verdict, if it is one."""

    key: str
    verdict: ImageVerdict | None


class Seal:
    """The token and the key that WeChat's settings and ours share."""

    def __init__(self, *, token: str, aes_key: str, appid: str) -> None:
        self._token = token
        self._key = base64.b64decode(aes_key + "=")
        self._appid = appid

    def signature(self, *parts: str) -> str:
        """SHA-1 over the token and these, sorted and joined."""
        joined = "".join(sorted((self._token, *parts)))
        return hashlib.sha1(joined.encode("utf-8", "replace")).hexdigest()  # noqa: S324  # WeChat's choice

    def check(self, signature: str, *, timestamp: str, nonce: str, encrypted: str = "", at: datetime) -> None:
        """Let pass what WeChat signed within five minutes; `encrypted` is empty only when it proves the address."""
        if not re.fullmatch("[0-9]{10}", timestamp) or abs(at.timestamp() - int(timestamp)) > FRESH_SECONDS:
            raise PushRefused("not of now")
        parts = (timestamp, nonce, encrypted) if encrypted else (timestamp, nonce)
        if not same(signature.encode("utf-8", "replace"), self.signature(*parts)):
            raise PushRefused("not signed")

    def sealed(self, message: bytes) -> str:
        """Encrypt, as WeChat does: 16 random bytes, the length, the message, the appid, padded to 32."""
        full = secrets.token_bytes(RANDOM) + len(message).to_bytes(4, "big") + message + self._appid.encode()
        missing = BLOCK - len(full) % BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(full + bytes([missing]) * missing) + encryptor.finalize()).decode()

    def opened(self, encrypted: str) -> bytes:
        """Decrypt; ask `check` first, so that nobody learns anything from how this fails."""
        try:
            raw = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raise PushRefused("not base64") from None
        if not raw or len(raw) % 16:
            raise PushRefused("not whole blocks")
        decryptor = self._cipher().decryptor()
        padded = decryptor.update(raw) + decryptor.finalize()
        missing = padded[-1]
        if not 1 <= missing <= BLOCK or padded[-missing:] != bytes([missing]) * missing:
            raise PushRefused("not padded")
        full = padded[:-missing]
        end = RANDOM + 4 + int.from_bytes(full[RANDOM : RANDOM + 4], "big")
        if len(full) < RANDOM + 4 or end > len(full):
            raise PushRefused("not as long as it says")
        if full[end:] != self._appid.encode():
            raise PushRefused("of another mini-program")
        return full[RANDOM + 4 : end]

    def read(self, body: bytes, *, signature: str, timestamp: str, nonce: str, at: datetime) -> Push:
        """The push in the body of a request. Raises PushRefused unless WeChat sent it to this mini-program now."""
        encrypted = _fields(body).get("Encrypt")
        if not isinstance(encrypted, str) or not encrypted:
            raise PushRefused("not sealed")
        self.check(signature, timestamp=timestamp, nonce=nonce, encrypted=encrypted, at=at)
        message = _fields(self.opened(encrypted))
        return Push(_key(message), _verdict(message, appid=self._appid))

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))


def _fields(written: bytes) -> dict[str, Any]:
    """The fields of a JSON object or of an XML element."""
    try:
        text = written.decode().lstrip("\ufeff \r\n\t")
        fields = fields_of(text) if text.startswith("<") else json.loads(text)
    except (ValueError, RecursionError, NotOurXml):
        fields = None
    if not isinstance(fields, dict):
        raise PushRefused("neither JSON nor XML")
    return fields


def _key(message: dict[str, Any]) -> str:
    """WeChat's page on retries: by MsgId, events by FromUserName and CreateTime; one second may bring two verdicts."""
    if message.get("MsgId"):
        named = ["MsgId", str(message["MsgId"])]
    else:
        named = [str(message.get(name, "")) for name in ("FromUserName", "CreateTime", "Event", "trace_id")]
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def _verdict(message: dict[str, Any], *, appid: str) -> ImageVerdict | None:
    if message.get("Event") != VERDICT_EVENT:
        return None
    if message.get("appid", appid) != appid:
        raise PushRefused("about another mini-program")
    trace_id = message.get("trace_id")
    if not isinstance(trace_id, str) or not 0 < len(trace_id) <= 128:
        raise PushRefused("a verdict on nothing")
    result = message.get("result")
    result = result if isinstance(result, dict) else {}
    errcode, label = _whole(message.get("errcode", 0)), _whole(result.get("label", 0))
    suggest: Suggestion = "review"
    if errcode == 0 and result.get("suggest") in get_args(Suggestion):
        suggest = result["suggest"]
    return ImageVerdict(trace_id, appid, suggest=suggest, label=label, errcode=errcode)


def _whole(said: Any) -> int:
    """A number, which XML, and sometimes JSON too, brings as a text."""
    if type(said) is int:
        return said
    if isinstance(said, str) and re.fullmatch("-?[0-9]{1,9}", said):
        return int(said)
    raise PushRefused("a number that is none")
