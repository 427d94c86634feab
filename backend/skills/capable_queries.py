"""What people see of capable people: the list for everybody who lives here, the worker's queue, and one's own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from backend.foundation.callers import Caller
from backend.foundation.db import find, session
from backend.foundation.errors import NotFound
from backend.foundation.search import matches
from backend.people.permissions import scopes_worked_over, works_over
from backend.people.persons import selves_of
from backend.people.queries import people_now
from backend.places.areas import standing_for, within
from backend.places.models import Area
from backend.skills.models import CapablePerson
from backend.skills.queries import shown_name
from backend.skills.track_records import TrackRecord, track_records


def residents_and_staff(asking: Caller) -> bool:
    """Who may look for a capable person: neighbours, and those who work for them."""
    return asking.verified == "resident" or asking.holds("worker", "officer")


def listed(asked: dict[str, Any]) -> Select[CapablePerson]:
    """Those who agreed to be listed."""
    return _narrowed(select(CapablePerson).where(CapablePerson.state == "accepted"), asked)


def queue(asked: dict[str, Any], *, by: Caller) -> Select[CapablePerson]:
    """What waits for, or came from, the workers of the areas the caller works over."""
    query = select(CapablePerson).where(CapablePerson.state == asked["state"])
    if not works_over(by, "/"):
        paths = [Area.path.startswith(path, autoescape=True) for path in scopes_worked_over(by)]
        query = query.where(CapablePerson.area_id.in_(select(Area.id).where(or_(*paths))))
    return _narrowed(query, asked)


def own(asked: dict[str, Any], *, by: Caller) -> Select[CapablePerson]:
    """What was suggested about me, or by me."""
    side = CapablePerson.finder_id if asked["role"] == "finder" else CapablePerson.person_id
    return select(CapablePerson).where(side.in_(selves_of(by.person_id)))


def find_listed(capable_id: UUID) -> CapablePerson:
    """Somebody in the list; any other is as missing as none."""
    capable = session().scalar(listed({}).where(CapablePerson.id == capable_id))
    if capable is None:
        raise NotFound()
    return capable


def works_over_them(asking: Caller, capable: CapablePerson) -> bool:
    return works_over(asking, find(Area, capable.area_id).path)


def is_about(asking: Caller, capable: CapablePerson) -> bool:
    return capable.person_id in selves_of(asking.person_id)


def shown_listed(page: Sequence[CapablePerson]) -> list[dict[str, Any]]:
    """A page of the list; how many there are on it makes no difference to how often the database is asked."""
    people = people_now({each for row in page for each in (row.person_id, row.finder_id)})
    records = track_records([people[row.person_id] for row in page])
    areas = standing_for({row.area_id for row in page})
    return [
        {
            "id": row.id,
            "title": row.title,
            "name": shown_name(people[row.person_id], row.shown_as),
            "area": areas[row.area_id],
            "evidence": _evidence(records[people[row.person_id].id]),
            "found_by": people[row.finder_id].masked_name,
            "listed_at": row.accepted_at,
        }
        for row in page
    ]


def shown_suggestions(page: Sequence[CapablePerson]) -> list[dict[str, Any]]:
    """A page of a queue, with what the decision depends on."""
    people = people_now({each for row in page for each in (row.person_id, row.finder_id)})
    records = track_records([people[row.person_id] for row in page])
    areas = standing_for({row.area_id for row in page})
    return [
        {
            **{name: getattr(row, name) for name in ("id", "title", "reason", "state", "suggested_at", "decided_at")},
            **{name: getattr(row, name) for name in ("accepted_at", "closed_at", "shown_as")},
            "closing_reason": row.closing,
            "person": {"id": people[row.person_id].id, "name": people[row.person_id].masked_name},
            "area": areas[row.area_id],
            "evidence": _evidence(records[people[row.person_id].id]),
            "found_by": people[row.finder_id].masked_name,
        }
        for row in page
    ]


def _evidence(record: TrackRecord) -> dict[str, Any]:
    return {"minutes": record.minutes, "activities": record.activities, "groups_led": list(record.groups_led)}


def _narrowed(query: Select[CapablePerson], asked: dict[str, Any]) -> Select[CapablePerson]:
    if q := asked.get("q"):
        query = query.where(matches(CapablePerson.search, q))
    if asked.get("area_id"):
        query = query.where(CapablePerson.area_id.in_(within(find(Area, asked["area_id"]).path)))
    return query
