"""The history of a group: what became of its stage, category, legal level, name and leader, and when.

Each function changes the group and writes that down, so that neither is there without the other.
"""

from uuid import UUID

from sqlalchemy import Select, select

from backend.foundation.acting import acting
from backend.foundation.clock import now
from backend.foundation.db import add, session
from backend.foundation.search import searchable
from backend.groups.life_models import GroupChange
from backend.groups.models import Group
from backend.people.roles import rename_scope
from backend.people.scopes import over_group


def change_stage(group: Group, to: str) -> None:
    """Into another stage of its life; a group that is suspended remembers which one it was in."""
    group.suspended_from = group.stage if to == "suspended" else None
    _change(group, "stage", to)


def change_category(group: Group, to: str) -> None:
    """娱乐型 → 自治类, say: a figure that offices report. Nothing happens if it is in that category."""
    if group.category != to:
        _change(group, "category", to)


def change_level(group: Group, to: str) -> None:
    """What it is before the law from now on. Nothing happens if it is that already."""
    if group.level != to:
        _change(group, "level", to)


def change_brand(group: Group, is_brand: bool) -> None:
    """A brand of the office (品牌组织), or one no more. Nothing happens if it is so already."""
    if group.is_brand != is_brand:
        group.is_brand = is_brand
        session().flush()
        _written(group, "brand", *(("none", "brand") if is_brand else ("brand", "none")))


def change_name(group: Group, to: str) -> None:
    """Another name, also for those who hold a role there. Nothing happens if it is called so."""
    if group.name != to:
        _change(group, "name", to)
        group.search = searchable(group.name, group.theme)
        rename_scope(over_group(group.id, to))
        session().flush()


def leader_changed(group: Group, *, before: UUID | None, after: UUID) -> None:
    """Somebody else leads it; the roles themselves are given and withdrawn by whoever calls."""
    _written(group, "leader", str(before) if before else None, str(after))


def begun(group: Group) -> None:
    """The first line: a circle was started."""
    _written(group, "stage", None, group.stage)


def changes_of(group_id: UUID) -> Select[GroupChange]:
    """For a list."""
    return select(GroupChange).where(GroupChange.group_id == group_id)


def _change(group: Group, what: str, to: str) -> None:
    before = getattr(group, what)
    setattr(group, what, to)
    session().flush()
    _written(group, what, before, to)


def _written(group: Group, what: str, before: str | None, after: str) -> None:
    add(
        GroupChange(
            group_id=group.id,
            what=what,
            from_text=before,
            to_text=after,
            changed_by_id=acting().person_id,
            changed_at=now(),
        )
    )
