"""The trail on a screen: for the auditor everything, for everybody what others did about them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from backend.foundation.clock import start_of_day
from backend.foundation.ids import first_id_at
from backend.foundation.trail import TrailRow
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.people.queries import people_by_id
from backend.transparency.trail_words import said


def trail_asked_for(asked: dict[str, Any]) -> Select[TrailRow]:
    """Rows by who, for whom, what and when; a day is one in Shanghai, and an account is one also after a merge."""
    query = select(TrailRow)
    for name in ("actor_id", "beneficiary_id", "act", "subject_id", "channel"):
        if asked.get(name):
            query = query.where(getattr(TrailRow, name) == asked[name])
    if day := asked.get("day"):  # ids sort by birth, and every index ends with them
        begin = start_of_day(day)
        query = query.where(TrailRow.id >= first_id_at(begin), TrailRow.id < first_id_at(begin + timedelta(days=1)))
    return query


def done_about(person_id: UUID) -> Select[TrailRow]:
    """What others did about somebody, under whichever of their accounts."""
    theirs = selves_of(person_id)
    return select(TrailRow).where(
        TrailRow.beneficiary_id.in_(theirs), or_(TrailRow.actor_id.is_(None), TrailRow.actor_id.not_in(theirs))
    )


def shown_to_an_auditor(rows: Sequence[TrailRow]) -> list[dict[str, Any]]:
    """Everything that is recorded; names are masked, because a trail is for recognising and not for calling people."""
    people = people_by_id(each for row in rows for each in (row.actor_id, row.beneficiary_id) if each)
    return [
        {
            **_told(row),
            "act": row.act,
            "actor": _named(people, row.actor_id),
            "beneficiary": _named(people, row.beneficiary_id),
            "subject": {"type": row.subject_type, "id": row.subject_id},
            "before": row.before,
            "after": row.after,
            "request_id": row.request_id,
        }
        for row in rows
    ]


def shown_to_them(rows: Sequence[TrailRow]) -> list[dict[str, Any]]:
    """What somebody may know of it: what, when, by which way, why, and who it was."""
    people = people_by_id(row.actor_id for row in rows if row.actor_id)
    return [
        {**_told(row), "act": row.act, "by": people[row.actor_id].masked_name if row.actor_id in people else "系统"}
        for row in rows
    ]


def _told(row: TrailRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.at,
        "said": said(row.act),
        "roles": row.roles,
        "channel": row.channel,
        "reason": row.reason,
    }


def _named(people: dict[UUID, Person], person_id: UUID | None) -> dict[str, Any] | None:
    if person_id is None:
        return None
    return {"id": person_id, "name": people[person_id].masked_name if person_id in people else None}
