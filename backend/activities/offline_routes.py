"""Endpoints of doors without a network: what a phone takes along, and what it brings back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import request

from backend.activities import offline_batches, offline_packs
from backend.activities.errors import CheckInClosed
from backend.activities.models import Activity
from backend.activities.offline_batches import Brought, begin, brought, in_pieces, receipt, report
from backend.activities.offline_models import ScanBatch
from backend.activities.offline_schemas import BatchForm, KeysView, PackView, ReceiptView
from backend.activities.queries import may_check_in_others, may_prepare
from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.signing import public_keys

offline = Blueprint("offline", __name__, description="离线签到")


@offline.get("/keys")
@offline.response(200, KeysView)
def show_keys() -> dict[str, Any]:
    """The public keys by which phones and shops check what we signed, as a JWKS; needs no token."""
    return {"keys": public_keys()}


@offline.get("/activities/<uuid:activity_id>/offline-pack")
@requires(anybody_here)
@offline.response(200, PackView)
@refuses(NotFound, Forbidden, CheckInClosed)
@transactional
def fetch_pack(activity_id: UUID) -> dict[str, Any]:
    """What a phone needs at a door without a network; which one it is, `X-Installation-Id` says, as `device_id` will.

    It has to report before the activity settles by itself.
    """
    activity = find(Activity, activity_id)
    visible(activity.is_announced or may_prepare(activity, by=caller()))
    allow(may_check_in_others(activity, by=caller()))
    if activity.state != "published":
        raise CheckInClosed()
    return offline_packs.fetch(activity, device_id=_device(), by=caller())


@offline.post("/check-ins/batch")
@requires(anybody_here)
@offline.arguments(BatchForm)
@offline.response(200, ReceiptView)
def upload_batch(form: dict[str, Any]) -> dict[str, Any]:
    """What a phone scanned without a network, up to 500 scans: a result for each, and the same receipt for the same
    batch, however often it is sent. It is taken in piece by piece: if it breaks off, send it again.
    """
    items, done = form["items"], form["done"]
    batch = transactional(begin)(
        device_id=form["device_id"], sent_at=form["sent_at"], items=items, done=done, recorder=caller()
    )
    in_pieces(batch, brought(batch, items), _take_in)
    transactional(report)(batch, done=done)
    return receipt(batch, items)


def _take_in(batch: ScanBatch, scans: Sequence[Brought]) -> None:
    transactional(offline_batches.take_in)(batch, scans, recorder=caller())


def _device() -> str:
    """What the phone calls itself; one that says nothing is its owner's only one."""
    return request.headers.get("X-Installation-Id", "")[:64] or f"of {caller().person_id}"
