"""The figures of an office by community and month, each with the exact list behind it.

A month that is over is taken down once, by the clock, because people move and groups change hands; from then on its
figures are those. A month that runs, or that was over before we began, is counted when it is asked for.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.db import insert_once, session
from backend.groups.models import Group
from backend.people.queries import people_by_id
from backend.places.models import Area
from backend.transparency.district_figures import FEWEST
from backend.transparency.figure_definitions import BY_NAME, FIGURES, QUERY_VERSION, Figure
from backend.transparency.figure_models import FigureSnapshot, fingerprint_of, packed
from backend.transparency.months import Month, this_month


@dataclass(frozen=True)
class Counted:
    """A figure of one community."""

    ids: Sequence[UUID]  # sorted
    query_version: int
    taken_at: datetime | None  # empty: counted now


def figures_of(month: Month) -> list[dict[str, Any]]:
    """One item for each community, in the order of opening."""
    found = _known(month)
    return [_shown(area, {name: each[area.id] for name, each in found.items()}) for area in _communities()]


def public_figures_of(month: Month) -> list[dict[str, Any]]:
    """The same without figures about fewer than five people, nor those from which one could be worked out."""
    shown = figures_of(month)
    for figure in FIGURES:
        cells = [item["figures"][figure.name] for item in shown]
        few = [cell for cell in cells if figure.is_about_people and 0 < cell["value"] < FEWEST]
        others = sorted((cell for cell in cells if cell not in few), key=lambda cell: int(cell["value"]))
        # One that is missing alone is the total less the others: the smallest of these goes with it.
        for cell in few + (others[:1] if len(few) == 1 else []):
            cell.update(value=None, per_mille=None, is_withheld=True, is_reached=None)
    for item in shown:
        hidden = item["figures"]["residents"]["is_withheld"]
        for cell in item["figures"].values():
            if hidden and cell["per_mille"] is not None:
                cell["per_mille"] = None
    return shown


def behind(month: Month, figure_name: str, area_id: UUID) -> Counted:
    """Everybody behind one figure of one community."""
    return _known(month, only=figure_name)[figure_name][area_id]


def shown_behind(figure: Figure, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """The list behind a figure as those who may read it see it: groups by name, people masked."""
    if figure.is_about_people:
        people = people_by_id(ids)
        return [{"id": each, "name": people[each].masked_name, "filing_number": None} for each in ids]
    groups = {group.id: group for group in session().scalars(select(Group).where(Group.id.in_(ids)))}
    return [{"id": each, "name": groups[each].name, "filing_number": groups[each].filing_number} for each in ids]


def months_to_take() -> list[str]:
    """The month before this one, if nobody has taken it down yet."""
    last = this_month().before
    taken = select(FigureSnapshot.id).where(
        FigureSnapshot.month == str(last), FigureSnapshot.query_version == QUERY_VERSION
    )
    return [] if session().scalar(taken.limit(1)) is not None else [str(last)]


def take_down(month: str) -> bool:
    """Keep every figure of a month that is over; whether anything was new."""
    counted = _counted(Month.read(month), FIGURES)
    at = now()
    new = [
        insert_once(
            FigureSnapshot,
            month=month,
            figure=name,
            area_id=area.id,
            query_version=QUERY_VERSION,
            value=len(by_area[area.id].ids),
            ids_packed=packed(by_area[area.id].ids),
            fingerprint=fingerprint_of(by_area[area.id].ids),
            taken_at=at,
        )
        for area in _communities()
        for name, by_area in counted.items()
    ]
    return any(row is not None for row in new)


def _known(month: Month, *, only: str | None = None) -> dict[str, dict[UUID, Counted]]:
    """As it was taken down; what was not is counted."""
    wanted = [BY_NAME[only]] if only else list(FIGURES)
    found = _counted(month, wanted) if not month.is_over else {}
    kept = select(FigureSnapshot).where(
        FigureSnapshot.month == str(month), FigureSnapshot.figure.in_([figure.name for figure in wanted])
    )
    for row in session().scalars(kept.order_by(FigureSnapshot.query_version)) if month.is_over else ():
        kept_of = found.setdefault(row.figure, defaultdict(_nothing))
        kept_of[row.area_id] = Counted(row.ids, row.query_version, row.taken_at)
    missing = [figure for figure in wanted if figure.name not in found]
    return found | (_counted(month, missing) if missing else {})


def _counted(month: Month, figures: Iterable[Figure]) -> dict[str, dict[UUID, Counted]]:
    """One statement for each figure, for all communities at once."""
    by_path = {area.path: area.id for area in _communities()}
    found: dict[str, dict[UUID, Counted]] = {}
    for figure in figures:
        ids: dict[UUID, list[UUID]] = defaultdict(list)
        for community, subject in session().execute(figure.rows(month)):
            if community in by_path:
                ids[by_path[community]].append(subject)
        counted = {area_id: Counted(sorted(each, key=_in_bytes), QUERY_VERSION, None) for area_id, each in ids.items()}
        found[figure.name] = defaultdict(_nothing, counted)
    return found


def _in_bytes(one: UUID) -> bytes:
    return one.bytes


def _nothing() -> Counted:
    return Counted((), QUERY_VERSION, None)


def _communities() -> Sequence[Area]:
    open_ones = select(Area).where(Area.kind == "community", Area.merged_into_id.is_(None)).order_by(Area.id)
    return session().scalars(open_ones).all()


def _shown(area: Area, counted: dict[str, Counted]) -> dict[str, Any]:
    return {
        "area": {"id": area.id, "name": area.name, "nature": area.nature},
        "figures": {figure.name: _cell(figure, counted, area.nature or "urban") for figure in FIGURES},
    }


def _cell(figure: Figure, counted: dict[str, Counted], nature: str) -> dict[str, Any]:
    value, target = len(counted[figure.name].ids), figure.target.get(nature)
    out_of = len(counted[figure.out_of].ids) if figure.out_of else None
    return {
        "said": figure.said,
        "value": value,
        "per_mille": value * 1000 // out_of if out_of else None,
        "target": target,
        "is_reached": value >= target if target is not None else None,
        "is_withheld": False,
        "query_version": counted[figure.name].query_version,
        "taken_at": counted[figure.name].taken_at,
    }
