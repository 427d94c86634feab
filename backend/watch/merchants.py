"""What looks odd at merchants, of days that are over. Only what was captured and not voided counts."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.activities.models import CheckIn
from backend.flags.raising import Odd
from backend.foundation.clock import SHANGHAI, now, shanghai_day, start_of_day
from backend.foundation.db import session
from backend.merchants.models import Merchant, Redemption
from backend.watch.watch_rules import (
    BURST_CAPTURES,
    BURST_MINUTES,
    CIRCLE_TIMES,
    FEW_PEOPLE,
    NIGHT_CAPTURES,
    NIGHT_FROM,
    NIGHT_TO,
    is_one_sided,
)


def the_same_few(since: datetime) -> Iterator[Odd]:
    """A few customers have most of a shop's points of a month (Asia/Shanghai)."""
    spent: dict[tuple[UUID, str], dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    captures: dict[tuple[UUID, str], int] = defaultdict(int)
    for one in _captured(since):
        month = f"{shanghai_day(one.captured_at):%Y-%m}"
        spent[one.merchant_id, month][one.person_id] += one.points
        captures[one.merchant_id, month] += 1
    for (merchant_id, month), by_person in spent.items():
        top = sorted(by_person, key=lambda person: -by_person[person])[:FEW_PEOPLE]
        few, everything = sum(by_person[person] for person in top), sum(by_person.values())
        if is_one_sided(of_the_few=few, of_all=everything, captures=captures[merchant_id, month]):
            facts = {"share": few * 100 // everything, "people": len(top), "captures": captures[merchant_id, month]}
            yield _about(merchant_id, "same_few", f"{merchant_id.hex}:{month}", facts, *top)


def at_night(since: datetime) -> Iterator[Odd]:
    """Captures between ten at night and six in the morning."""
    nights: dict[tuple[UUID, str], int] = defaultdict(int)
    for one in _captured(since):
        hour = one.captured_at.astimezone(SHANGHAI).hour
        if hour >= NIGHT_FROM or hour < NIGHT_TO:
            night = shanghai_day(one.captured_at - timedelta(hours=NIGHT_TO))
            nights[one.merchant_id, night.isoformat()] += 1
    for (merchant_id, day), captures in nights.items():
        if captures >= NIGHT_CAPTURES:
            facts = {"day": day, "captures": captures}
            yield _about(merchant_id, "off_hours", f"{merchant_id.hex}:{day}", facts)


def many_at_once(since: datetime) -> Iterator[Odd]:
    """One customer captured again and again within minutes."""
    recent: dict[tuple[UUID, UUID], list[datetime]] = defaultdict(list)
    seen: set[str] = set()
    for one in _captured(since):
        times = recent[one.merchant_id, one.person_id]
        times.append(one.captured_at)
        while times[-1] - times[0] > timedelta(minutes=BURST_MINUTES):
            times.pop(0)
        key = f"{one.merchant_id.hex}:{one.person_id.hex}:{shanghai_day(one.captured_at)}"
        if len(times) >= BURST_CAPTURES and key not in seen:
            seen.add(key)
            day = shanghai_day(one.captured_at).isoformat()
            facts = {"day": day, "captures": len(times), "minutes": BURST_MINUTES}
            yield _about(one.merchant_id, "burst", key, facts, one.person_id)


def clerks_and_leaders(since: datetime) -> Iterator[Odd]:
    """A clerk serves a leader again and again, who records that clerk at activities again and again."""
    served: dict[tuple[UUID, UUID], int] = defaultdict(int)
    where: dict[tuple[UUID, UUID], UUID] = {}
    for one in _captured(since):
        served[one.clerk_id, one.person_id] += 1
        where[one.clerk_id, one.person_id] = one.merchant_id
    often = {pair for pair, times in served.items() if times >= CIRCLE_TIMES}
    if not often:
        return
    clerks = {clerk for clerk, _ in often}
    recorded = (
        select(CheckIn.person_id, CheckIn.recorder_id, func.count().label("times"))
        .where(CheckIn.person_id.in_(clerks), CheckIn.recorder_id != CheckIn.person_id)
        .where(CheckIn.checked_in_at >= since, CheckIn.state != "undone")
        .group_by(CheckIn.person_id, CheckIn.recorder_id)
    )
    for clerk, leader, times in session().execute(recorded):
        pair = clerk, leader
        if pair in often and times >= CIRCLE_TIMES:
            facts = {"captures": served[pair], "check_ins": times}
            yield _about(where[pair], "circle", f"{clerk.hex}:{leader.hex}:{since:%Y%m}", facts, *pair)


def _captured(since: datetime) -> Iterator[Any]:
    """Captures of the days that are over (Asia/Shanghai), in the order in which they happened."""
    columns = (
        *(Redemption.id, Redemption.merchant_id, Redemption.person_id, Redemption.clerk_id),
        *(Redemption.points, Redemption.captured_at),
    )
    query = select(*columns).where(Redemption.state == "captured", Redemption.captured_at >= since)
    query = query.where(Redemption.captured_at < start_of_day(shanghai_day(now())))
    yield from session().execute(query.order_by(Redemption.captured_at, Redemption.id))


def _about(merchant_id: UUID, kind: str, key: str, facts: dict[str, Any], *people: UUID) -> Odd:
    merchant = session().scalars(select(Merchant).where(Merchant.id == merchant_id)).one()
    return Odd(kind, key, "merchant", merchant.id, merchant.area_id, facts, tuple(people))
