"""Endpoints of the trail: who did what, for whom and why."""

from typing import Any

from backend.foundation.admission import requires
from backend.foundation.api import Blueprint
from backend.foundation.callers import anybody_here, caller
from backend.foundation.pages import PageQuery, page, page_of
from backend.foundation.trail import TrailRow
from backend.people.permissions import officers_and_auditors
from backend.transparency.schemas import OwnTrailView, TrailQuery, TrailView
from backend.transparency.trail_queries import done_about, shown_to_an_auditor, shown_to_them, trail_asked_for

trail = Blueprint("trail", __name__, description="办理留痕")


@trail.get("/trail")
@requires(officers_and_auditors)
@trail.arguments(TrailQuery, location="query")
@trail.response(200, page_of(TrailView))
def list_trail(asked: dict[str, Any]) -> dict[str, Any]:
    """Every decision and every act for somebody else, newest first: by whom, for whom, of what kind, on which day."""
    found = page(trail_asked_for(asked), asked, by=(TrailRow.id,))
    return {**found, "items": shown_to_an_auditor(found["items"])}


@trail.get("/me/trail")
@requires(anybody_here)
@trail.arguments(PageQuery, location="query")
@trail.response(200, page_of(OwnTrailView))
def list_what_others_did(asked: dict[str, Any]) -> dict[str, Any]:
    """What others did about me and for me, newest first: what, when, who and why."""
    found = page(done_about(caller().person_id), asked, by=(TrailRow.id,))
    return {**found, "items": shown_to_them(found["items"])}
