"""Publishing (the points are set aside), raising the budget, cancelling and settling (what is left goes back)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from backend.activities.awarding import award_waiting
from backend.activities.errors import (
    ActivityOver,
    BudgetOnlyRises,
    HasCheckIns,
    NeedsWorker,
    NotStarted,
    TopUpNeedsWorker,
    WrongState,
)
from backend.activities.forgotten import close_forgotten
from backend.activities.models import STATES_IN_CHINESE, Activity, BudgetChange, CheckIn
from backend.activities.of_groups import refuse_of_a_closed_group
from backend.activities.offline_models import has_unreported_phones
from backend.activities.pictures import attach_photos
from backend.activities.telling import announce, tell_the_list
from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, said_in_shanghai
from backend.foundation.db import add, find, session
from backend.foundation.errors import Unprocessable
from backend.foundation.ids import uuid7
from backend.funds.models import Fund
from backend.groups.models import Group
from backend.ledger.accounts import Lot, budget_account, fund_account
from backend.ledger.drafts import Draft, Told, give_back, reserve
from backend.ledger.errors import BudgetExhausted
from backend.ledger.posting import post, post_many
from backend.ledger.reading import balance_of
from backend.people.permissions import works_over
from backend.places.models import Area
from backend.places.offices import the_book

SETTLES_AFTER = timedelta(days=7)  # of the end, by itself


def publish(activity: Activity, *, publisher: Caller) -> Activity:
    """Set the budget aside and open the sign-ups; also after the start while the end is ahead. Once: a repeat is fine.

    Raises `WrongState`, `ActivityOver`, `GroupClosed`, `BudgetExhausted`, and `NeedsWorker` when a leader may
    not give so many points or the group is not filed: then the draft waits in the worker's queue.
    """
    at = now()
    if activity.state == "published":
        return activity
    if activity.state != "draft":
        raise WrongState(state=STATES_IN_CHINESE[activity.state])
    if activity.has_ended(at=at):
        raise ActivityOver()
    refuse_of_a_closed_group(activity.group_id)
    if _is_for_a_worker(activity, publisher, points=activity.budget_points):
        activity.needs_worker_at = at
        trail.record("activities.ask_to_publish", activity, before={"state": "draft"}, after={"state": "draft"})
        raise NeedsWorker()
    drafts = _reserve(activity, activity.budget_points, by=publisher, at=at)
    activity.state = "published"
    activity.publisher_id, activity.published_at, activity.needs_worker_at = publisher.person_id, at, None
    session().flush()
    if drafts:  # None when the activity gives no points.
        post_many(the_book(), drafts)
    announce(activity)
    trail.record("activities.publish", activity, before={"state": "draft"}, after={"state": "published"})
    return activity


def raise_budget(activity: Activity, *, to: int, editor: Caller) -> None:
    """Set more points aside for a published activity and pay those who waited, in order of arrival.

    Raises `BudgetOnlyRises`, `BudgetExhausted` or `TopUpNeedsWorker`.
    """
    at = now()
    if activity.fund_id is None:
        raise Unprocessable(errors={"budget_points": ["这项活动没有资金，不能增加积分"]})
    if to < activity.budget_points:
        raise BudgetOnlyRises()
    if _is_for_a_worker(activity, editor, points=to):
        raise TopUpNeedsWorker()
    more = to - activity.budget_points
    drafts = _reserve(activity, more, by=editor, at=at)
    activity.budget_points = to
    drafts += award_waiting(activity, more=more, at=at)
    session().flush()
    post_many(the_book(), drafts)


def cancel(activity: Activity, *, by: Caller, why: str | None = None) -> Activity:
    """Call it off before anybody came; the points go back to the fund. Once: a repeat is fine.

    Raises `WrongState` when it is settled, `HasCheckIns` when somebody came.
    """
    if activity.state == "cancelled":
        return activity
    if activity.state == "settled":
        raise WrongState(state=STATES_IN_CHINESE[activity.state])
    came = select(CheckIn.id).where(CheckIn.activity_id == activity.id, CheckIn.state != "undone").limit(1)
    if session().scalar(came) is not None:
        raise HasCheckIns()
    before = {"state": activity.state}
    activity.cancel_reason = why
    if activity.is_announced:
        when = said_in_shanghai(activity.starts_at)
        tell_the_list(activity, {"what": "cancelled", "when": when}, key=f"cancelled:{activity.id.hex}")
    _close(activity, "cancelled", reason="活动取消，预算退回", actor=f"person:{by.person_id}")
    trail.record("activities.cancel", activity, reason=why, before=before, after={"state": "cancelled"})
    return activity


def settle(
    activity: Activity,
    *,
    by: Caller,
    head_count: int | None = None,
    report: str | None = None,
    photos: Sequence[UUID] = (),
) -> Activity:
    """Close a published activity that has begun; what its people did not earn goes back to the fund.

    Who did not check out waits in review; whoever confirms it later has it paid from the fund.
    Raises `WrongState` for a draft or a cancelled one, `NotStarted` before its beginning, `NotFound` for a photo.
    """
    if activity.state == "settled":
        return activity
    if activity.state != "published":
        raise WrongState(state=STATES_IN_CHINESE[activity.state])
    if now() < activity.starts_at:
        raise NotStarted()
    activity.head_count, activity.report = head_count, report
    attach_photos(activity, photos, by=by.person_id)
    close_forgotten(activity, at=now())
    _close(activity, "settled", reason="活动结项，剩余预算退回", actor=f"person:{by.person_id}")
    trail.record("activities.settle", activity, before={"state": "published"}, after={"state": "settled"})
    return activity


def long_over(limit: int) -> list[UUID]:
    """Activities that ended seven days ago, were not settled, and of which every phone without a network reported."""
    over = select(Activity.id).where(
        Activity.state == "published", Activity.ends_at <= now() - SETTLES_AFTER, ~has_unreported_phones()
    )
    return list(session().scalars(over.order_by(Activity.ends_at).limit(limit)))


def settle_by_itself(activity_id: UUID) -> bool:
    """Close an activity that nobody settled; whether that is new."""
    activity = find(Activity, activity_id, locked=True)
    if activity.state != "published" or activity.ends_at > now() - SETTLES_AFTER:
        return False
    close_forgotten(activity, at=now())
    _close(activity, "settled", reason="活动到期自动结项，剩余预算退回", actor="system:clock")
    trail.record("activities.settle", activity, before={"state": "published"}, after={"state": "settled"})
    return True


def _is_for_a_worker(activity: Activity, asking: Caller, *, points: int) -> bool:
    """A leader gives points for a filed group up to the fund's limit; everything else is for a worker."""
    if points == 0 or activity.fund_id is None or works_over(asking, find(Area, activity.area_id).path):
        return False
    limit = find(Fund, activity.fund_id).leader_limit_points
    is_filed = activity.group_id is not None and find(Group, activity.group_id).stage == "filed"
    return not is_filed or (limit is not None and points > limit)


def _reserve(activity: Activity, points: int, *, by: Caller, at: datetime) -> list[Draft]:
    if points == 0 or activity.fund_id is None:
        return []
    fund = str(activity.fund_id)
    available, _ = balance_of(the_book(), fund_account(fund), Lot.undated(fund))
    if available < points:
        raise BudgetExhausted(required=points, available=available)
    change = _changed(activity, "reserve", points)
    return [
        reserve(
            fund=fund,
            activity=str(activity.id),
            points=points,
            edit=_reservations(activity.id),
            told=_told(f"活动预算：{activity.title}", f"person:{by.person_id}", activity, at),
            entry_id=change.entry_id,
        )
    ]


def _close(activity: Activity, state: str, *, reason: str, actor: str) -> None:
    at = now()
    activity.state, activity.closed_at = state, at
    session().flush()
    if activity.fund_id is None:
        return
    fund = str(activity.fund_id)
    left, version = balance_of(the_book(), budget_account(str(activity.id)), Lot.undated(fund))
    if left:
        change = _changed(activity, "return", left)
        told = _told(f"{reason}：{activity.title}", actor, activity, at)
        post(
            the_book(),
            give_back(
                fund=fund,
                activity=str(activity.id),
                points=left,
                version=version,
                told=told,
                entry_id=change.entry_id,
            ),
        )


def _changed(activity: Activity, kind: str, points: int) -> BudgetChange:
    return add(BudgetChange(activity_id=activity.id, kind=kind, points=points, entry_id=uuid7()))


def _reservations(activity_id: UUID) -> int:
    made = select(func.count()).select_from(BudgetChange).where(BudgetChange.activity_id == activity_id)
    return session().scalars(made.where(BudgetChange.kind == "reserve")).one()


def _told(reason: str, actor: str, activity: Activity, at: datetime) -> Told:
    return Told(reason, actor, f"activity:{activity.id}", at)
