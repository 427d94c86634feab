"""Areas: opening one below another."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from backend.foundation.db import add, session
from backend.foundation.ids import uuid7
from backend.places.models import AREA_KINDS, Area, Household


def open_area(name: str, *, kind: str, parent: Area | None = None) -> Area:
    """Add an area. Its path begins with its parent's, so rights and figures follow the path."""
    if kind not in AREA_KINDS:
        raise ValueError(f"{kind} is no kind of area")
    area_id = uuid7()
    path = f"{parent.path if parent else '/'}{_short(area_id)}/"
    return add(Area(id=area_id, kind=kind, name=name, path=path, parent_id=parent.id if parent else None))


def open_household(door: str, *, area: Area) -> Household:
    """A door that people may live behind."""
    household = Household(office_id=area.office_id, id=uuid7(), area_id=area.id)
    household.door = door
    return add(household)


def paths_of_households(household_ids: Collection[UUID]) -> dict[UUID, str]:
    """In which areas these households lie."""
    rows = session().execute(
        select(Household.id, Area.path)
        .join(Area, (Area.office_id == Household.office_id) & (Area.id == Household.area_id))
        .where(Household.id.in_(household_ids))
    )
    return {row.id: row.path for row in rows}


def _short(area_id: UUID) -> str:
    return area_id.hex[-12:]
