"""Reading a path: which areas lie above, and how people say where something is."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select

from backend.foundation.db import session
from backend.places.models import Area


def steps(path: str) -> list[str]:
    """The paths of everything above and of itself, from the top: /a/b/ → /a/, /a/b/."""
    parts = path.strip("/").split("/")
    return [f"/{'/'.join(parts[: n + 1])}/" for n in range(len(parts))]


def above(paths: Iterable[str]) -> dict[str, Area]:
    """Every area on the way to these, itself included, by path; one statement for them all."""
    wanted: Collection[str] = {step for path in paths for step in steps(path)}
    return {area.path: area for area in session().scalars(select(Area).where(Area.path.in_(wanted)))}


def said(path: str, areas: Mapping[str, Area]) -> str:
    """Where that is, in words: 幸福社区 第一网格 1号楼."""
    return " ".join(areas[step].name for step in steps(path) if step in areas)
