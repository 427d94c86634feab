"""What a screen shows about areas and doors: as many statements for one row as for a hundred."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from backend.foundation.db import find, session
from backend.foundation.search import matches
from backend.places.areas import within
from backend.places.models import Area, Household, index_of_door
from backend.places.paths import above, said, steps

COUNTED = {"grid": "grids", "building": "buildings", "unit": "units"}


def areas_asked_for(asked: dict[str, Any]) -> Select[Area]:
    """The areas of a list: by parent, kind and state, found by Chinese, pinyin or initials."""
    is_open = asked["state"] == "open"
    query = select(Area).where(Area.merged_into_id.is_(None) if is_open else Area.merged_into_id.is_not(None))
    if q := asked.get("q"):
        query = query.where(matches(Area.search, q))
    for name in ("parent_id", "kind", "nature"):
        if asked.get(name):
            query = query.where(getattr(Area, name) == asked[name])
    return query


def shown_area(area: Area) -> dict[str, Any]:
    """One area with the way to it and what lies in it; what was merged away lies below what it was merged into."""
    names = above([area.path])
    return {
        **{column.key: getattr(area, column.key) for column in Area.__table__.columns},
        "chain": [names[step] for step in steps(area.path)],
        "merged_into": find(Area, area.merged_into_id) if area.merged_into_id else None,
        "counts": counts_below(area),
    }


def counts_below(area: Area) -> dict[str, int]:
    """How many open areas of each kind, and how many doors, lie below an area."""
    below = (
        session()
        .execute(
            select(Area.kind, func.count())
            .where(Area.path.startswith(area.path, autoescape=True), Area.merged_into_id.is_(None), Area.id != area.id)
            .group_by(Area.kind)
        )
        .all()
    )
    doors = select(func.count()).select_from(Household).where(*_doors_in(area))
    kinds = {row[0]: row[1] for row in below}
    return {name: kinds.get(kind, 0) for kind, name in COUNTED.items()} | {"households": session().scalar(doors) or 0}


def doors_asked_for(area: Area, asked: dict[str, Any]) -> Select[Household, Area]:
    """The doors in an area and below it; `q` is a door as it is written somewhere, found whole."""
    query = (
        select(Household, Area)
        .join(Area, (Area.office_id == Household.office_id) & (Area.id == Household.area_id))
        .where(*_doors_in(area))
    )
    if q := asked.get("q"):
        query = query.where(Household.door_index == index_of_door(q))
    return query


def shown_doors(rows: Sequence[tuple[Household, Area]]) -> list[dict[str, Any]]:
    """Doors, unsealed, and where they are."""
    names = above({area.path for _, area in rows})
    return [
        {"id": household.id, "door": household.door, "area": area, "where": said(area.path, names)}
        for household, area in rows
    ]


def _doors_in(area: Area) -> tuple[Any, ...]:
    return (Household.area_id.in_(within(area.path)), Household.merged_into_id.is_(None))
