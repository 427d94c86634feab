"""Suspending a group and letting it go on.

A suspended group takes no members and begins nothing: its drafts are not published, by anybody, and only a worker
raises its budgets. What is published goes on, because people have signed up for it.
"""

from backend.foundation import outbox, trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find
from backend.groups.errors import GroupClosed, NotSuspended, ResumingBlocked
from backend.groups.history import change_stage
from backend.groups.leading import leaders_of, refuse_own
from backend.groups.models import Group
from backend.messages.texts import GROUP


def suspend(group: Group, *, by: Caller, reason: str) -> tuple[Group, bool]:
    """Suspend it; and whether that is new. Raises `OwnGroup`, or `GroupClosed` for a dissolved one."""
    group = find(Group, group.id, locked=True)
    refuse_own(group, by)
    if group.stage == "suspended":
        return group, False
    if group.stage == "dissolved":
        raise GroupClosed()
    before = group.stage
    change_stage(group, "suspended")
    _told(group, "suspend", before, reason)
    return group, True


def resume(group: Group, *, by: Caller, reason: str) -> tuple[Group, bool]:
    """Let it go on with the stage it was in; and whether that is new.

    Raises `OwnGroup`, `NotSuspended`, or `ResumingBlocked` with what is missing: a leader, an overdue confirmation.
    """
    group = find(Group, group.id, locked=True)
    refuse_own(group, by)
    if group.stage != "suspended":
        raise NotSuspended()
    missing = []
    if not leaders_of(group):
        missing.append("还没有队长，请先指定队长")
    if group.confirm_due_on is not None and shanghai_day(now()) > group.confirm_due_on:
        missing.append(f"{group.confirm_due_on.year - 1} 年度确认还没有办理")
    if missing:
        raise ResumingBlocked(missing="；".join(missing))
    change_stage(group, group.suspended_from or ("filed" if group.filed_at else "circle"))
    _told(group, "resume", "suspended", reason)
    return group, True


def _told(group: Group, verb: str, before: str, reason: str) -> None:
    at = now()
    for leader in leaders_of(group):
        outbox.put(
            f"group_{verb}:{group.id}:{leader.id}:{at:%Y%m%d%H%M%S%f}",
            topic=GROUP,
            person_id=leader.id,
            facts={"what": verb, "name": group.name, "group": group.id},
        )
    trail.record(f"groups.{verb}", group, reason=reason, before={"state": before}, after={"state": group.stage})
