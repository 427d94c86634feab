"""Paying the groups of an approved run: all of them in one posting, or none.

The list is computed once more, with the groups held as they are. The second officer approves what stands there today.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.foundation.callers import Caller
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Replan, SecondPersonNeeded
from backend.foundation.ids import uuid7
from backend.group_points.errors import GroupListChanged
from backend.group_points.lively_rules import said_month
from backend.group_points.measuring import Measured, list_of, measure_month
from backend.group_points.models import GroupAward, GroupAwardRun, GroupPointRule
from backend.groups.models import Group
from backend.ledger.accounts import Lot, fund_account, group_wallet
from backend.ledger.drafts import Draft, Told, award
from backend.ledger.errors import BudgetExhausted
from backend.ledger.posting import post_many
from backend.ledger.reading import balance_of
from backend.people.models import Person
from backend.people.persons import is_one_of
from backend.people.role_models import Role
from backend.people.roles import in_force
from backend.places.offices import the_book


def award_groups(run: GroupAwardRun, rule: GroupPointRule, *, approver: Caller, at: datetime) -> None:
    """Pay what the list says, from the run's fund into the groups' wallets.

    Raises `GroupListChanged`, `SecondPersonNeeded` where the approver or their household leads one of the groups, or
    `BudgetExhausted` for the whole run.
    """
    listed = list_of(run.id)
    paid = [each for each in listed if each.pays]
    _hold_as_they_are([each.group_id for each in listed])
    if measure_month(run.month, rule) != listed:
        raise GroupListChanged()
    _refuse_own(approver, [each.group_id for each in paid], at)
    fund = str(run.fund_id)
    available, _ = balance_of(the_book(), fund_account(fund), Lot.undated(fund))
    if available < run.points:
        raise BudgetExhausted(required=run.points, available=available)
    post_many(the_book(), [_paid(run, each, approver=approver, at=at) for each in paid])


def _hold_as_they_are(group_ids: list[UUID]) -> None:
    """No group is suspended or dissolved before it is paid; in one order, so nobody waits in a circle."""
    wanted = select(Group.id).where(Group.id.in_(group_ids)).order_by(Group.id).with_for_update(read=True)
    session().scalars(wanted).all()


def _refuse_own(approver: Caller, group_ids: list[UUID], at: datetime) -> None:
    wanted = select(Role.person_id).where(
        Role.scope_type == "group", Role.scope_id.in_(group_ids), Role.role.in_(("leader", "deputy")), in_force(at)
    )
    if is_one_of(find(Person, approver.person_id), set(session().scalars(wanted))):
        raise SecondPersonNeeded()


def _paid(run: GroupAwardRun, each: Measured, *, approver: Caller, at: datetime) -> Draft:
    given = insert_once(
        GroupAward,
        run_id=run.id,
        group_id=each.group_id,
        month=run.month,
        points=each.pays,
        entry_id=uuid7(),
        awarded_at=at,
    )
    if given is None:  # It was awarded for this month meanwhile: then the list has changed.
        raise Replan()
    fund = str(run.fund_id)
    return award(
        fund=fund,
        payer=fund_account(fund),
        wallet=group_wallet(str(each.group_id)),
        points=each.pays,
        origin=f"{each.group_id}:{run.month}",
        undone=0,
        told=Told(
            f"{said_month(run.month)}活跃队伍奖励", f"person:{approver.person_id}", f"group_award:{given.id}", at
        ),
        entry_id=given.entry_id,
    )
