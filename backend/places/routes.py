"""Endpoints of places."""

from typing import Any

from sqlalchemy import select

from backend.foundation.api import Blueprint, requires
from backend.foundation.callers import anybody_here
from backend.foundation.pages import PageQuery, page, page_of
from backend.places.models import Area
from backend.places.offices import offices
from backend.places.schemas import AreaView, OfficesView

places = Blueprint("places", __name__, description="街道与社区")


@places.get("/offices")
@places.response(200, OfficesView)
def list_offices() -> dict[str, Any]:
    """The offices served here; the one list that needs no token, to choose where to log in."""
    return {"items": offices(), "next": None}


@places.get("/areas")
@requires(anybody_here)
@places.arguments(PageQuery, location="query")
@places.response(200, page_of(AreaView))
def list_areas(asked: dict[str, Any]) -> dict[str, Any]:
    """The communities of the office and what lies below them."""
    return page(select(Area), asked, by=(Area.id,), newest_first=False)
