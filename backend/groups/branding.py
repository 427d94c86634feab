"""Filed groups that the office puts forward as brands (品牌组织): there is a target, so it is said by whom and why."""

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.db import find
from backend.groups.errors import NotFiled, NothingChanged
from backend.groups.history import change_brand
from backend.groups.leading import refuse_own
from backend.groups.models import Group


def call_a_brand(group: Group, *, is_brand: bool, by: Caller, reason: str) -> Group:
    """Put a group forward as a brand, or no more. Raises `OwnGroup`, `NotFiled` or `NothingChanged`."""
    group = find(Group, group.id, locked=True)
    refuse_own(group, by)
    if is_brand and group.stage != "filed":
        raise NotFiled()
    if group.is_brand == is_brand:
        raise NothingChanged()
    change_brand(group, is_brand)
    before, after = ("none", "brand") if is_brand else ("brand", "none")
    trail.record("groups.brand", group, reason=reason, before={"state": before}, after={"state": after})
    return group
