"""What people list for their neighbours, and capable people in every stage of becoming one."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select

from backend.cli.seeding import names
from backend.cli.seeding.beginning import DAYS, began_at, communities, residents_of, worker_of
from backend.cli.seeding.sizes import Size
from backend.foundation.clock import as_of
from backend.foundation.db import session
from backend.foundation.ids import uuid7
from backend.foundation.search import searchable
from backend.people.models import Person
from backend.places.areas import within
from backend.places.models import Area, Household
from backend.places.paths import steps
from backend.skills.models import VISIBILITIES, CapablePerson, SkillListing
from backend.skills.vocabulary import SUGGESTED

LIST_SOMETHING = 12  # one of so many grown residents
ARE_KNOWN = 200


def is_there(number: int) -> bool:
    here = SkillListing.seen_from_id.in_(within(communities()[number].path))
    return session().scalars(select(SkillListing.id).where(here).limit(1)).first() is not None


def make(size: Size, number: int, dice: Random) -> None:
    """One in twelve lists something; one in two hundred is suggested for something."""
    area = communities()[number]
    people = residents_of(area)
    began = began_at()
    ground = _ground(area)
    homes = {row.id: row.area_id for row in session().execute(select(Household.id, Household.area_id))}
    listed = [
        _listing(person, ground[homes[person.household_id]], began + timedelta(days=dice.uniform(1, DAYS - 1)), dice)
        for person in dice.sample(people, max(1, len(people) // LIST_SOMETHING))
        if person.household_id
    ]
    session().execute(insert(SkillListing), sorted(listed, key=lambda row: row["id"]))
    worker = worker_of(area.id)
    known = dice.sample(people, max(6, len(people) // ARE_KNOWN))
    rows = [
        _capable(person, dice.choice([each for each in people if each.id != person.id]), worker, area, began, dice)
        for person in known
    ]
    session().execute(
        insert(CapablePerson), [CapablePerson.at_rest(row) for row in sorted(rows, key=lambda row: row["id"])]
    )


def _ground(community: Area) -> dict[Any, dict[str, Any]]:
    """Unit → from where a listing may be seen."""
    areas = {area.path: area for area in session().scalars(select(Area).where(Area.path.startswith(community.path)))}
    return {
        area.id: {areas[step].kind: areas[step].id for step in steps(area.path)}
        for area in areas.values()
        if area.kind == "unit"
    }


def _listing(person: Person, ground: dict[str, Any], at: datetime, dice: Random) -> dict[str, Any]:
    kind = dice.choice(tuple(SUGGESTED))
    title = dice.choice(SUGGESTED[kind])
    visibility = dice.choices(VISIBILITIES, (15, 25, 60))[0]
    note = dice.choice(("周末有空", "晚上七点以后", "可以上门", ""))
    with as_of(at):
        return {
            "office_id": person.office_id,
            "id": uuid7(),
            "person_id": person.id,
            "lister_id": person.id,
            "household_id": person.household_id,
            "kind": kind,
            "title": title,
            "note": note,
            "visibility": visibility,
            "seen_from_id": ground[visibility],
            "shown_as": dice.choice(("name", "masked")),
            "search": searchable(title, note),
            "listed_at": at,
        }


def _capable(
    person: Person, finder: Person, worker: Person, area: Area, began: datetime, dice: Random
) -> dict[str, Any]:
    at = began + timedelta(days=dice.uniform(30, DAYS - 30))
    title = dice.choice(SUGGESTED[dice.choice(("skill", "profession"))])
    state = dice.choices(("accepted", "suggested", "invited", "declined"), (70, 12, 10, 8))[0]
    later = at + timedelta(days=3)
    is_closed = state == "declined"
    with as_of(at):
        return {
            "office_id": person.office_id,
            "id": uuid7(),
            "person_id": person.id,
            "finder_id": finder.id,
            "area_id": area.id,
            "title": title,
            "reason": dice.choice(names.SUGGESTION_REASONS),
            "state": state,
            "shown_as": dice.choice(("name", "masked")),
            "search": searchable(title),
            "suggested_at": at,
            "worker_id": None if state == "suggested" else worker.id,
            "decided_at": None if state == "suggested" else later,
            "accepted_at": later + timedelta(days=1) if state == "accepted" else None,
            "closed_at": later + timedelta(days=1) if is_closed else None,
            "closed_by_id": person.id if is_closed else None,
        }
