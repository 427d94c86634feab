"""Undoing a check-in, or shortening it: the record stays, what it earned is taken back from whoever has it today.

Those who lead the activity may until it is settled, somebody who works over its area at any time; nobody for the own
household. What was spent meanwhile is owed and taken from what the wallet gains later.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update

from backend.activities.awarding import payer_of, post_due
from backend.activities.check_ins import earned
from backend.activities.errors import SecondHouseholdNeeded, UndoNeedsWorker
from backend.activities.models import Activity, CheckIn, CheckInUndoing
from backend.activities.turns import in_line
from backend.foundation import outbox, trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import add, find, session
from backend.foundation.errors import Replan, Unprocessable
from backend.foundation.ids import uuid7
from backend.households.standing import household_today
from backend.ledger.accounts import VINTAGE, Account, household_pot, person_wallet
from backend.ledger.drafts import Draft, Told
from backend.ledger.posting import post_many
from backend.ledger.reading import moves_of
from backend.ledger.reversals import reverse
from backend.messages.texts import UNDONE
from backend.people.models import Person
from backend.people.permissions import is_close, works_over
from backend.people.persons import person_now
from backend.places.models import Area
from backend.places.offices import the_book


def undo(presence: CheckIn, *, by: Caller, reason: str) -> tuple[CheckIn, bool]:
    """Take back that somebody was there, and what they got for it; and whether that is new.

    Raises `SecondHouseholdNeeded`, `UndoNeedsWorker` for leaders once the activity is settled, and `AwardExpired` when
    the last day of the points has passed and nothing of them is left.
    """
    activity, person = _theirs_to_undo(presence, by)
    if not _taken_back(presence, activity, person, by=by, at=now()):
        return presence, False
    _tell(presence, person, "check_ins.undo", reason, after="undone")
    return presence, True


def shorten(presence: CheckIn, *, minutes: int, by: Caller, reason: str) -> CheckIn:
    """Let somebody have stayed for fewer minutes than it was recorded: what they got is taken back and given anew.

    Raises as `undo` does, and `Unprocessable` where minutes do not count or are not fewer.
    """
    activity, person = _theirs_to_undo(presence, by)
    left_at = presence.checked_out_at
    counts = activity.kind == "service" or not activity.is_fixed
    if not counts or left_at is None or presence.checked_in_at + timedelta(minutes=minutes) >= left_at:
        raise Unprocessable(errors={"minutes": ["请填写比原记录更短的实际分钟数；没有到场的请撤销签到"]})
    at = now()
    if not _taken_back(presence, activity, person, by=by, at=at):
        raise Replan()
    presence.state, presence.checked_out_at = "recorded", presence.checked_in_at + timedelta(minutes=minutes)
    presence.checked_out_by_id, presence.before_closing = by.person_id, None
    presence.minutes = minutes if activity.kind == "service" else 0
    presence.points_due = (activity.points_fixed or 0) if activity.is_fixed else earned(activity, minutes)
    post_due(activity, presence, at=at)
    _tell(presence, person, "check_ins.shorten", reason, after="recorded")
    return presence


def _theirs_to_undo(presence: CheckIn, by: Caller) -> tuple[Activity, Person]:
    person = person_now(presence.person_id)
    if is_close(by, person):
        raise SecondHouseholdNeeded()
    activity = in_line(presence.activity_id)  # a closed activity counts what it has given
    if activity.state != "published" and not works_over(by, find(Area, activity.area_id).path):
        raise UndoNeedsWorker()
    return activity, person


def _taken_back(presence: CheckIn, activity: Activity, person: Person, *, by: Caller, at: datetime) -> bool:
    """Write down what was undone and reverse its entries; whether there was anything left to undo."""
    session().refresh(presence, with_for_update=True)
    if presence.state == "undone":
        return False
    undoing = CheckInUndoing(
        office_id=presence.office_id,
        id=uuid7(),
        check_in_id=presence.id,
        n=presence.times_undone,
        charged_id=person.id,
        points=presence.points,
        award_id=presence.award_id,
        reversal_id=uuid7() if presence.award_id else None,
        minutes=presence.minutes if presence.serve_id else 0,
        serve_id=presence.serve_id,
        minutes_reversal_id=uuid7() if presence.serve_id else None,
        undone_by_id=by.person_id,
        undone_at=at,
    )
    undone = session().scalar(
        update(CheckIn)
        .where(CheckIn.id == presence.id, CheckIn.times_undone == undoing.n)
        .values(state="undone", points=0, points_due=0, unpaid=None, award_id=None, minutes=0, serve_id=None)
        .values(cut_points=0)
        .values(times_undone=undoing.n + 1)
        .returning(CheckIn.id)
    )
    if undone is None:  # Another deed was faster.
        raise Replan()
    session().refresh(presence)
    post_many(the_book(), _reversals(undoing, activity, presence, at))
    if undoing.reversal_id is not None:
        undoing.points_taken = sum(
            move.amount for move in moves_of(the_book(), undoing.reversal_id) if move.source != VINTAGE
        )
    add(undoing)
    return True


def _reversals(undoing: CheckInUndoing, activity: Activity, presence: CheckIn, at: datetime) -> list[Draft]:
    told = Told(f"撤销签到：{activity.title}", f"person:{undoing.undone_by_id}", f"check_in:{presence.id}", at)
    own, drafts = person_wallet(str(undoing.charged_id)), []
    if undoing.award_id is not None and undoing.reversal_id is not None:
        pot = _pot_that_got(undoing.award_id)
        undoing.household_id = UUID(pot.owner) if pot else None
        drafts.append(
            reverse(
                the_book(),
                entry_id=undoing.award_id,
                payer=payer_of(activity),
                told=told,
                new_id=undoing.reversal_id,
                charged=pot or own,
            )
        )
    if undoing.serve_id is not None and undoing.minutes_reversal_id is not None:
        drafts.append(
            reverse(
                the_book(),
                entry_id=undoing.serve_id,
                payer=own,
                told=told,
                new_id=undoing.minutes_reversal_id,
                charged=own,
            )
        )
    return drafts


def _pot_that_got(award_id: UUID) -> Account | None:
    """The household's pot that an award went into, or of the household it became; None where it went to the person."""
    got = next(move.destination for move in moves_of(the_book(), award_id) if move.source == VINTAGE)
    return household_pot(str(household_today(UUID(got.owner)).id)) if got.kind == "household" else None


def _tell(presence: CheckIn, person: Person, act: str, reason: str, *, after: str) -> None:
    activity_id = presence.activity_id
    outbox.put(
        f"undone:{presence.id}:{presence.times_undone}",
        topic=UNDONE,
        person_id=person.id,
        facts={"check_in": presence.id, "activity": activity_id, "state": after},
    )
    trail.record(
        act,
        presence,
        beneficiary_id=person.id,
        reason=reason,
        before={"state": "recorded"},
        after={"state": after, "award": presence.award_id, "activity": activity_id},
    )
