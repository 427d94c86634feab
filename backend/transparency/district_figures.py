"""How the sub-districts of a district are doing: figures only, and none about fewer than five people.

Each figure is counted from the rows of the features, once: what was merged away is not counted, and what stands in a
merged area is counted where it now belongs.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func

from backend.activities.models import Activity, CheckIn
from backend.groups.models import Group
from backend.merchants.models import Redemption
from backend.people.models import Person
from backend.places.models import Area, Household
from backend.transparency.across import Across

FEWEST = 5  # people (or households) behind a figure; below that it could be about somebody

VERIFIED = ("none", "phone", "resident")

_areas: Any = Area.__table__
_households: Any = Household.__table__
_people: Any = Person.__table__
_groups: Any = Group.__table__
_activities: Any = Activity.__table__
_presences: Any = CheckIn.__table__
_redemptions: Any = Redemption.__table__


@dataclass(frozen=True)
class Cell:
    """A figure, or nothing where too few people are behind it."""

    value: int | None
    is_withheld: bool


def figures(across: Across) -> list[dict[str, Any]]:
    """One item for each sub-district, by number; seven statements however many there are."""
    communities = across.sums(
        _areas, _areas.c.kind == "community", _areas.c.merged_into_id.is_(None), total=func.count()
    )
    households = across.sums(_households, _households.c.merged_into_id.is_(None), total=func.count())
    people = across.sums(
        _people, **{level: func.sum(case((_people.c.verified == level, 1), else_=0)) for level in VERIFIED}
    )
    groups = across.sums(_groups, _groups.c.stage != "dissolved", total=func.count())
    activities = across.sums(_activities, _activities.c.state.in_(("published", "settled")), total=func.count())
    presences = across.sums(
        _presences,
        _presences.c.state == "recorded",
        total=func.count(),
        people=func.count(_presences.c.person_id.distinct()),
        points=func.sum(_presences.c.points),
        paid=func.count(case((_presences.c.points > 0, _presences.c.person_id)).distinct()),
    )
    redeemed = across.sums(
        _redemptions,
        _redemptions.c.state == "captured",
        points=func.sum(_redemptions.c.points),
        people=func.count(_redemptions.c.person_id.distinct()),
    )

    def of(rows: dict[int, Any], office_id: int, name: str = "total") -> int:
        return int(getattr(rows.get(office_id), name, None) or 0)

    return [
        {
            "office": each,
            "communities": of(communities, each.id),
            "households": cell(of(households, each.id)),
            "people": {level: cell(of(people, each.id, level)) for level in VERIFIED},
            "groups": of(groups, each.id),
            "activities": of(activities, each.id),
            "participations": cell(of(presences, each.id), people=of(presences, each.id, "people")),
            "points_issued": cell(of(presences, each.id, "points"), people=of(presences, each.id, "paid")),
            "points_redeemed": cell(of(redeemed, each.id, "points"), people=of(redeemed, each.id, "people")),
        }
        for each in across.offices
    ]


def cell(value: int, *, people: int | None = None) -> Cell:
    """The figure, unless fewer than five people are behind it (the figure itself, if it counts people)."""
    is_withheld = (value if people is None else people) < FEWEST
    return Cell(None if is_withheld else value, is_withheld)
