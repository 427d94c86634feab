"""The shop's day: what left, what came back, what waits; for the counter, and for closing in the evening."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from backend.foundation.clock import now, start_of_day
from backend.foundation.db import session
from backend.merchants.models import Offer, Redemption, RedemptionValue
from backend.people.queries import people_by_id


def day_of(merchant_id: UUID, day: date) -> dict[str, Any]:
    """A day (Asia/Shanghai) of one merchant: captured and voided, by offer and by clerk; and open holds now."""
    begins, ends = start_of_day(day), start_of_day(day + timedelta(days=1))
    month = start_of_day(day.replace(day=1))
    return {
        "day": day,
        "captured": _sums(merchant_id, Redemption.captured_at, begins, ends),
        "voided": _sums(merchant_id, Redemption.voided_at, begins, ends),
        "month": {
            "captured": _sums(merchant_id, Redemption.captured_at, month, ends),
            "voided": _sums(merchant_id, Redemption.voided_at, month, ends),
        },
        "open_holds": _open(merchant_id),
        "by_offer": _by(merchant_id, Redemption.offer_id, begins, ends, _offer_names),
        "by_clerk": _by(merchant_id, Redemption.clerk_id, begins, ends, _clerk_names),
    }


def redemptions_of(merchant_id: UUID, asked: dict[str, Any]) -> Select[Redemption]:
    """A shop's redemptions, by state, day of capture and the last characters of the code."""
    query = select(Redemption).where(Redemption.merchant_id == merchant_id)
    if asked.get("state"):
        query = query.where(Redemption.state == asked["state"])
    if tail := asked.get("tail"):
        query = query.where(Redemption.code.endswith(tail.upper(), autoescape=True))
    if day := asked.get("day"):
        begins, ends = start_of_day(day), start_of_day(day + timedelta(days=1))
        query = query.where(Redemption.captured_at >= begins, Redemption.captured_at < ends)
    return query


def _sums(merchant_id: UUID, at: Any, begins: datetime, ends: datetime) -> dict[str, int]:
    fen = (
        select(func.coalesce(func.sum(RedemptionValue.fen), 0))
        .where(RedemptionValue.office_id == Redemption.office_id, RedemptionValue.redemption_id == Redemption.id)
        .correlate(Redemption)
        .scalar_subquery()
    )
    inner = (
        select(Redemption.quantity, Redemption.points, Redemption.price_fen, fen.label("fen"))
        .where(Redemption.merchant_id == merchant_id, at >= begins, at < ends)
        .subquery()
    )
    sums = [func.coalesce(func.sum(column), 0) for column in (inner.c.quantity, inner.c.points, inner.c.fen)]
    times, quantity, points, worth = session().execute(select(func.count(), *sums).select_from(inner)).one()
    return {"times": times, "quantity": int(quantity), "points": int(points), "fen": int(worth)}


def _open(merchant_id: UUID) -> int:
    waiting = (Redemption.merchant_id == merchant_id, Redemption.state == "held", Redemption.expires_at > now())
    return session().scalars(select(func.count()).select_from(Redemption).where(*waiting)).one()


def _by(merchant_id: UUID, key: Any, begins: datetime, ends: datetime, names: Any) -> list[dict[str, Any]]:
    counted = (
        select(key, func.count(), func.sum(Redemption.quantity), func.sum(Redemption.points))
        .where(Redemption.merchant_id == merchant_id, Redemption.captured_at >= begins, Redemption.captured_at < ends)
        .group_by(key)
        .order_by(key)
    )
    rows = session().execute(counted).all()
    said = names([row[0] for row in rows])
    return [
        {"id": which, "name": said[which], "times": times, "quantity": int(quantity), "points": int(points)}
        for which, times, quantity, points in rows
    ]


def _offer_names(ids: Sequence[UUID]) -> dict[UUID, str]:
    return {row.id: row.name for row in session().execute(select(Offer.id, Offer.name).where(Offer.id.in_(ids)))}


def _clerk_names(ids: Sequence[UUID]) -> dict[UUID, str]:
    return {person.id: person.masked_name for person in people_by_id(ids).values()}
