"""What is kept of somebody who is gone because a rule says so, who may read it, and when it ends.

Service records: 志愿服务条例 (国务院令第685号) art. 19 has whoever organises voluntary service record volunteers and
their service truthfully and certify it on request; by 志愿服务记录与证明出具办法（试行） (民政部令第67号) art. 4 the
record has the volunteer's basic information and their service. Neither names a term; ten years from the last service
are our choice, after which a certificate is not to be expected. The name beside the minutes is all that is kept.

Vouchers: by the appendix of 会计档案管理办法 (财政部 国家档案局令第79号) accounting vouchers are kept for 30 years
from the end of the year. They name nobody here: an entry, a redemption and a statement carry a number, which stays.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from backend.activities.models import CheckIn
from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Forbidden
from backend.foundation.keyring import KEPT, destroy_keys
from backend.merchants.models import Redemption
from backend.people.models import Person
from backend.people.permissions import is_close
from backend.people.persons import selves_of
from backend.privacy.erasure_errors import NothingKept
from backend.privacy.erasure_models import KeptRecord

SERVICE_YEARS, VOUCHER_YEARS = 10, 30

SERVICE_RULE = (
    "《志愿服务条例》（国务院令第685号）第十九条，《志愿服务记录与证明出具办法（试行）》（民政部令第67号）第四条"
)
VOUCHER_RULE = "《会计档案管理办法》（财政部、国家档案局令第79号）"


def keep_service_record(person: Person) -> KeptRecord | None:
    """Seal the name of somebody who served under a second key, for ten years after they served last; else nothing."""
    minutes, last = _service_of(person)
    if last is None:
        return None
    return insert_once(
        KeptRecord,
        person_id=person.id,
        name=person.name,
        minutes=minutes,
        kept_at=now(),
        until=_years_after(last, SERVICE_YEARS),
    )


def what_stays(person: Person) -> list[dict[str, Any]]:
    """What will be kept of them, why and until when, as they are told before they go."""
    _, served = _service_of(person)
    spent = session().scalar(
        select(func.max(Redemption.captured_at)).where(Redemption.person_id.in_(selves_of(person.id)))
    )
    stays = []
    if served is not None:
        last_day = _years_after(served, SERVICE_YEARS)
        stays.append(_stay("志愿服务时长和姓名，加密保存，只有负责人说明原因才能查看", SERVICE_RULE, last_day))
    if spent is not None:
        last_day = date(shanghai_day(spent).year + VOUCHER_YEARS, 12, 31)
        stays.append(_stay("兑换结算凭证，只有编号，没有姓名和电话", VOUCHER_RULE, last_day))
    stays.append(_stay("积分流水，只有编号，没有姓名和电话", "积分账目前后相连，删去一笔就无法核对", None))
    return stays


def read_kept(person_id: UUID, *, reason: str, by: Caller) -> KeptRecord:
    """The kept record of somebody who is gone, for an officer who says why; that is on the trail.

    Raises `NothingKept`, also once its term is over, and `Forbidden` for one's own.
    """
    record = session().scalar(
        select(KeptRecord).where(KeptRecord.person_id == person_id, KeptRecord.destroyed_at.is_(None))
    )
    if record is None:
        raise NothingKept()
    person = session().scalars(select(Person).where(Person.id == person_id)).one()
    if is_close(by, person):
        raise Forbidden()
    trail.record("kept_records.read", record, beneficiary_id=person_id, reason=reason)
    return record


def over(limit: int) -> Sequence[UUID]:
    """Kept records of the office in force whose last day has passed."""
    ended = select(KeptRecord.id).where(KeptRecord.until < shanghai_day(now()), KeptRecord.destroyed_at.is_(None))
    return session().scalars(ended.order_by(KeptRecord.until).limit(limit)).all()


def destroy(record_id: UUID) -> bool:
    """Destroy one whose term is over, and its key."""
    gone = session().scalar(
        update(KeptRecord)
        .where(KeptRecord.id == record_id, KeptRecord.destroyed_at.is_(None), KeptRecord.until < shanghai_day(now()))
        .values(name_sealed=None, destroyed_at=now())
        .returning(KeptRecord.person_id)
    )
    if gone is None:
        return False
    destroy_keys([gone], purpose=KEPT)
    return True


def _stay(what: str, why: str, until: date | None) -> dict[str, Any]:
    return {"what": what, "why": why, "until": until}


def _service_of(person: Person) -> tuple[int, date | None]:
    """How many minutes they served, under every account they had, and the day of the last; None: they never did."""
    served = select(func.sum(CheckIn.minutes), func.max(CheckIn.checked_in_at)).where(
        CheckIn.person_id.in_(selves_of(person.id)), CheckIn.minutes > 0
    )
    minutes, last = session().execute(served).one()
    return int(minutes or 0), None if last is None else shanghai_day(last)


def _years_after(day: date, years: int) -> date:
    """That day so many years later; for the 29th of February the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
