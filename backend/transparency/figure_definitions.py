"""What each figure of a community counts, and against which target. Change a rule here and raise QUERY_VERSION.

Targets: the Beijing plan of 2021–2023 to foster community social organisations (培育发展社区社会组织专项行动): at
least 15 groups in an urban and 8 in a rural community, 2 brands, 5 fostered, and 5 more filed each year.
居民组织化程度 is the share of residents who belong to a group, 参与率 the share who came to an activity in the month.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from backend.activities.models import CheckIn
from backend.groups.life_models import GroupChange
from backend.groups.models import Group, Membership
from backend.people.models import Person
from backend.places.models import Area, Household
from backend.transparency.months import Month

QUERY_VERSION = 1

FOSTERED_MEMBERS = 5  # a circle of fewer is not yet one that is being fostered

_COMMUNITY = func.substr(Area.path, 1, 14)  # a path begins with its community: "/" and twelve digits and "/"


@dataclass(frozen=True)
class Figure:
    """A number, and the query that answers with everybody behind it: (path of the community, id)."""

    name: str
    said: str
    counts: str  # group or person
    rows: Callable[[Month], Select[Any]]
    out_of: str | None = None  # the figure that it is a share of
    target: Mapping[str, int] = field(default_factory=dict)  # by the nature of the community

    @property
    def is_about_people(self) -> bool:
        return self.counts == "person"


def _filed(month: Month) -> Select[Any]:
    """Filed before the end of the month and not dissolved by then; a suspended group is still filed."""
    return _groups(Group.filed_at < month.ends, ~_had_become(month, "dissolved"))


def _filed_this_year(month: Month) -> Select[Any]:
    """Filed since 1 January, whatever became of them."""
    return _groups(Group.filed_at >= month.year_begins, Group.filed_at < month.ends)


def _brands(month: Month) -> Select[Any]:
    """Filed groups that were a brand at the end of the month."""
    return _filed(month).where(_last_change(month, "brand") == "brand")


def _fostered(month: Month) -> Select[Any]:
    """Circles, and groups that are forming, with at least five members."""
    members = (
        select(func.count())
        .select_from(Membership)
        .where(Membership.office_id == Group.office_id, Membership.group_id == Group.id, *_belonged(month))
        .scalar_subquery()
    )
    stage = func.coalesce(_last_change(month, "stage"), Group.stage)
    return _groups(Group.started_at < month.ends, stage.in_(("circle", "forming")), members >= FOSTERED_MEMBERS)


def _residents(month: Month) -> Select[Any]:
    """Who was confirmed at a door of the community."""
    return (
        select(_COMMUNITY.label("community"), Person.id.label("subject"))
        .join(Household, and_(Household.office_id == Person.office_id, Household.id == Person.household_id))
        .join(Area, and_(Area.office_id == Household.office_id, Area.id == Household.area_id))
        .where(
            Person.verified == "resident",
            Person.merged_into_id.is_(None),
            or_(Person.household_since.is_(None), Person.household_since < month.ends),
        )
    )


def _organised(month: Month) -> Select[Any]:
    """Residents who belonged to a group that was not dissolved."""
    belonging = (
        select(_today())
        .select_from(Membership)
        .join(Person, and_(Person.office_id == Membership.office_id, Person.id == Membership.person_id))
        .join(Group, and_(Group.office_id == Membership.office_id, Group.id == Membership.group_id))
        .where(*_belonged(month), ~_had_become(month, "dissolved"))
    )
    return _residents(month).where(Person.id.in_(belonging))


def _participants(month: Month) -> Select[Any]:
    """Residents who were recorded at an activity in the month, wherever it took place."""
    came = (
        select(_today())
        .select_from(CheckIn)
        .join(Person, and_(Person.office_id == CheckIn.office_id, Person.id == CheckIn.person_id))
        .where(CheckIn.state == "recorded", CheckIn.checked_in_at >= month.begins, CheckIn.checked_in_at < month.ends)
    )
    return _residents(month).where(Person.id.in_(came))


FIGURES = (
    Figure("filed", "备案组织", "group", _filed, target={"urban": 15, "rural": 8}),
    Figure("filed_this_year", "本年新增备案", "group", _filed_this_year, target={"urban": 5, "rural": 5}),
    Figure("brands", "品牌组织", "group", _brands, target={"urban": 2, "rural": 2}),
    Figure("fostered", "在培育组织", "group", _fostered, target={"urban": 5, "rural": 5}),
    Figure("residents", "已认证居民", "person", _residents),
    Figure("organised", "组织化居民（居民组织化程度）", "person", _organised, out_of="residents"),
    Figure("participants", "参与居民（参与率）", "person", _participants, out_of="residents"),
)

BY_NAME = {figure.name: figure for figure in FIGURES}


def _groups(*where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(_COMMUNITY.label("community"), Group.id.label("subject"))
        .join(Area, and_(Area.office_id == Group.office_id, Area.id == Group.area_id))
        .where(*where)
    )


def _had_become(month: Month, stage: str) -> ColumnElement[bool]:
    return (
        select(GroupChange.id)
        .where(
            GroupChange.office_id == Group.office_id,
            GroupChange.group_id == Group.id,
            GroupChange.what == "stage",
            GroupChange.to_text == stage,
            GroupChange.changed_at < month.ends,
        )
        .exists()
    )


def _last_change(month: Month, what: str) -> Any:
    """What it had become last before the end of the month."""
    return (
        select(GroupChange.to_text)
        .where(
            GroupChange.office_id == Group.office_id,
            GroupChange.group_id == Group.id,
            GroupChange.what == what,
            GroupChange.changed_at < month.ends,
        )
        .order_by(GroupChange.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _belonged(month: Month) -> tuple[ColumnElement[bool], ...]:
    return (Membership.joined_at < month.ends, or_(Membership.left_at.is_(None), Membership.left_at >= month.ends))


def _today() -> ColumnElement[Any]:
    """Who somebody is today, if their account was merged into another."""
    return func.coalesce(Person.merged_into_id, Person.id)
