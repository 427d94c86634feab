"""Areas: opening one below another, the doors in them, and which area stands where one was merged away."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import NotFound
from backend.foundation.ids import uuid7
from backend.foundation.search import searchable
from backend.foundation.tenancy import office_in_force
from backend.places.errors import AreaClosed, AreaNameTaken, AreaOutOfOrder, DoorTaken
from backend.places.models import AREA_KINDS, Area, Household, Office
from backend.places.name_rules import tidy

named = aliased(Area)  # made once: what SQLAlchemy works out about an alias, it keeps with it

KINDS_IN_CHINESE = {"community": "社区", "grid": "网格", "building": "楼栋", "unit": "单元"}

# What may lie directly below what; the table itself refuses anything else.
PARENTS = {"community": (None,), "grid": ("community",), "building": ("community", "grid"), "unit": ("building",)}


def open_area(name: str, *, kind: str, parent: Area | None = None, nature: str | None = None) -> Area:
    """Add an area. Its path begins with its parent's, so rights and figures follow the path.

    A community is urban unless it is said to be rural. Raises `AreaClosed`, `AreaOutOfOrder` or `AreaNameTaken`.
    """
    if kind not in AREA_KINDS:
        raise ValueError(f"{kind} is no kind of area")
    hold_still()
    above = open_ground(parent.id) if parent else None
    if (above.kind if above else None) not in PARENTS[kind]:
        raise AreaOutOfOrder(kind=KINDS_IN_CHINESE[kind], parent=KINDS_IN_CHINESE[above.kind] if above else "街道")
    name = tidy(name)
    opened = insert_once(Area, **new_area(name, kind=kind, parent=above, nature=nature))
    if opened is None:
        raise AreaNameTaken(name=name)
    return opened


def new_area(name: str, *, kind: str, parent: Area | None, nature: str | None = None) -> dict[str, object]:
    """The columns of an area that does not exist yet, except for its office."""
    area_id = uuid7()
    return {
        "id": area_id,
        "kind": kind,
        "name": name,
        "path": path_below(parent.path if parent else "/", area_id),
        "parent_id": parent.id if parent else None,
        "parent_kind": parent.kind if parent else None,
        "nature": (nature or "urban") if kind == "community" else None,
        "search": searchable(name),
    }


def path_below(path: str, area_id: UUID) -> str:
    """Where an area lies that hangs below that path."""
    return f"{path}{area_id.hex[-12:]}/"


def open_household(door: str, *, area: Area) -> Household:
    """A door that people may live behind. Raises `AreaClosed` or `DoorTaken`."""
    ground = open_ground(area.id)
    household = Household(office_id=ground.office_id, id=uuid7(), area_id=ground.id)
    household.door = tidy(door)
    opened = insert_once(
        Household,
        id=household.id,
        area_id=ground.id,
        door_sealed=household.door_sealed,
        door_index=household.door_index,
    )
    if opened is None:
        raise DoorTaken()
    return opened


def paths_of_households(household_ids: Collection[UUID]) -> dict[UUID, str]:
    """In which areas these households lie."""
    rows = session().execute(
        select(Household.id, Area.path)
        .join(Area, (Area.office_id == Household.office_id) & (Area.id == Household.area_id))
        .where(Household.id.in_(household_ids))
    )
    return {row.id: row.path for row in rows}


def open_ground(area_id: UUID) -> Area:
    """The area, for something new: it stays as it is until the deed ends. Raises `NotFound` or `AreaClosed`."""
    query = select(Area).where(Area.id == area_id).with_for_update(read=True)
    area = session().scalar(query, execution_options={"populate_existing": True})
    if area is None:
        raise NotFound()
    if area.merged_into_id is not None:
        raise AreaClosed(name=area.name, into=find(Area, area.merged_into_id).name)
    return area


def standing(area_id: UUID) -> Area:
    """The area itself, or the one it was merged into: what counts for whatever still names it. Raises `NotFound`."""
    found = standing_for([area_id]).get(area_id)
    if found is None:
        raise NotFound()
    return found


def standing_for(area_ids: Collection[UUID]) -> dict[UUID, Area]:
    """The same for several at once, by the id that was asked for."""
    rows = session().execute(
        select(named.id, Area)
        .join(
            Area,
            (Area.office_id == named.office_id) & (Area.id == func.coalesce(named.merged_into_id, named.id)),
        )
        .where(named.id.in_(set(area_ids)))
    )
    return {row[0]: row[1] for row in rows}


def community_of(area_id: UUID) -> Area:
    """The community an area lies in, or the area itself if it is one. Raises `NotFound`."""
    path = find(Area, area_id).path
    return session().scalars(select(Area).where(Area.path == f"/{path.split('/')[1]}/")).one()


def within(path: str) -> Select[UUID]:
    """The ids of an area and of everything below it, also of what was merged into them; for `.in_(…)`."""
    return select(Area.id).where(Area.path.startswith(path, autoescape=True))


def hold_still(*, alone: bool = False) -> None:
    """Until the deed ends nobody renames or merges an area of this office; `alone`: nor opens or imports any.

    The office's row is what everybody who changes the ground takes turns on.
    """
    turn = select(Office.id).where(Office.id == office_in_force())
    session().execute(turn.with_for_update(key_share=True) if alone else turn.with_for_update(read=True)).all()
