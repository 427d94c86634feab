"""Addresses of pictures that need no token: whoever is given one may look, for some time.

WeChat's checker and the `<image>` of a phone send no headers of ours. So the address itself says which office it is of,
for whom it was made and until when, signed. What was made for everybody shows a picture only while it is `shown`.
"""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from backend.foundation.clock import now
from backend.foundation.crypto import same, sign
from backend.foundation.errors import NotFound
from backend.foundation.tenancy import office_in_force
from backend.places.offices import MOST_OFFICES
from backend.safety.models import Picture

GOOD_FOR = {
    "e": timedelta(days=2),  # everybody: the same address all day long, so that a phone need not fetch it twice
    "l": timedelta(hours=2),  # those who look at it before it is shown: its uploader, a worker, WeChat
}
_SHAPE = re.compile(r"([0-9]{1,4})\.([el])\.([0-9]{1,12})\.([A-Za-z0-9_-]{22})", re.ASCII)


@dataclass(frozen=True)
class Leave:
    """What an address allows: to look at a picture of that office, also before it is shown or not."""

    office_id: int
    is_for_everybody: bool


def address_of(picture: Picture, *, before_it_is_shown: bool = False) -> str:
    """Where the picture is, below the server's own address."""
    audience = "l" if before_it_is_shown else "e"
    ends = now() + GOOD_FOR[audience]
    ends_at = datetime(ends.year, ends.month, ends.day, ends.hour if audience == "l" else 0, tzinfo=UTC)
    said = f"{office_in_force()}.{audience}.{int(ends_at.timestamp())}"
    return f"/api/v1/pictures/{picture.id}?s={said}.{_signed(picture.id, said)}"


def read(picture_id: UUID, seal: str) -> Leave:
    """What the seal of an address allows for that picture; `NotFound` for a forged, foreign or outdated one."""
    shape = _SHAPE.fullmatch(seal)
    if shape is None or not same(shape[4], _signed(picture_id, seal[: shape.end(3)])):
        raise NotFound()
    if int(shape[3]) <= now().timestamp() or not 1 <= int(shape[1]) <= MOST_OFFICES:
        raise NotFound()
    return Leave(office_id=int(shape[1]), is_for_everybody=shape[2] == "e")


def _signed(picture_id: UUID, said: str) -> str:
    signature = sign(f"{picture_id}.{said}".encode(), purpose="picture-address")[:16]
    return base64.urlsafe_b64encode(signature).decode().rstrip("=")
