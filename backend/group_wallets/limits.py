"""How much one leader may give or spend alone. A worker of the area or an officer sets it: not those it binds."""

from uuid import UUID

from sqlalchemy import select

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import add, find, session
from backend.foundation.errors import SecondPersonNeeded
from backend.group_wallets.models import GroupLimit
from backend.group_wallets.standing import runners_of
from backend.groups.models import Group
from backend.people.models import Person
from backend.people.persons import is_one_of


def limit_of(group_id: UUID, *, default: int) -> int:
    """Points above which two leaders are needed; the office's default until somebody sets the group's own."""
    newest = select(GroupLimit.points).where(GroupLimit.group_id == group_id).order_by(GroupLimit.id.desc()).limit(1)
    found = session().scalar(newest)
    return default if found is None else found


def set_limit(group: Group, *, points: int, by: Caller) -> GroupLimit:
    """From now on. Raises `SecondPersonNeeded` for those who lead the group, and for their households."""
    if is_one_of(find(Person, by.person_id), set(runners_of(group))):
        raise SecondPersonNeeded()
    limit = add(GroupLimit(group_id=group.id, points=points, set_by_id=by.person_id, set_at=now()))
    trail.record("group_limits.set", limit, after={"group": group.id})
    return limit
