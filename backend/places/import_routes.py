"""Endpoints of imports: an officer uploads a list of doors, the worker carries it out, the report says how it went."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge

from backend.foundation import trail
from backend.foundation.admission import requires
from backend.foundation.api import Blueprint, refuses, takes_up_to
from backend.foundation.callers import caller
from backend.foundation.db import done_reading, find, transactional
from backend.foundation.errors import NotFound
from backend.foundation.pages import PageQuery, page, page_of
from backend.places import uploads
from backend.places.import_models import DoorImport, ImportProblem
from backend.places.permissions import officers
from backend.places.schemas import ImportForm, ImportReportView, ImportView
from backend.places.spreadsheets import MOST_BYTES

imports = Blueprint("imports", __name__, description="门牌导入")


@imports.post("/imports")
@requires(officers)
@takes_up_to(MOST_BYTES + 16 * 1024)
@imports.arguments(ImportForm, location="files")
@imports.response(201, ImportView)
def upload(form: dict[str, Any]) -> DoorImport:
    """Upload a list of doors (multipart/form-data). It is checked and written in the background: look at its report."""
    done_reading()
    content = form["file"].read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise RequestEntityTooLarge()
    return _take_in(content, is_dry_run=form["dry_run"] == "true", skips_bad=form["skip_bad"] == "true")


@transactional
def _take_in(content: bytes, **how: bool) -> DoorImport:
    uploaded = uploads.take_in(content, **how, uploader_id=caller().person_id)
    trail.record("imports.upload", uploaded)
    return uploaded


@imports.get("/imports")
@requires(officers)
@imports.arguments(PageQuery, location="query")
@imports.response(200, page_of(ImportView))
def list_imports(asked: dict[str, Any]) -> dict[str, Any]:
    """The lists that were uploaded, newest first."""
    return page(select(DoorImport), asked, by=(DoorImport.id,))


@imports.get("/imports/<uuid:import_id>")
@requires(officers)
@imports.arguments(PageQuery, location="query")
@imports.response(200, ImportReportView)
@refuses(NotFound)
def show_import(asked: dict[str, Any], import_id: UUID) -> dict[str, Any]:
    """How far a list is, and what is wrong with it, by row."""
    uploaded = find(DoorImport, import_id)
    found = page(
        select(ImportProblem).where(ImportProblem.import_id == uploaded.id),
        asked,
        by=(ImportProblem.n,),
        newest_first=False,
    )
    return {**{name: getattr(uploaded, name) for name in ImportView().fields}, **found}
