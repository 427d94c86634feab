"""Another name for an area, or another nature for a community. Its id and path stay, and every right over it."""

from uuid import UUID

from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.db import add, session
from backend.foundation.errors import Unprocessable
from backend.foundation.search import searchable
from backend.places.areas import hold_still, open_ground
from backend.places.errors import AreaNameTaken
from backend.places.following import Followers
from backend.places.models import Area, AreaChange
from backend.places.name_rules import tidy

NATURES_IN_CHINESE = {"urban": "城", "rural": "乡"}


def rename(
    area_id: UUID,
    *,
    name: str | None = None,
    nature: str | None = None,
    reason: str,
    by_id: UUID,
    followers: Followers,
) -> Area:
    """Change what is given, and write down what it was. Saying what is so anyway changes nothing.

    Raises `NotFound`, `AreaClosed`, `AreaNameTaken`, or `Unprocessable` for the nature of what is no community.
    """
    hold_still(alone=True)
    area = open_ground(area_id)
    if nature is not None and area.nature is None:
        raise Unprocessable(errors={"nature": ["只有社区（村）分城乡"]})
    if nature is not None and nature != area.nature:
        said = NATURES_IN_CHINESE
        _note(area, "nature_changed", said[area.nature or ""], said[nature], reason=reason, by_id=by_id)
        area.nature = nature
    called = tidy(name) if name is not None else area.name
    if called != area.name:
        if _is_taken(called, area):
            raise AreaNameTaken(name=called)
        _note(area, "renamed", area.name, called, reason=reason, by_id=by_id)
        area.name, area.search = called, searchable(called)
        session().flush()
        followers.follow({area.id: area})
    session().flush()
    return area


def _is_taken(name: str, area: Area) -> bool:
    """Nobody else opens or renames here meanwhile: they wait for their turn on the office's row."""
    twin = select(Area.id).where(
        Area.name == name,
        Area.kind == area.kind,
        Area.parent_id.is_(None) if area.parent_id is None else Area.parent_id == area.parent_id,
        Area.merged_into_id.is_(None),
        Area.id != area.id,
    )
    return session().scalar(twin) is not None


def _note(area: Area, what: str, before: str, after: str, *, reason: str, by_id: UUID) -> None:
    add(
        AreaChange(
            area_id=area.id,
            what=what,
            from_text=before,
            to_text=after,
            reason=reason,
            changed_by_id=by_id,
            changed_at=now(),
        )
    )
