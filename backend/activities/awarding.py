"""What a presence earns, posted at once or waiting.

Points come from the activity's budget while it is open and from its fund afterwards. When there are not enough, the
presence stands, its minutes count, and its points wait as `unpaid` for a top-up, in order of arrival.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from backend.activities.capping import Capping
from backend.activities.models import Activity, CheckIn
from backend.foundation.db import find, session
from backend.foundation.ids import uuid7
from backend.households.choices import award_to_pot
from backend.ledger.accounts import Account, Lot, budget_account, fund_account, household_pot, person_wallet
from backend.ledger.drafts import Draft, Told, award, serve
from backend.ledger.posting import post_many
from backend.ledger.reading import balance_of
from backend.people.models import Person
from backend.people.queries import people_by_id
from backend.places.offices import the_book

NO_BUDGET = "budget_exhausted"
NO_PLACE = "activity_full"
IN_REVIEW = "review"


class Payroll:
    """What the presences of one deed have earned: collected first, then posted at once, the ledger's last word.

    Budgets are counted down while it is collected, so that the hundredth presence of a batch knows what is left.
    """

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._drafts: list[Draft] = []
        self._left: dict[UUID, int] = {}
        self._wallets: dict[UUID, Account] = {}
        self._capping = Capping()

    def know(self, people: Collection[Person]) -> None:
        """Look up at once where the points of many people go; where there are caps, their rows are ours from now on."""
        self._wallets |= wallets_for(people)
        rule = self._capping.rule_of(self._at)
        if rule is not None and rule.caps.any:
            self._capping.lock([person.id for person in people])

    def add(self, activity: Activity, presence: CheckIn) -> None:
        """What this presence has earned and not yet got: minutes always, points if they can be paid.

        The caller has written what is due on the row; nothing is paid while it waits in review.
        """
        if presence.state != "recorded":
            return
        if presence.minutes and presence.serve_id is None:
            self._drafts.append(_serve(activity, presence, self._at))
        if presence.award_id is not None or presence.unpaid == NO_PLACE:
            return
        if not presence.points_due and not presence.cut_points:
            return
        self._capping.keep(presence)
        if not presence.points_due:
            return
        if activity.id not in self._left:
            self._left[activity.id] = points_left(activity)
        if self._left[activity.id] < presence.points_due:
            presence.unpaid = NO_BUDGET
            return
        self._left[activity.id] -= presence.points_due
        self._drafts.append(_award(activity, presence, self._wallet(presence.person_id), self._at))

    def post(self) -> None:
        session().flush()
        if self._drafts:
            post_many(the_book(), self._drafts)

    def _wallet(self, person_id: UUID) -> Account:
        if person_id not in self._wallets:
            self.know([find(Person, person_id)])
        return self._wallets[person_id]


def post_due(activity: Activity, presence: CheckIn, *, at: datetime) -> None:
    """Post what one presence has earned and not yet got."""
    payroll = Payroll(at)
    payroll.add(activity, presence)
    payroll.post()


def award_waiting(activity: Activity, *, more: int, at: datetime) -> list[Draft]:
    """Awards for those who wait, in order of arrival, as far as the budget with `more` points reaches."""
    waiting = session().scalars(
        select(CheckIn)
        .where(
            CheckIn.activity_id == activity.id,
            CheckIn.unpaid.is_not(None),
            CheckIn.points_due > 0,
            CheckIn.state == "recorded",
        )
        .order_by(CheckIn.checked_in_at, CheckIn.id)
        .with_for_update()
    )
    left = points_left(activity) + more
    paid = []
    for presence in waiting:
        if presence.points_due > left:
            break
        left -= presence.points_due
        paid.append(presence)
    wallets = wallets_for(people_by_id(presence.person_id for presence in paid).values())
    return [_award(activity, presence, wallets[presence.person_id], at) for presence in paid]


def points_left(activity: Activity) -> int:
    """What can still be awarded for the activity: its budget, also when a closed one is paid for by its fund again."""
    if activity.fund_id is None:
        return 0
    there = balance_of(the_book(), payer_of(activity), Lot.undated(str(activity.fund_id)))[0]
    if activity.state == "published":
        return there
    given = select(func.coalesce(func.sum(CheckIn.points), 0)).where(CheckIn.activity_id == activity.id)
    return min(there, activity.budget_points - int(session().scalars(given).one()))


def wallets_for(people: Collection[Person]) -> dict[UUID, Account]:
    """Where their points go: to the own wallet; a minor's to the household's pot if there is one, and an adult's, too,
    where the household chose so."""
    chosen = award_to_pot({each.household_id for each in people if each.household_id and each.age_class == "adult"})
    return {
        each.id: household_pot(str(each.household_id))
        if each.household_id is not None and (each.age_class != "adult" or each.household_id in chosen)
        else person_wallet(str(each.id))
        for each in people
    }


def _award(activity: Activity, presence: CheckIn, wallet: Account, at: datetime) -> Draft:
    presence.points, presence.unpaid, presence.award_id = presence.points_due, None, uuid7()
    return award(
        fund=str(activity.fund_id),
        payer=payer_of(activity),
        wallet=wallet,
        points=presence.points_due,
        origin=str(presence.id),
        undone=presence.times_undone,
        told=_told(f"参加活动：{activity.title}", presence, at),
        entry_id=presence.award_id,
    )


def _serve(activity: Activity, presence: CheckIn, at: datetime) -> Draft:
    presence.serve_id = uuid7()
    return serve(
        person=str(presence.person_id),
        minutes=presence.minutes,
        origin=str(presence.id),
        undone=presence.times_undone,
        told=_told(f"服务时长：{activity.title}", presence, at),
        entry_id=presence.serve_id,
    )


def payer_of(activity: Activity) -> Account:
    """What an activity's points are paid from, and go back to: its budget while it is open, its fund afterwards."""
    if activity.state == "published":
        return budget_account(str(activity.id))
    return fund_account(str(activity.fund_id))


def _told(reason: str, presence: CheckIn, at: datetime) -> Told:
    return Told(reason, f"person:{presence.recorder_id}", f"check_in:{presence.id}", at)
