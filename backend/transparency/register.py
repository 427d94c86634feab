"""The register of filed groups: what everybody may look up, and what an officer takes away as a table.

The public sees the group and never who is in it: its name, category, community, number, day and level, and how many
members it has where those are at least five.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, and_, select

from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, session
from backend.foundation.search import matches
from backend.groups.models import Group
from backend.people.queries import people_now
from backend.people.role_models import Role
from backend.people.roles import in_force
from backend.places.areas import within
from backend.places.models import Area
from backend.transparency.district_figures import cell

CATEGORIES = {
    "service": "服务",
    "public_good": "公益",
    "mutual_aid": "互助",
    "culture_sports": "文体",
    "governance": "治理",
}
LEVELS = {"emerging": "培育中", "filed": "已备案", "registered": "已登记"}
STAGES = {"circle": "幸福圈", "forming": "备案中", "filed": "已备案", "suspended": "已暂停", "dissolved": "已解散"}

PUBLIC_HEADINGS = ("名称", "类别", "社区", "备案编号", "备案日期", "状态", "法律层级", "品牌", "成员数")
OFFICE_HEADINGS = (*PUBLIC_HEADINGS, "负责人", "活动场所", "登记证号", "登记日期", "年度确认截止")

AT_ONCE = 500  # groups read in one statement for a table


def filed_groups(asked: dict[str, Any]) -> Select[Group, Area]:
    """Groups that were filed, with their community; dissolved ones only where they are asked for."""
    query = (
        select(Group, Area)
        .join(Area, and_(Area.office_id == Group.office_id, Area.id == Group.area_id))
        .where(Group.filing_number.is_not(None))
    )
    if asked.get("stage"):
        query = query.where(Group.stage == asked["stage"])
    else:
        query = query.where(Group.stage != "dissolved")
    if asked.get("area_id"):
        query = query.where(Group.area_id.in_(within(find(Area, asked["area_id"]).path)))
    for name in ("category", "level"):
        if asked.get(name):
            query = query.where(getattr(Group, name) == asked[name])
    if q := asked.get("q"):
        query = query.where(matches(Group.search, q))
    return query


def shown_in_public(row: Any) -> dict[str, Any]:
    """A filed group as everybody sees it."""
    group, area = row
    names = ("id", "name", "theme", "category", "stage", "level", "filing_number", "is_brand")
    return {name: getattr(group, name) for name in names} | {
        "area": {"id": area.id, "name": area.name},
        "filed_on": shanghai_day(group.filed_at),
        "members": cell(group.members),
    }


def public_rows(asked: dict[str, Any]) -> Iterator[Sequence[Any]]:
    """The register as a table for everybody."""
    for batch in _batches(asked):
        for group, area in batch:
            yield _public_row(group, area)


def office_rows(asked: dict[str, Any]) -> Iterator[Sequence[Any]]:
    """The register as a table for the office, with leaders by their masked names."""
    for batch in _batches(asked):
        leaders = _leaders([group for group, _ in batch])
        for group, area in batch:
            yield (
                *_public_row(group, area, in_full=True),
                "、".join(leaders.get(group.id, ())),
                group.venue or "",
                group.registration_number or "",
                group.registered_on,
                group.confirm_due_on,
            )


def _batches(asked: dict[str, Any]) -> Iterator[list[Any]]:
    last = None
    while True:
        query = filed_groups(asked).order_by(Group.id).limit(AT_ONCE)
        batch = list(session().execute(query if last is None else query.where(Group.id > last)))
        if not batch:
            return
        yield batch
        last = batch[-1][0].id


def _public_row(group: Group, area: Area, *, in_full: bool = False) -> tuple[Any, ...]:
    members = group.members if in_full else cell(group.members).value
    assert group.filed_at is not None  # noqa: S101  # it has a number
    return (
        group.name,
        CATEGORIES[group.category],
        area.name,
        group.filing_number,
        shanghai_day(group.filed_at),
        STAGES[group.stage],
        LEVELS[group.level],
        "是" if group.is_brand else "",
        "少于5人" if members is None else members,
    )


def _leaders(groups: Sequence[Group]) -> dict[Any, list[str]]:
    scopes = {f"group:{group.id}": group.id for group in groups}
    held = session().execute(
        select(Role.scope, Role.person_id).where(Role.scope.in_(scopes), Role.role == "leader", in_force(now()))
    )
    rows = [(scope, person_id) for scope, person_id in held]
    people = people_now(person_id for _, person_id in rows)
    found: dict[Any, list[str]] = {}
    for scope, person_id in rows:
        found.setdefault(scopes[scope], []).append(people[person_id].masked_name)
    return found
