"""Asking for a copy of everything about oneself (个人信息保护法 第四十五条), and who may fetch it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day, start_of_day
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import NotFound, Replan
from backend.people.persons import person_now
from backend.privacy.errors import ExportExpired, ExportsUsedUp
from backend.privacy.export_models import EXPORTS_A_DAY, Export

GOOD_FOR = timedelta(hours=1)


def ask(*, by: Caller) -> Export:
    """A copy can be fetched for an hour. Raises `ExportsUsedUp`."""
    at = now()
    day = shanghai_day(at)
    of_today = select(func.max(Export.number)).where(Export.person_id == by.person_id, Export.day == day)
    number = (session().scalar(of_today) or 0) + 1
    if number > EXPORTS_A_DAY:
        until_tomorrow = start_of_day(day + timedelta(days=1)) - at
        raise ExportsUsedUp(most=EXPORTS_A_DAY, retry_after=int(until_tomorrow.total_seconds()) + 1)
    asked = insert_once(
        Export,
        person_id=by.person_id,
        helper_id=by.helper_id,
        day=day,
        number=number,
        asked_at=at,
        expires_at=at + GOOD_FOR,
    )
    if asked is None:  # Their other phone took the number at the same moment.
        raise Replan()
    return asked


def ready_for(export_id: UUID, *, by: Caller) -> Export:
    """The export, if the caller may fetch it now: whoever asked for it, in the same way.

    Raises `NotFound` for anybody else, `ExportExpired`.
    """
    asked = find(Export, export_id)
    if person_now(asked.person_id).id != by.person_id or asked.helper_id != by.helper_id:
        raise NotFound()
    if asked.expires_at <= now():
        raise ExportExpired()
    return asked
