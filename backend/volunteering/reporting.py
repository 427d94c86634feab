"""Reporting hours that no activity recorded, and taking a report back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from backend.activities.models import Activity, Session
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import NotFound, Unprocessable
from backend.groups.models import Group
from backend.households.guardians import refuse_without_consent
from backend.ledger.errors import KeyReused
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.places.areas import standing
from backend.volunteering.errors import DayFull, LogDecided
from backend.volunteering.models import MOST_MINUTES, VolunteerLog

OLDEST = timedelta(days=366)
LONG_AGO = timedelta(days=30)  # then two persons decide

_COUNTS = ("open", "seen", "approved")


def report(form: dict[str, Any], *, person_id: UUID, key: str) -> tuple[VolunteerLog, bool]:
    """Say that one gave so many minutes on a day (Asia/Shanghai); and whether that is new: the same key answers it.

    Raises `NotFound`, `KeyReused` when the key stood for something else, `DayFull`, `GuardianConsentNeeded`, and
    `Unprocessable` for a day ahead or more than a year ago.
    """
    person = find(Person, person_id, locked=True)  # what they report of one day at the same moment is added up
    refuse_without_consent(person)
    first = session().scalar(
        select(VolunteerLog).where(VolunteerLog.person_id == person.id, VolunteerLog.request_key == key)
    )
    at = now()
    facts = _facts(form)
    if first is not None:
        if any(getattr(first, name) != value for name, value in facts.items()):
            raise KeyReused()
        return first, False
    today = shanghai_day(at)
    if not today - OLDEST <= facts["day"] <= today:
        raise Unprocessable(errors={"day": ["只能补录最近一年内、今天及以前的服务"]})
    already = (
        session()
        .scalars(
            select(func.coalesce(func.sum(VolunteerLog.minutes), 0)).where(
                VolunteerLog.person_id.in_(selves_of(person.id)),
                VolunteerLog.day == facts["day"],
                VolunteerLog.state.in_(_COUNTS),
            )
        )
        .one()
    )
    if already + facts["minutes"] > MOST_MINUTES:
        raise DayFull(minutes=int(already), most=MOST_MINUTES)
    log = insert_once(
        VolunteerLog,
        person_id=person.id,
        **facts,
        state="open",
        request_key=key,
        reported_at=at,
        needs_two=today - facts["day"] > LONG_AGO,
    )
    assert log is not None  # noqa: S101  # their row is locked
    return log, True


def withdraw(log: VolunteerLog) -> tuple[VolunteerLog, bool]:
    """Take a report back that nobody decided yet; and whether that is new. Raises `LogDecided`."""
    done = session().scalar(
        update(VolunteerLog)
        .where(VolunteerLog.id == log.id, VolunteerLog.state.in_(("open", "seen")))
        .values(state="withdrawn")
        .returning(VolunteerLog.id)
    )
    session().refresh(log)
    if done is None and log.state != "withdrawn":
        raise LogDecided()
    return log, done is not None


def _facts(form: dict[str, Any]) -> dict[str, Any]:
    """What the report says; one of a session takes day, place and area from it."""
    facts = {name: form[name] for name in ("minutes", "evidence")}
    if form.get("session_id"):
        sitting = find(Session, form["session_id"])
        activity = find(Activity, sitting.activity_id)
        if not activity.is_announced:
            raise NotFound()
        return facts | {
            "session_id": sitting.id,
            "group_id": activity.group_id,
            "area_id": activity.area_id,
            "day": shanghai_day(sitting.starts_at),
            "place": activity.place,
            "content": activity.title,
        }
    group = find(Group, form["group_id"]) if form.get("group_id") else None
    area_id = standing(group.area_id if group else form["area_id"]).id
    return facts | {
        "session_id": None,
        "group_id": group.id if group else None,
        "area_id": area_id,
        **{name: form[name] for name in ("day", "place", "content")},
    }
