"""The devices somebody is logged in on: each login begins one, and everything it was given ends with it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, update

from backend.foundation.clock import now
from backend.foundation.db import add, session
from backend.people.access_feed import devices_ended
from backend.people.session_models import Device, RefreshToken

REFRESH_LASTS = timedelta(days=60)  # whoever was not here for so long logs in again


def begin_device(person_id: UUID, *, name: str | None, installation_id: str | None) -> Device:
    """Somebody logs in."""
    at = now()
    return add(
        Device(
            person_id=person_id,
            name=name or None,
            installation_id=installation_id or None,
            first_used_at=at,
            last_used_at=at,
        )
    )


def goes_on(device_id: UUID, *, at: datetime) -> bool:
    """Note that the device is in use, unless it has ended. Whoever ends it meanwhile waits, and finds its new token."""
    alive = (
        update(Device)
        .where(Device.id == device_id, Device.ended_at.is_(None))
        .values(last_used_at=at)
        .returning(Device.id)
    )
    return session().scalar(alive) is not None


def end_device(device: Device, *, reason: str) -> None:
    """End one device; one that has ended stays as it is."""
    _end(Device.id == device.id, reason=reason)


def end_devices_of(person_id: UUID, *, reason: str, but: UUID | None = None) -> int:
    """End all devices of somebody, except for one that may stay; how many that were."""
    wanted = Device.person_id == person_id
    return _end(wanted if but is None else wanted & (Device.id != but), reason=reason)


def living_devices_of(person_id: UUID) -> Select[Device]:
    """What somebody is logged in on and could go on with."""
    return select(Device).where(
        Device.person_id == person_id, Device.ended_at.is_(None), Device.last_used_at > now() - REFRESH_LASTS
    )


def _end(wanted: ColumnElement[bool], *, reason: str) -> int:
    at = now()
    ended = session().execute(
        update(Device)
        .where(wanted, Device.ended_at.is_(None))
        .values(ended_at=at, end_reason=reason)
        .returning(Device.person_id, Device.id)
    )
    gone = [(person_id, device_id) for person_id, device_id in ended]
    devices_ended(gone)
    # In a statement after that one: a refresh that was faster has left a token we could not have seen before.
    session().execute(
        update(RefreshToken)
        .where(RefreshToken.family_id.in_([device_id for _, device_id in gone]), RefreshToken.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    return len(gone)
