"""Endpoints of devices: where I am logged in, and logging out there."""

from typing import Any
from uuid import UUID

from backend.foundation.admission import requires, visible
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import NotFound
from backend.foundation.pages import PageQuery, page, page_of
from backend.people.devices import end_device, end_devices_of, living_devices_of
from backend.people.schemas import DeviceView, EverywhereForm, EverywhereView
from backend.people.session_models import Device

devices = Blueprint("devices", __name__, description="登录的设备")


@devices.get("/me/devices")
@requires(anybody_here)
@devices.arguments(PageQuery, location="query")
@devices.response(200, page_of(DeviceView))
def list_devices(asked: dict[str, Any]) -> dict[str, Any]:
    """The devices I am logged in on, the latest login first; this one is marked."""
    return page(living_devices_of(caller().person_id), asked, by=(Device.id,), shown=_shown)


@devices.delete("/me/devices/<uuid:device_id>")
@requires(anybody_here)
@devices.response(204)
@refuses(NotFound)
@transactional
def remove_device(device_id: UUID) -> None:
    """Log one of my devices out, the lost one for instance; within seconds it can do nothing more in my name."""
    device = find(Device, device_id)
    visible(device.person_id == caller().person_id)
    end_device(device, reason="removed")


@devices.post("/auth/logout-everywhere")
@requires(anybody_here)
@devices.arguments(EverywhereForm)
@devices.response(200, EverywhereView)
@transactional
def log_out_everywhere(form: dict[str, Any]) -> dict[str, Any]:
    """Log all my devices out, or all but this one; how many that were."""
    kept = caller().device_id if form["keep_this_one"] else None
    return {"ended": end_devices_of(caller().person_id, reason="everywhere", but=kept)}


def _shown(device: Device) -> dict[str, Any]:
    fields = ("id", "name", "first_used_at", "last_used_at")
    return {name: getattr(device, name) for name in fields} | {"is_this_one": device.id == caller().device_id}
