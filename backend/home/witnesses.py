"""What the features know about an entry: the check-in, redemption or gift that its origin names.

Only the asking person's own rows speak; whatever names somebody else is explained from the ledger alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.activities.models import Activity, CheckIn, Session
from backend.activities.points_rules import minutes_between
from backend.foundation.db import find, session
from backend.home.why_rules import HOW, UNPAID, rule_of_award, rule_of_minutes
from backend.ledger.recorded import Recorded
from backend.merchants.models import Merchant, Offer, Redemption
from backend.people.models import Gift


@dataclass(frozen=True)
class Approval:
    """Who answers for an entry, what they did, and when."""

    person_id: UUID
    act: str
    at: datetime


@dataclass(frozen=True)
class Testimony:
    """What a feature adds to what the ledger says; empty where it knows nothing."""

    rule: str | None = None
    caps: dict[str, Any] | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    approval: Approval | None = None


def heard_of(entry: Recorded, *, person_id: UUID) -> Testimony:
    """What is stored about the origin of an entry, as far as it is that person's own."""
    kind, _, name = entry.origin.partition(":")
    if kind not in _WITNESSES:
        return Testimony()
    model, tell = _WITNESSES[kind]
    row = session().scalar(select(model).where(model.id == _id(name), model.person_id == person_id))
    return Testimony() if row is None else tell(row, entry)


def _of_check_in(presence: CheckIn, entry: Recorded) -> Testimony:
    activity, sitting = find(Activity, presence.activity_id), find(Session, presence.session_id)
    minutes = presence.minutes if activity.kind == "service" else _stayed(presence, sitting)
    rule = None
    if entry.kind == "award":
        rule = rule_of_award(
            points_fixed=activity.points_fixed,
            points_per_hour=activity.points_per_hour,
            points_max=activity.points_max,
            minutes=minutes,
            points_due=presence.points_due,
        )
    elif entry.kind == "serve":
        rule = rule_of_minutes(presence.minutes)
    caps = {
        "points_max": activity.points_max,
        "points_due": presence.points_due,
        "unpaid": presence.unpaid,
        "unpaid_reason": UNPAID.get(presence.unpaid) if presence.unpaid else None,
    }
    evidence = {
        "id": presence.id,
        "activity": {"id": activity.id, "title": activity.title},
        "session": {"id": sitting.id, "starts_at": sitting.starts_at, "ends_at": sitting.ends_at},
        "place": activity.place,
        "checked_in_at": presence.checked_in_at,
        "checked_out_at": presence.checked_out_at,
        "minutes": minutes,
        "confidence": presence.confidence,
        "how": HOW[presence.confidence],
        "reason": presence.reason,
    }
    approval = _approval_of(presence, activity, entry) if entry.kind in ("award", "serve") else None
    return Testimony(rule, caps, {"check_in": evidence}, approval)


def _approval_of(presence: CheckIn, activity: Activity, entry: Recorded) -> Approval | None:
    """Whoever confirmed it, else whoever saw them leave or come, else whoever published what they came to."""
    if presence.reviewer_id is not None and presence.reviewed_at is not None:
        return Approval(presence.reviewer_id, "复核确认", presence.reviewed_at)
    is_by_time = entry.kind == "serve" or not activity.is_fixed
    left_at, seen_off_by = presence.checked_out_at, presence.checked_out_by_id
    if is_by_time and left_at is not None and seen_off_by is not None and seen_off_by != presence.person_id:
        return Approval(seen_off_by, "登记签退", left_at)
    if presence.recorder_id != presence.person_id:
        return Approval(presence.recorder_id, "登记到场", presence.checked_in_at)
    if activity.publisher_id is not None and activity.published_at is not None:
        return Approval(activity.publisher_id, "发布活动", activity.published_at)
    return None


def _of_redemption(redemption: Redemption, _: Recorded) -> Testimony:
    offer, merchant = find(Offer, redemption.offer_id), find(Merchant, redemption.merchant_id)
    evidence = {
        "id": redemption.id,
        "offer": {"id": offer.id, "name": offer.name},
        "merchant": {"id": merchant.id, "name": merchant.name},
        "quantity": redemption.quantity,
        "points": redemption.points,
        "state": redemption.state,
        "channel": redemption.channel,
        "held_at": redemption.held_at,
        "captured_at": redemption.captured_at,
        "released_at": redemption.released_at,
        "voided_at": redemption.voided_at,
    }
    return Testimony(evidence={"redemption": evidence})


def _of_gift(gift: Gift, _: Recorded) -> Testimony:
    evidence = {"id": gift.id, "to": gift.to, "points": gift.points, "note": gift.note, "at": gift.given_at}
    return Testimony(evidence={"gift": evidence})


def _stayed(presence: CheckIn, sitting: Session) -> int:
    """Minutes of activities that count none as service, from the same two instants as when it was paid."""
    if presence.checked_out_at is None:
        return 0
    return minutes_between(
        presence.checked_in_at, presence.checked_out_at, starts_at=sitting.starts_at, ends_at=sitting.ends_at
    )


def _id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


_WITNESSES: dict[str, tuple[Any, Callable[[Any, Recorded], Testimony]]] = {
    "check_in": (CheckIn, _of_check_in),
    "redemption": (Redemption, _of_redemption),
    "gift": (Gift, _of_gift),
}
