"""What a group has going on: asked by the lower floor of groups before one of them ends, wired in `web.py`."""

from uuid import UUID

from sqlalchemy import func, or_, select

from backend.activities.models import Activity, ActivityHost
from backend.foundation.db import session
from backend.groups.errors import GroupClosed
from backend.groups.models import Group


def running_of(group_id: UUID) -> int:
    """How many activities that the group holds are published and neither settled nor cancelled."""
    together = select(ActivityHost.activity_id).where(ActivityHost.group_id == group_id)
    theirs = or_(Activity.group_id == group_id, Activity.id.in_(together))
    query = select(func.count()).select_from(Activity)
    return session().scalars(query.where(theirs, Activity.state == "published")).one()


def refuse_of_a_closed_group(group_id: UUID | None) -> None:
    """A suspended or dissolved group begins nothing; it stays as open as it is until the deed ends.

    Raises `GroupClosed`.
    """
    if group_id is None:
        return
    query = select(Group).where(Group.id == group_id).with_for_update(read=True)
    if not session().scalars(query, execution_options={"populate_existing": True}).one().is_open:
        raise GroupClosed()
