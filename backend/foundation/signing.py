"""What others can check without asking us: JSON signed with Ed25519, as a compact JWS (RFC 7515, RFC 8037).

The keys are derived from SECRET_KEY, one per purpose; `public_keys` are what a phone or a shop keeps, as a JWKS (RFC
7517). While keys are exchanged, what PREVIOUS_SECRET_KEY signed is still good.
"""

import base64
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backend.foundation.crypto import accepted_keys

PURPOSES = ("offline-pack", "voucher")

_ALGORITHM = "EdDSA"


class NotSigned(Exception):
    """It is not ours, or was altered."""


def signed(content: Mapping[str, Any], *, purpose: str) -> str:
    """The content with our signature; readable by everybody, made by nobody else."""
    kid, key = next(iter(_keys(purpose).items()))
    return jwt.encode(dict(content), key, algorithm=_ALGORITHM, headers={"kid": kid, "typ": purpose})


def opened(token: str, *, purpose: str) -> dict[str, Any]:
    """What was signed for that purpose; whoever reads it judges until when it is good. Raises `NotSigned`."""
    try:
        key = _keys(purpose)[jwt.get_unverified_header(token)["kid"]]
        content: dict[str, Any] = jwt.decode(token, key.public_key(), algorithms=[_ALGORITHM], options=_NO_DATES)
    except (jwt.InvalidTokenError, KeyError, ValueError) as reason:
        raise NotSigned() from reason
    return content


def public_keys() -> list[dict[str, str]]:
    """The keys by which everything here is checked, newest first for each purpose."""
    return [
        {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": _ALGORITHM, "kid": kid, "typ": purpose, "x": _public(key)}
        for purpose in PURPOSES
        for kid, key in _keys(purpose).items()
    ]


_NO_DATES: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}


def _keys(purpose: str) -> dict[str, Ed25519PrivateKey]:
    return {kid: Ed25519PrivateKey.from_private_bytes(key) for kid, key in accepted_keys(purpose).items()}


def _public(key: Ed25519PrivateKey) -> str:
    plain = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")
