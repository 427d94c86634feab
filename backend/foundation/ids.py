"""Identifiers that sort by birth: UUID version 7 (RFC 9562, method 1: a counter within the millisecond)."""

import secrets
import threading
from datetime import datetime
from uuid import UUID

from backend.foundation.clock import now

_lock = threading.Lock()
_last_ms = 0
_counter = 0

# A clock set back by less than this is waited out by keeping the last millisecond; by more, it is believed.
_TOLERATED_MS = 1000


def uuid7() -> UUID:
    """A fresh identifier, greater than every earlier one of this process (unless the clock is set back by over 1 s)."""
    global _last_ms, _counter
    with _lock:
        ms = int(now().timestamp() * 1000)
        if ms > _last_ms or ms < _last_ms - _TOLERATED_MS:
            _last_ms, _counter = ms, secrets.randbits(11)
        else:
            _counter += 1
            if _counter > 0xFFF:
                _last_ms, _counter = _last_ms + 1, secrets.randbits(11)
        ms, counter = _last_ms, _counter
    return UUID(int=ms << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | secrets.randbits(62))


def first_id_at(at: datetime) -> UUID:
    """The smallest identifier that could have been made at that instant."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def born_ms(identifier: UUID) -> int:
    """The Unix milliseconds at which a version 7 identifier was made."""
    return identifier.int >> 80
