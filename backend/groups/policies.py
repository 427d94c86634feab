"""What an office demands of its groups, and how it changes that."""

from typing import Any

from sqlalchemy import select

from backend.foundation import trail
from backend.foundation.db import insert_once, session
from backend.groups.filing_models import GroupPolicy

USUAL: dict[str, int] = {"members_at_least": 10, "review_days": 7, "decision_days": 7, "appeal_days": 7}


def policy() -> GroupPolicy:
    """The office's own, or what is usual."""
    return session().scalar(select(GroupPolicy)) or GroupPolicy(**USUAL)


def change_policy(form: dict[str, Any]) -> GroupPolicy:
    """Change what is given; filings that wait keep the day they were told."""
    insert_once(GroupPolicy, **USUAL)
    changed = session().scalars(select(GroupPolicy).with_for_update()).one()
    for name, value in form.items():
        setattr(changed, name, value)
    session().flush()
    trail.record("group_policies.change", changed, after=dict.fromkeys(sorted(form), "given"))
    return changed
