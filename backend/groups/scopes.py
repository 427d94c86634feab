"""A group as the scope of a role: leaders, deputies and helpers hold theirs over it."""

from uuid import UUID

from sqlalchemy import Select, select

from backend.foundation.db import find
from backend.groups.models import Group
from backend.people.scopes import Scope, areas_within, over_group
from backend.places.models import Area


def group_scope(group_id: UUID) -> Scope:
    """The group, and the area it lies in. Raises `NotFound`."""
    group = find(Group, group_id)
    return over_group(group.id, group.name, within=find(Area, group.area_id).path)


def groups_within(path: str) -> Select[UUID]:
    """The ids of the groups of an area and of everything below it."""
    return select(Group.id).where(Group.area_id.in_(areas_within(path)))
