"""What screens show about reports of hours."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from backend.foundation.callers import Caller
from backend.people.permissions import scopes_worked_over
from backend.people.persons import selves_of
from backend.people.queries import people_by_id
from backend.places.models import Area
from backend.volunteering.models import VolunteerLog


def of_person(person_id: UUID) -> Select[VolunteerLog]:
    return select(VolunteerLog).where(VolunteerLog.person_id.in_(selves_of(person_id)))


def to_be_decided(asked: dict[str, Any], *, by: Caller) -> Select[VolunteerLog]:
    """Reports of the groups somebody leads and of the areas they work over."""
    groups = [UUID(grant.scope.removeprefix("group:")) for grant in by.grants if grant.role in ("leader", "deputy")]
    areas = [
        VolunteerLog.area_id.in_(select(Area.id).where(Area.path.startswith(path, autoescape=True)))
        for path in scopes_worked_over(by)
    ]
    query = select(VolunteerLog).where(or_(VolunteerLog.group_id.in_(groups), *areas))
    states = (asked["state"],) if asked.get("state") else ("open", "seen")
    return query.where(VolunteerLog.state.in_(states))


def shown(logs: Sequence[VolunteerLog], *, to: UUID) -> list[dict[str, Any]]:
    """Reports with whoever made them, masked for others."""
    people = people_by_id(log.person_id for log in logs)
    return [
        log.as_read()
        | {"name": people[log.person_id].masked_name if log.person_id != to else people[log.person_id].name}
        for log in logs
    ]
