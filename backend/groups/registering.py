"""What a group is called by kind and before the law: another category, and becoming a legal person."""

from datetime import date

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.db import find, session
from backend.groups.errors import GroupClosed, NothingChanged
from backend.groups.history import change_category, change_level
from backend.groups.leading import refuse_own
from backend.groups.models import Group


def recategorise(group: Group, to: str, *, by: Caller, reason: str | None = None) -> Group:
    """Put it into another category. Raises `OwnGroup`, `GroupClosed` or `NothingChanged`."""
    group = find(Group, group.id, locked=True)
    refuse_own(group, by)
    if group.stage == "dissolved":
        raise GroupClosed()
    if group.category == to:
        raise NothingChanged()
    before = group.category
    change_category(group, to)
    trail.record("groups.recategorise", group, reason=reason, before={"state": before}, after={"state": to})
    return group


def register(group: Group, *, number: str, on: date, by: Caller, reason: str | None = None) -> Group:
    """It was registered with the civil affairs office under that number (统一社会信用代码); a repeat corrects it.

    Raises `OwnGroup`, `GroupClosed` or `NothingChanged`.
    """
    group = find(Group, group.id, locked=True)
    refuse_own(group, by)
    if group.stage == "dissolved":
        raise GroupClosed()
    if (group.registration_number, group.registered_on) == (number, on):
        raise NothingChanged()
    before = group.level
    group.registration_number, group.registered_on = number, on
    change_level(group, "registered")
    session().flush()
    trail.record("groups.register", group, reason=reason, before={"state": before}, after={"state": "registered"})
    return group
