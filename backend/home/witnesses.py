"""What the features know about an entry: the check-in, redemption, gift, thanks or award that its origin names.

Only the own rows of whoever's wallet it is speak; whatever names somebody else is explained from the ledger alone.
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
from backend.group_points.lively_rules import counts, said_measure
from backend.group_points.measuring import listed
from backend.group_points.models import GroupAward, GroupAwardLine, GroupAwardRun, GroupPointRule
from backend.group_wallets.models import Thanks
from backend.groups.models import Group
from backend.home.why_rules import HOW, UNPAID, act_of, rule_of_award, rule_of_confirmed_thanks, rule_of_minutes
from backend.ledger.recorded import Recorded
from backend.merchants.models import Merchant, Offer, Redemption
from backend.people.models import Gift
from backend.people.persons import person_now
from backend.volunteering.models import VolunteerLog


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


def heard_of(entry: Recorded, **owner: UUID) -> Testimony:
    """What is stored about the origin of an entry, as far as it is that owner's: `person_id` or `group_id`."""
    kind, _, name = entry.origin.partition(":")
    if kind not in _WITNESSES:
        return Testimony()
    model, tell = _WITNESSES[kind]
    if not all(hasattr(model, column) for column in owner):
        return Testimony()
    query = select(model).where(model.id == _id(name))
    for column, value in owner.items():
        query = query.where(getattr(model, column) == value)
    row = session().scalar(query)
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
        "cut_points": presence.cut_points,
        "rule_version": presence.rule_version,
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


def _of_log(log: VolunteerLog, entry: Recorded) -> Testimony:
    names = ("id", "day", "place", "content", "evidence", "minutes", "rule_version")
    rule = rule_of_minutes(log.minutes) if entry.kind == "serve" else None
    approval = None
    if log.decider_id is not None and log.decided_at is not None:
        approval = Approval(log.decider_id, "审核补录", log.decided_at)
    return Testimony(rule, None, {"volunteer_log": {name: getattr(log, name) for name in names}}, approval)


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


def _of_thanks(thanks: Thanks, _: Recorded) -> Testimony:
    group = find(Group, thanks.group_id)
    evidence = {
        "id": thanks.id,
        "group": {"id": group.id, "name": group.name},
        "points": thanks.points,
        "note": thanks.note,
        "asked_at": thanks.asked_at,
        "given_at": thanks.given_at,
    }
    if thanks.decider_id is None or thanks.decided_at is None:
        return Testimony(
            evidence={"thanks": evidence}, approval=Approval(thanks.giver_id, act_of("thank"), thanks.asked_at)
        )
    confirmed = Approval(thanks.decider_id, "确认另一位队长的感谢", thanks.decided_at)
    return Testimony(rule_of_confirmed_thanks(), evidence={"thanks": evidence}, approval=confirmed)


def _of_group_award(award: GroupAward, _: Recorded) -> Testimony:
    run = find(GroupAwardRun, award.run_id)
    rule = find(GroupPointRule, run.rule_id)
    (line,) = listed(
        session()
        .scalars(
            select(GroupAwardLine).where(GroupAwardLine.run_id == run.id, GroupAwardLine.group_id == award.group_id)
        )
        .all()
    )
    wanted = select(Activity).where(Activity.id.in_([turnout.activity_id for turnout in line.turnouts]))
    titles = {activity.id: activity for activity in session().scalars(wanted)}
    evidence = {
        "id": award.id,
        "run_id": run.id,
        "month": run.month,
        "rule_version": rule.version,
        "counted": line.verdict.counted,
        "activities": [
            {
                "activity": titles[turnout.activity_id],
                "people": turnout.people,
                "households": turnout.households,
                "counts": counts(turnout, rule.measure),
            }
            for turnout in line.turnouts
        ],
        "points": award.points,
        "requested_by": person_now(run.requester_id).masked_name,
        "requested_at": run.requested_at,
    }
    due = line.verdict.counted * rule.points_each
    caps = {"points_max": rule.points_most, "points_due": due, "unpaid": None, "unpaid_reason": None}
    approval = None
    if run.decider_id is not None and run.decided_at is not None:
        approval = Approval(run.decider_id, "批准队伍评定", run.decided_at)
    return Testimony(said_measure(rule.version, rule.measure), caps, {"group_award": evidence}, approval)


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
    "thanks": (Thanks, _of_thanks),
    "group_award": (GroupAward, _of_group_award),
    "volunteer_log": (VolunteerLog, _of_log),
}
