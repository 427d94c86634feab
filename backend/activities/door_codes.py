"""The code on the leader's screen: signed, new every 30 seconds, bound to office, activity and session.

On the screen it is the plain link `<public url>/q/<code>`, so WeChat's own scanner opens it (普通链接二维码).
"""

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from backend.activities.errors import CodeOfOtherActivity, DoorCodeExpired, DoorCodeInvalid
from backend.activities.models import Session
from backend.foundation.clock import now
from backend.foundation.crypto import same, sign, signatures
from backend.foundation.db import find
from backend.foundation.errors import NotFound
from backend.foundation.tenancy import office_in_force
from backend.people.persons import of_other_office

STEP_SECONDS = 30
GRACE_SECONDS = 15  # a slow phone between scanning and sending

_SIGNED = struct.Struct(">BH16s16sI")  # version, office, activity, session, step
_SENT = struct.Struct(">BH16sI")  # the session tells the activity
_SIGNATURE = 12  # bytes: 96 bits for a code that lives 45 seconds
_VERSION = 1


@dataclass(frozen=True)
class DoorCode:
    code: str
    valid_until: datetime
    next_in: int  # seconds until the screen shows the next one


def door_code(sitting: Session) -> DoorCode:
    """The code of this moment for a session."""
    at = now().timestamp()
    step = int(at) // STEP_SECONDS
    head = _SENT.pack(_VERSION, sitting.office_id, sitting.id.bytes, step)
    code = base64.urlsafe_b64encode(head + _signature(sitting, step)).decode().rstrip("=")
    ends = (step + 1) * STEP_SECONDS
    return DoorCode(code, datetime.fromtimestamp(ends + GRACE_SECONDS, UTC), max(1, ends - int(at)))


def session_of(code: str, *, activity_id: UUID | None = None) -> Session:
    """The session a code belongs to, if it is ours, genuine and fresh.

    Raises `DoorCodeInvalid` (edited, unsigned, unknown), `CodeOfOtherOffice`, `CodeOfOtherActivity`, `DoorCodeExpired`.
    """
    try:
        raw = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
        version, office_id, session_bytes, step = _SENT.unpack(raw[: _SENT.size])
    except (ValueError, binascii.Error, struct.error):
        raise DoorCodeInvalid() from None
    if (
        version != _VERSION
        or len(raw) != _SENT.size + _SIGNATURE
        or base64.urlsafe_b64encode(raw).decode().rstrip("=") != code
    ):
        raise DoorCodeInvalid()
    if office_id != office_in_force():
        raise of_other_office(office_id) or DoorCodeInvalid()
    try:
        sitting = find(Session, UUID(bytes=session_bytes))
    except NotFound:
        raise DoorCodeInvalid() from None
    if not any(same(raw[_SENT.size :], accepted[:_SIGNATURE]) for accepted in _accepted(sitting, step)):
        raise DoorCodeInvalid()
    if activity_id is not None and activity_id != sitting.activity_id:
        raise CodeOfOtherActivity()
    if now().timestamp() >= (step + 1) * STEP_SECONDS + GRACE_SECONDS:
        raise DoorCodeExpired()
    return sitting


def _signature(sitting: Session, step: int) -> bytes:
    return sign(_signed(sitting, step), purpose="door-code")[:_SIGNATURE]


def _accepted(sitting: Session, step: int) -> list[bytes]:
    return signatures(_signed(sitting, step), purpose="door-code")


def _signed(sitting: Session, step: int) -> bytes:
    return _SIGNED.pack(_VERSION, sitting.office_id, sitting.activity_id.bytes, sitting.id.bytes, step)
