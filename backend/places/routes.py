"""Endpoints of places: offices, areas and the doors in them."""

from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from backend.foundation import trail
from backend.foundation.admission import allow, requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.pages import PageQuery, page, page_of
from backend.places import merging, renaming
from backend.places.areas import open_area, open_household
from backend.places.errors import (
    AreaClosed,
    AreaNameTaken,
    AreaOutOfOrder,
    DoorsLivedInTwice,
    DoorTaken,
    MergeOfDifferentKinds,
)
from backend.places.following import Followers
from backend.places.models import Area, AreaChange, Household
from backend.places.offices import sub_districts
from backend.places.permissions import officers, workers, works_over
from backend.places.queries import areas_asked_for, doors_asked_for, shown_area, shown_doors
from backend.places.schemas import (
    AreaChangeView,
    AreaDetailView,
    AreaEditForm,
    AreaForm,
    AreaMergeForm,
    AreaQuery,
    AreaView,
    DoorForm,
    DoorQuery,
    DoorView,
    OfficesView,
)

places = Blueprint("places", __name__, description="街道与社区")


@places.get("/offices")
@places.response(200, OfficesView)
def list_offices() -> dict[str, Any]:
    """The offices where residents log in; the one list that needs no token, to choose where."""
    return {"items": sub_districts(), "next": None}


@places.get("/areas")
@requires(anybody_here)
@places.arguments(AreaQuery, location="query")
@places.response(200, page_of(AreaView))
def list_areas(asked: dict[str, Any]) -> dict[str, Any]:
    """The communities of the office and what lies below them, in the order of opening."""
    return page(areas_asked_for(asked), asked, by=(Area.id,), newest_first=False)


@places.post("/areas")
@requires(workers)
@places.arguments(AreaForm)
@places.response(201, AreaDetailView)
@refuses(NotFound, Forbidden, AreaClosed, AreaOutOfOrder, AreaNameTaken)
@transactional
def open_one(form: dict[str, Any]) -> dict[str, Any]:
    """Open an area: a community by an officer, anything below it also by a worker there."""
    parent = find(Area, form["parent_id"]) if form.get("parent_id") else None
    allow(works_over(caller(), parent.path) if parent else officers(caller()))
    opened = open_area(form["name"], kind=form["kind"], parent=parent, nature=form.get("nature"))
    trail.record("areas.open", opened, after={"kind": opened.kind})
    return shown_area(opened)


@places.get("/areas/<uuid:area_id>")
@requires(anybody_here)
@places.response(200, AreaDetailView)
@refuses(NotFound)
def show_area(area_id: UUID) -> dict[str, Any]:
    """One area: the way to it, and how much lies in it."""
    return shown_area(find(Area, area_id))


@places.put("/areas/<uuid:area_id>")
@requires(workers)
@places.arguments(AreaEditForm)
@places.response(200, AreaDetailView)
@refuses(NotFound, Forbidden, AreaClosed, AreaNameTaken)
@transactional
def rename(form: dict[str, Any], area_id: UUID) -> dict[str, Any]:
    """Call an area by another name, or a community urban or rural; what it was is kept."""
    allow(works_over(caller(), find(Area, area_id).path))
    renamed = renaming.rename(area_id, **form, by_id=caller().person_id, followers=_followers())
    trail.record("areas.rename", renamed, reason=form.get("reason"))
    return shown_area(renamed)


@places.post("/areas/<uuid:area_id>/merge")
@requires(officers)
@places.arguments(AreaMergeForm)
@places.response(200, AreaDetailView)
@refuses(NotFound, AreaClosed, MergeOfDifferentKinds, DoorsLivedInTwice)
@transactional
def merge(form: dict[str, Any], area_id: UUID) -> dict[str, Any]:
    """Merge an area into another of its kind, with everything in it; answers the one that stays."""
    kept = merging.merge(area_id, **form, by_id=caller().person_id, followers=_followers())
    trail.record("areas.merge", kept, reason=form["reason"], before={"merged": area_id})
    return shown_area(kept)


@places.get("/areas/<uuid:area_id>/changes")
@requires(workers)
@places.arguments(PageQuery, location="query")
@places.response(200, page_of(AreaChangeView))
@refuses(NotFound, Forbidden)
def list_changes(asked: dict[str, Any], area_id: UUID) -> dict[str, Any]:
    """What became of an area, newest first: also what was merged or moved into it."""
    area = find(Area, area_id)
    allow(works_over(caller(), area.path))
    about_it = (AreaChange.area_id == area.id) | (AreaChange.into_id == area.id)
    return page(select(AreaChange).where(about_it), asked, by=(AreaChange.id,))


@places.get("/areas/<uuid:area_id>/households")
@requires(workers)
@places.arguments(DoorQuery, location="query")
@places.response(200, page_of(DoorView))
@refuses(NotFound, Forbidden)
def list_doors(asked: dict[str, Any], area_id: UUID) -> dict[str, Any]:
    """The doors in an area and below it, for whoever works there: a door is personal data."""
    area = find(Area, area_id)
    allow(works_over(caller(), area.path))
    found = page(doors_asked_for(area, asked), asked, by=(Household.id,), newest_first=False)
    return {**found, "items": shown_doors(found["items"])}


@places.post("/areas/<uuid:area_id>/households")
@requires(workers)
@places.arguments(DoorForm)
@places.response(201, DoorView)
@refuses(NotFound, Forbidden, AreaClosed, DoorTaken)
@transactional
def open_door(form: dict[str, Any], area_id: UUID) -> dict[str, Any]:
    """Write down a door that is on no list; nobody lives behind it yet."""
    area = find(Area, area_id)
    allow(works_over(caller(), area.path))
    opened = open_household(form["door"], area=area)
    trail.record("households.open", opened)
    return shown_doors([(opened, area)])[0]


def _followers() -> Followers:
    followers: Followers = current_app.extensions["followers"]
    return followers
