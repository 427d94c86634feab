"""Endpoints of one's own copy: asking for it, and fetching it within the hour."""

from typing import Any
from uuid import UUID

from flask import Response, current_app

from backend.foundation.admission import requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import transactional
from backend.foundation.errors import ActingForOthersUnavailable, NotFound
from backend.foundation.limits import fails_closed
from backend.people.assisted import assisted
from backend.places.offices import office
from backend.privacy import archive, exporting
from backend.privacy.errors import ExportExpired, ExportsUsedUp
from backend.privacy.export_models import Export
from backend.privacy.export_schemas import ExportQuery, ExportView
from backend.privacy.reading_page import page_of

exports = Blueprint("exports", __name__, description="隐私：导出我的全部资料")

ALONE = {"Cache-Control": "no-store", "Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}


@exports.post("/me/exports")
@requires(anybody_here)
@exports.response(201, ExportView)
@refuses(ExportsUsedUp)
@fails_closed
@transactional
@assisted("export", of=Export)
def ask() -> Any:
    """Ask for a copy of everything about me; it can be fetched for an hour, and is made anew each time."""
    if caller().channel == "household":
        raise ActingForOthersUnavailable()
    asked = exporting.ask(by=caller())
    return {name: getattr(asked, name) for name in ("id", "asked_at", "expires_at")}


@exports.get("/me/exports/<uuid:export_id>")
@requires(anybody_here)
@exports.arguments(ExportQuery, location="query")
@exports.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
@refuses(NotFound, ExportExpired)
@fails_closed
@assisted("read_export", reads=True)
def fetch(asked: dict[str, Any], export_id: UUID) -> Response:
    """The copy: a ZIP of JSON files and a page in Chinese. At the desk it is the page, to be printed."""
    exporting.ready_for(export_id, by=caller())
    everything = archive.told(caller().person_id, current_app.extensions["own_copy"])
    name = office(caller().office_id).name
    if caller().helper_id is not None or asked["shape"] == "page":
        page = page_of(everything, office=name, at=now())
        return Response(page, content_type="text/html; charset=utf-8", headers=ALONE)
    # The name is ours alone: nothing of it was typed by anybody.
    disposition = f'attachment; filename="xingfu-{shanghai_day(now()).isoformat()}.zip"'
    zipped = archive.zipped(everything, office=name)
    return Response(zipped, content_type="application/zip", headers=ALONE | {"Content-Disposition": disposition})
