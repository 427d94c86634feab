"""Sealed columns, blind indexes and signatures.

Personal data is sealed with AES-256-GCM under a named key; the place it belongs to (office, table, column, row) is
bound in, so a sealed value copied into another row does not open. What is about one person lies under a key of that
person's (`keyring`), and that key under one of DATA_KEYS; everything else under DATA_KEYS itself. Look-up is by a blind
index: an HMAC that says only whether two values are equal. Signatures are HMAC-SHA256 under keys derived from
SECRET_KEY, one per purpose; while keys are exchanged, what PREVIOUS_SECRET_KEY signed is accepted too.
"""

import hashlib
import hmac
import secrets
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

from backend.foundation.config import Config

_NONCE = 12
_KID = 12  # hexadecimal digits: enough to tell two keys apart


def seal(text: str, *, place: str) -> bytes:
    """Encrypt under the newest of DATA_KEYS; opens only at the same place."""
    return wrap(text.encode(), place=place)


def unseal(sealed: bytes, *, place: str) -> str:
    """Decrypt. Raises `InvalidTag` when the value was altered or moved, `KeyError` when its key is gone."""
    return unwrap(sealed, place=place).decode()


def wrap(content: bytes, *, place: str) -> bytes:
    """The same for bytes, another key for instance."""
    key_id, key = next(iter(_config().data_keys.items()))
    return encrypt(content, key=key, head=key_id.encode() + b":", place=place)


def unwrap(sealed: bytes, *, place: str) -> bytes:
    key_id, colon, _ = sealed.partition(b":")
    return decrypt(sealed, key=_config().data_keys[key_id.decode()], head=key_id + colon, place=place)


def is_wrapped_newest(sealed: bytes) -> bool:
    """Does it lie under the newest of DATA_KEYS, so that the others may go?"""
    return sealed.partition(b":")[0].decode() == next(iter(_config().data_keys))


def encrypt(content: bytes, *, key: bytes, head: bytes, place: str) -> bytes:
    """Under a given key. The head stands before it in the clear and says which key that was; it is bound in, too."""
    nonce = secrets.token_bytes(_NONCE)
    return head + nonce + AESGCM(key).encrypt(nonce, content, head + place.encode())


def decrypt(sealed: bytes, *, key: bytes, head: bytes, place: str) -> bytes:
    """What `encrypt` sealed under that head. Raises `InvalidTag` when it was altered or moved."""
    rest = sealed[len(head) :]
    try:
        return AESGCM(key).decrypt(rest[:_NONCE], rest[_NONCE:], head + place.encode())
    except InvalidTag:
        raise InvalidTag(f"sealed value does not belong to {place}") from None


def fresh_key() -> bytes:
    return secrets.token_bytes(32)


def blind_index(text: str, *, purpose: str) -> bytes:
    """A value by which equal texts are found without storing the text."""
    return hmac.digest(_config().index_key.encode(), f"{purpose}:{text}".encode(), "sha256")


def sign(message: bytes, *, purpose: str) -> bytes:
    """32 bytes that only this server can make for that message and purpose."""
    return hmac.digest(derived_key(purpose), message, "sha256")


def signatures(message: bytes, *, purpose: str) -> list[bytes]:
    """The signatures that are accepted: what `sign` makes, and what it made under the key before."""
    return [hmac.digest(key, message, "sha256") for key in accepted_keys(purpose).values()]


def derived_key(purpose: str) -> bytes:
    """The key that signs: one of its own for each purpose, so that a signature for one is worthless for another."""
    return next(iter(accepted_keys(purpose).values()))


def accepted_keys(purpose: str) -> dict[str, bytes]:
    """The keys whose signatures are accepted, by the name (`kid`) that tells them apart; the first one signs."""
    config = _config()
    secrets_known = [config.secret_key, *([config.previous_secret_key] if config.previous_secret_key else [])]
    keys = [hmac.digest(known.encode(), f"xingfu:{purpose}".encode(), "sha256") for known in secrets_known]
    return {hashlib.sha256(b"kid:" + key).hexdigest()[:_KID]: key for key in keys}


def fingerprint(token: str) -> bytes:
    """How a random token is stored: enough to recognise it, not enough to use it."""
    return hashlib.sha256(token.encode()).digest()


def same(one: bytes | str, other: bytes | str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(_bytes(one), _bytes(other))


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _config() -> Config:
    return cast(Config, current_app.extensions["config"])
