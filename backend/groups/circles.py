"""Starting a circle (幸福圈)."""

from uuid import UUID

from backend.foundation.clock import now
from backend.foundation.db import add, find
from backend.foundation.search import searchable
from backend.groups.errors import AreaNeeded, NameRefused
from backend.groups.filing_rules import refused_as
from backend.groups.history import begun
from backend.groups.models import Group, Membership
from backend.people.errors import ResidentNeeded
from backend.people.models import Person
from backend.people.roles import grant_role
from backend.people.scopes import over_group
from backend.places.areas import community_of, open_ground
from backend.places.models import Area, Household


def start_circle(founder: Person, *, name: str, theme: str, category: str, area_id: UUID | None = None) -> Group:
    """Found a circle: its founder leads it and is its first member.

    Without an area it belongs to the founder's community; raises `AreaNeeded` if they have none, `NotFound` for
    another office's area, `AreaClosed`, `AdultNeeded`, or `ResidentNeeded`: who leads is known to the community.
    `NameRefused` is for what could never be filed: owners' committees, bodies of the residents' committee, businesses.
    """
    if founder.verified != "resident":
        raise ResidentNeeded()
    if (kind := refused_as(name)) is not None:
        raise NameRefused(kind=kind)
    area = open_ground(area_id) if area_id else _area_of(founder)
    at = now()
    circle = add(
        Group(
            name=name,
            theme=theme,
            category=category,
            area_id=area.id,
            founder_id=founder.id,
            members=1,
            search=searchable(name, theme),
            started_at=at,
        )
    )
    begun(circle)
    add(Membership(group_id=circle.id, person_id=founder.id, joined_at=at))
    grant_role(founder.id, "leader", over_group(circle.id, circle.name, within=area.path), granted_by_id=None)
    return circle


def _area_of(person: Person) -> Area:
    if person.household_id is None:
        raise AreaNeeded()
    return open_ground(community_of(find(Household, person.household_id).area_id).id)
