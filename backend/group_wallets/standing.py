"""In what standing somebody asks about a group's wallet, and whether the group may use it now."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from backend.foundation.callers import Caller
from backend.foundation.db import find, session
from backend.foundation.errors import NotFound
from backend.group_wallets.errors import SecondLeaderNeeded
from backend.groups.applications import is_member
from backend.groups.errors import GroupClosed
from backend.groups.models import Group
from backend.people.permissions import helps, is_close, leads, works_over
from backend.people.persons import person_now
from backend.people.roles import holders_of
from backend.people.scopes import over_group
from backend.places.models import Area

REQUEST_LASTS = timedelta(days=7)  # then nobody can confirm it any more


def open_group(group_id: UUID) -> Group:
    """A group that may use its wallet; it is not closed until the deed ends. Raises `NotFound` or `GroupClosed`.

    Shared, so leaders do not wait for each other, and whoever suspends or dissolves the group waits for all of them.
    """
    wanted = select(Group).where(Group.id == group_id).with_for_update(read=True)
    group = session().scalar(wanted, execution_options={"populate_existing": True})
    if group is None:
        raise NotFound()
    if group.stage in ("suspended", "dissolved"):
        raise GroupClosed()
    return group


def refuse_as_second(decider: Caller, asker_id: UUID) -> None:
    """Raises `SecondLeaderNeeded` for whoever asked and for their household."""
    if is_close(decider, person_now(asker_id)):
        raise SecondLeaderNeeded()


def runners_of(group: Group) -> Sequence[UUID]:
    """Who leads it now, deputies too."""
    return holders_of(over_group(group.id, group.name), "leader", "deputy")


def sees_wallet(group: Group, asking: Caller) -> bool:
    """Members and those who run or look after the group; what a group has is nobody else's business."""
    return helps(asking, group.id) or looks_after(group, asking) or is_member(group.id, asking.person_id)


def sees_requests(group: Group, asking: Caller) -> bool:
    """Those who decide them, and those who look after the group."""
    return leads(asking, group.id) or looks_after(group, asking)


def looks_after(group: Group, asking: Caller) -> bool:
    return works_over(asking, find(Area, group.area_id).path) or asking.holds("auditor")
