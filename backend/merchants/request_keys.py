"""Once per key: a key belongs to whoever sends it, for themselves or for somebody else."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from backend.foundation.crypto import same
from backend.foundation.db import session
from backend.ledger.drafts import fingerprint_of
from backend.ledger.errors import KeyReused
from backend.merchants.models import Redemption


@dataclass(frozen=True)
class Helped:
    """Somebody asks for somebody else: who, how, and what stood for the person (a card, a code, an id)."""

    helper_id: UUID
    channel: str
    shown: str
    shown_code: bytes | None = None


@dataclass(frozen=True)
class Request:
    """A wish under a key: what it is for, and in whose keys it is looked for."""

    key: str  # among the person's own; a helper's cannot be one that a client may send
    figures: bytes
    helped: Helped | None = None
    helper_key: bytes | None = None


def request_of(
    key: str, *, offer_id: UUID, quantity: int, wallet: str = "own", offline: bool = False, helped: Helped | None
) -> Request:
    """The wish that a client's key stands for."""
    figures = {"offer": str(offer_id), "quantity": quantity, "wallet": wallet} | ({"offline": 1} if offline else {})
    if helped is None:
        return Request(key, fingerprint_of("hold", **figures))
    helper_key = hashlib.sha256(f"{helped.helper_id}:{key}".encode()).digest()
    figures_of_helped = fingerprint_of("hold", **figures, shown=helped.shown)
    return Request(f"for them {helper_key.hex()}", figures_of_helped, helped, helper_key)


def asked_before(request: Request, *, person_id: UUID | None = None) -> Redemption | None:
    """What the key made the first time. Raises `KeyReused` if that was something else."""
    if request.helper_key is not None:
        mine = Redemption.helper_key == request.helper_key
    else:
        mine = (Redemption.person_id == person_id) & (Redemption.request_key == request.key)
    first = session().scalar(select(Redemption).where(mine))
    if first is not None and not same(first.request_fingerprint, request.figures):
        raise KeyReused()
    return first
