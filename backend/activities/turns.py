"""Who waits for whom at one activity.

Every deed locks the activity's row before anything else, and at once as strongly as it will need: on PostgreSQL a lock
that is strengthened later deadlocks with whoever waits for the row meanwhile. On SQLite a deed is alone anyway.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.activities.models import Activity
from backend.foundation.db import session
from backend.foundation.errors import NotFound


def in_line(activity_id: UUID) -> Activity:
    """For who takes a place: one after the other, so that places and the waiting list are counted once."""
    return _locked(activity_id, key_share=True)


def side_by_side(activity_id: UUID) -> Activity:
    """For who is there: many at once, but never while the activity is closed, topped up, or a place is given up."""
    return _locked(activity_id, read=True, key_share=True)


def alone(activity_id: UUID) -> Activity:
    """For who changes what the others count on."""
    return _locked(activity_id)


def _locked(activity_id: UUID, **how: Any) -> Activity:
    wanted = select(Activity).where(Activity.id == activity_id).with_for_update(**how)
    activity = session().scalar(wanted, execution_options={"populate_existing": True})
    if activity is None:
        raise NotFound()
    return activity
