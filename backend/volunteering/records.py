"""Every service of somebody with the fields of 民政部令第67号: day, activity, content, place, minutes, who answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from backend.activities.models import Activity, CheckIn, Session
from backend.foundation.clock import shanghai_day, start_of_day
from backend.foundation.db import session
from backend.people.queries import people_by_id
from backend.volunteering.models import VolunteerLog


@dataclass(frozen=True)
class Service:
    """One service that counts: its minutes are in the ledger."""

    id: UUID
    person_id: UUID
    day: date
    activity: str
    content: str
    place: str
    minutes: int
    responsible: str  # as the activity says; else whoever prepared or confirmed it, masked
    recorder: str


def services(*, since: date, until: date, of: Sequence[UUID] | None = None) -> list[Service]:
    """Services from `since` to `until`, both included (Asia/Shanghai), of those accounts or of everybody, by day."""
    found = [*_at_activities(since, until, of), *_reported(since, until, of)]
    return sorted(found, key=lambda service: (service.day, service.id))


def _at_activities(since: date, until: date, of: Sequence[UUID] | None) -> list[Service]:
    query = (
        select(
            CheckIn, Session.starts_at, Activity.title, Activity.place, Activity.responsible_person, Activity.creator_id
        )
        .join(Session, (Session.office_id == CheckIn.office_id) & (Session.id == CheckIn.session_id))
        .join(Activity, (Activity.office_id == CheckIn.office_id) & (Activity.id == CheckIn.activity_id))
        .where(CheckIn.serve_id.is_not(None), CheckIn.state == "recorded")
        .where(Session.starts_at >= start_of_day(since), Session.starts_at < start_of_day(_after(until)))
    )
    rows = session().execute(query if of is None else query.where(CheckIn.person_id.in_(of))).all()
    people = people_by_id({row.creator_id for row in rows} | {row[0].recorder_id for row in rows})
    return [
        Service(
            id=presence.id,
            person_id=presence.person_id,
            day=shanghai_day(starts_at),
            activity=title,
            content=title,
            place=place,
            minutes=presence.minutes,
            responsible=responsible or people[creator_id].masked_name,
            recorder=people[presence.recorder_id].masked_name,
        )
        for presence, starts_at, title, place, responsible, creator_id in rows
    ]


def _reported(since: date, until: date, of: Sequence[UUID] | None) -> list[Service]:
    query = select(VolunteerLog).where(
        VolunteerLog.serve_id.is_not(None), VolunteerLog.day >= since, VolunteerLog.day <= until
    )
    logs = session().scalars(query if of is None else query.where(VolunteerLog.person_id.in_(of))).all()
    people = people_by_id(log.decider_id for log in logs if log.decider_id is not None)
    return [
        Service(
            id=log.id,
            person_id=log.person_id,
            day=log.day,
            activity="补录服务",
            content=log.content,
            place=log.place,
            minutes=log.minutes,
            responsible=people[log.decider_id].masked_name,
            recorder=people[log.decider_id].masked_name,
        )
        for log in logs
        if log.decider_id is not None
    ]


def _after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
