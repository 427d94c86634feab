"""Writing a list of doors down: the areas that are missing, and a household for each door that is not there yet.

What is there stays as it is, and unique keys decide what is there. So the same list can be written twice, by two at
once, or again after it was killed half-way, and in the end everything is there once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from backend.foundation.crypto import seal
from backend.foundation.db import inserting, session
from backend.foundation.ids import uuid7
from backend.foundation.tenancy import office_in_force
from backend.places.areas import hold_still, new_area
from backend.places.door_lists import NAMES, Problem, Reading, Row
from backend.places.models import AREA_KINDS, Area, Household, door_place, index_of_door
from backend.places.renaming import NATURES_IN_CHINESE

ROWS_AT_ONCE = 500  # in one transaction


class Key(NamedTuple):
    """By what an area is found: below which one, of which kind, called what."""

    parent_id: UUID | None
    kind: str
    name: str


@dataclass(frozen=True)
class Written:
    """What was new in one piece of a list; `skipped` rows named an area that was merged away meanwhile."""

    areas: int
    households: int
    skipped: int


def in_pieces(rows: Sequence[Row], *, begin: int = 0) -> Iterator[Sequence[Row]]:
    """The rows from `begin` on, so many at once as go into one transaction."""
    for first in range(begin, len(rows), ROWS_AT_ONCE):
        yield rows[first : first + ROWS_AT_ONCE]


def hold_against_office(reading: Reading) -> None:
    """Note what is wrong with rows because of what the office has already, and take them out."""
    known = _Known.of_the_office()
    kept = []
    for row in reading.rows:
        trouble = known.trouble_with(row)
        if trouble is None:
            kept.append(row)
        else:
            reading.problems.append(trouble)
    reading.rows = kept
    reading.problems.sort(key=lambda problem: problem.row)


def write(rows: Sequence[Row]) -> Written:
    """Open what is missing for these rows: one deed, a few statements however many rows there are."""
    hold_still()
    known = _Known({}, {}, set())
    opened = 0
    for kind in AREA_KINDS:
        opened += _open_missing(kind, rows, known)
    doors = [(row, area_id) for row in rows if (area_id := known.area_of(row)) is not None]
    return Written(opened, _open_households(doors), len(rows) - len(doors))


@dataclass
class _Known:
    """Areas by key: open ones, and keys under which there is only a closed one."""

    ids: dict[Key, UUID]
    areas: dict[UUID, Area]
    closed: set[Key]

    @classmethod
    def of_the_office(cls) -> "_Known":
        known = cls({}, {}, set())
        known.take_in(session().scalars(select(Area)))
        return known

    def take_in(self, areas: Iterable[Area]) -> None:
        for area in areas:
            key = Key(area.parent_id, area.kind, area.name)
            self.areas[area.id] = area
            if area.is_closed:
                self.closed.add(key)
            else:
                self.ids[key] = area.id

    def steps(self, row: Row) -> Iterator[tuple[Key, UUID | None]]:
        """The areas of a row from the top, as far as they are known; the first unknown one ends it."""
        parent_id: UUID | None = None
        for kind in AREA_KINDS:
            if name := getattr(row, kind):
                key = Key(parent_id, kind, name)
                parent_id = self.ids.get(key)
                yield key, parent_id
                if parent_id is None:
                    return

    def area_of(self, row: Row) -> UUID | None:
        """Where the door of a row is."""
        ids = [area_id for _, area_id in self.steps(row)]
        return ids[-1] if ids else None

    def trouble_with(self, row: Row) -> Problem | None:
        for key, area_id in self.steps(row):
            if area_id is None and key in self.closed:
                return Problem(row.number, NAMES[key.kind], "已并入别的区域，请改为现在的名称")
            if area_id is not None and key.kind == "community" and self.areas[area_id].nature != row.nature:
                there = NATURES_IN_CHINESE[self.areas[area_id].nature or ""]
                return Problem(row.number, NAMES["nature"], f"系统中登记的是“{there}”，请先核对")
        return None


def _open_missing(kind: str, rows: Sequence[Row], known: _Known) -> int:
    """Learn or open every area of that kind which the rows name; how many were new."""
    wanted: dict[Key, Row] = {}
    for row in rows:
        for key, _ in known.steps(row):
            if key.kind == kind:
                wanted.setdefault(key, row)
    if not wanted:
        return 0
    known.take_in(_found(wanted))
    missing = [key for key in wanted if key not in known.ids and key not in known.closed]
    if not missing:
        return 0
    columns = [
        new_area(
            key.name,
            kind=kind,
            parent=known.areas[key.parent_id] if key.parent_id else None,
            nature=wanted[key].nature,
        )
        | {"office_id": office_in_force()}
        for key in missing
    ]
    opened = session().scalars(inserting(Area).values(columns).on_conflict_do_nothing().returning(Area)).all()
    known.take_in(opened)
    if len(opened) < len(missing):  # Somebody else imports the same: what they opened is there by now.
        known.take_in(_found([key for key in missing if key not in known.ids]))
    return len(opened)


def _found(wanted: Iterable[Key]) -> list[Area]:
    """The areas with these names below these parents, closed ones too; a few more may be among them."""
    keys = list(wanted)
    parents = {key.parent_id for key in keys}
    is_below = Area.parent_id.is_(None) if parents == {None} else Area.parent_id.in_(parents - {None})
    query = select(Area).where(Area.kind == keys[0].kind, Area.name.in_({key.name for key in keys}), is_below)
    return list(session().scalars(query))


def _open_households(doors: Sequence[tuple[Row, UUID]]) -> int:
    """A household for each door that has none; how many were new."""
    office_id = office_in_force()
    columns = []
    for row, area_id in doors:
        household_id = uuid7()
        columns.append(
            {
                "office_id": office_id,
                "id": household_id,
                "area_id": area_id,
                "door_sealed": seal(row.door, place=door_place(household_id, office_id=office_id)),
                "door_index": index_of_door(row.door, office_id=office_id),
            }
        )
    if not columns:
        return 0
    written = inserting(Household).values(columns).on_conflict_do_nothing().returning(Household.id)
    return len(session().scalars(written).all())
