"""The features' tables are edited by hand, or the ledger behind their back: the two no longer agree.

Every edit happens in a transaction that is rolled back after verify has looked, so all of them share one history.
"""

import pytest
from sqlalchemy import delete, insert, select

from backend.activities.models import BudgetChange, CheckIn
from backend.foundation.ids import uuid7
from backend.funds.models import Allocation
from backend.group_points.models import (
    GroupAward,
    GroupAwardLine,
    GroupAwardRun,
    GroupAwardTurnout,
    GroupPointRule,
)
from backend.group_wallets.models import Thanks
from backend.ledger.accounts import (
    CHARITY_POOL,
    FEN,
    ISSUANCE,
    MINUTES,
    PAID,
    budget_account,
    fund_account,
    group_wallet,
    held_of,
    household_pot,
    merchant_account,
    person_wallet,
)
from backend.ledger.models import entries, postings
from backend.merchants.models import Redemption, RedemptionValue
from backend.people.models import Person
from backend.people.parting_models import Bequest
from backend.people.verification_models import CarryOver, PersonMerge
from backend.settlement.models import Statement, StatementLine
from tests.ledger.history import History
from tests.ledger.vandal import Edits, rules_broken, switch_triggers, vandalised

edits = Edits()
found_as = edits.found_as


@pytest.fixture(scope="module")
def history(app):
    return History.lived_in(app)


@found_as("amount_is_the_same")
def the_points_of_a_check_in_are_changed(vandal):
    vandal.change(CheckIn, CheckIn.person_id == vandal.of.wang, points=41)


@found_as("amount_is_the_same")
def the_minutes_of_a_check_in_are_changed(vandal):
    vandal.change(CheckIn, CheckIn.person_id == vandal.of.wang, minutes=999)


@found_as("amount_is_the_same")
def an_allocation_is_said_to_be_larger(vandal):
    vandal.change(Allocation, points=6000)


@found_as("amount_is_the_same")
def a_budget_is_said_to_be_smaller(vandal):
    vandal.change(BudgetChange, BudgetChange.kind == "reserve", points=1)


@found_as("amount_is_the_same")
def a_redemption_is_said_to_have_cost_less(vandal):
    vandal.change(Redemption, Redemption.state == "captured", points=9)


@found_as("business_fits_itself")
def the_worth_of_more_points_is_paid_out(vandal):
    vandal.change(RedemptionValue, points=11)


@found_as("business_fits_itself")
def a_merchant_is_owed_more_fen_than_its_rate_makes(vandal):
    vandal.change(RedemptionValue, RedemptionValue.fen > 0, fen=100_000)


@found_as("shares_are_the_same")
def another_fund_is_made_to_pay_the_merchant(vandal):
    vandal.change(RedemptionValue, fund_id=vandal.of.other_fund)


@found_as("amount_is_the_same")
def a_capture_gives_everything_back_to_the_resident(vandal):
    """They have the goods and the points, and the shop is owed its money all the same."""
    of_it = postings.c.entry_id == vandal.entry("capture").id
    moved = vandal.sql.execute(select(postings).where(postings.c.book_id == vandal.book, of_it)).one()
    back = {"destination_id": vandal.id(vandal.wang), "destination_after": moved.amount, "destination_version": 1}
    vandal.change(postings, of_it, **back)


@found_as("key_is_the_same")
def an_award_is_put_under_a_free_key(vandal):
    vandal.change(entries, entries.c.kind == "award", entries.c.id == vandal.entry("award").id, key="award:free:0")


@found_as("account_is_the_same")
def another_fund_pays_for_a_budget(vandal):
    other = fund_account(str(vandal.of.other_fund))
    vandal.change(
        postings,
        postings.c.entry_id.in_(select(entries.c.id).where(entries.c.kind == "reserve")),
        postings.c.source_id == vandal.id(fund_account(str(vandal.of.fund))),
        source_id=vandal.id(other),
    )


@found_as("account_is_the_same")
def another_activitys_budget_pays_for_an_award(vandal):
    other = budget_account("another")
    vandal.know(other)
    own = vandal.id(budget_account(str(vandal.of.activity)))
    awards = select(entries.c.id).where(entries.c.kind == "award")
    vandal.change(postings, postings.c.source_id == own, postings.c.entry_id.in_(awards), source_id=vandal.id(other))


@found_as("account_is_the_same")
def a_groups_wallet_is_given_what_somebody_earned(vandal):
    group = group_wallet("a-group")
    vandal.know(group)
    award = vandal.award_of(vandal.wang)
    vandal.change_posting(award, destination_id=vandal.id(group))


@found_as("account_is_the_same")
def somebody_elses_pot_pays_for_a_redemption(vandal):
    pot = household_pot("next-door")
    vandal.know(pot, held_of(pot))
    hold = vandal.entry("hold").id
    vandal.change(
        postings,
        postings.c.entry_id == hold,
        source_id=vandal.id(pot),
        destination_id=vandal.id(held_of(pot)),
    )


@found_as("account_is_the_same")
def a_gift_to_the_pool_lands_in_a_pot(vandal):
    pot = household_pot("next-door")
    vandal.know(pot)
    vandal.change(postings, postings.c.entry_id == vandal.entry("gift").id, destination_id=vandal.id(pot))


@found_as("account_is_the_same")
def a_capture_is_credited_to_another_merchant(vandal):
    """No balance row and no step knows it: only the redemption says who handed over the goods."""
    other = merchant_account(str(vandal.of.other_merchant))
    vandal.know(other)
    shop = vandal.id(merchant_account(str(vandal.of.merchant)))
    vandal.change(postings, postings.c.destination_id == shop, destination_id=vandal.id(other))
    vandal.change(postings, postings.c.source_id == shop, source_id=vandal.id(other))


@found_as("account_is_the_same")
def two_people_of_equal_points_are_swapped(vandal):
    """Li, who has not spent yet, gets Wang's award and Wang gets Li's; every figure stays as it was."""
    one, other = vandal.award_of(vandal.wang), vandal.award_of(vandal.li)
    vandal.change_posting(one, destination_id=other.destination_id)
    vandal.change_posting(other, destination_id=one.destination_id)


@found_as("origin_is_the_same")
def an_award_is_given_to_another_check_in(vandal):
    one, other = vandal.award_of(vandal.wang).entry_id, vandal.award_of(vandal.li).entry_id
    vandal.change(CheckIn, CheckIn.person_id == vandal.of.wang, award_id=uuid7())
    vandal.change(CheckIn, CheckIn.person_id == vandal.of.li, award_id=one)
    vandal.change(CheckIn, CheckIn.person_id == vandal.of.wang, award_id=other)


@found_as("kind_is_the_same")
def a_redemption_names_its_capture_as_its_release(vandal):
    vandal.change(Redemption, Redemption.state == "released", release_id=vandal.entry("reserve").id)


@found_as("key_is_the_same")
def the_key_of_a_redemption_is_changed(vandal):
    vandal.change(Redemption, Redemption.state == "held", request_key="another")


@found_as("entry_has_business")
def points_are_issued_without_an_allocation(vandal):
    vandal.forge("allocate", (vandal.undated, ISSUANCE, fund_account(str(vandal.of.fund)), 500))


@found_as("entry_has_business")
def a_check_in_loses_its_award(vandal):
    vandal.change(CheckIn, CheckIn.person_id == vandal.of.wang, points=0, award_id=None)


@found_as("entry_has_business")
def somebodys_wallet_is_moved_without_a_merge(vandal):
    vandal.forge("transfer", (vandal.dated, vandal.li, vandal.wang, 5))


@found_as("entry_has_business")
def somebodys_hours_are_moved_without_a_merge(vandal):
    vandal.forge("transfer", (MINUTES, vandal.li, vandal.wang, 1))


@found_as("amount_is_the_same")
def a_merge_is_said_to_have_carried_more(vandal):
    vandal.change(CarryOver, CarryOver.unit == "points", amount=8)


@found_as("account_is_the_same")
def what_a_merge_carried_arrives_with_somebody_else(vandal):
    kept = vandal.carried("points").destination_id
    vandal.change(
        postings, postings.c.destination_id == vandal.id(person_wallet(str(kept))), destination_id=vandal.id(vandal.li)
    )


@found_as("account_is_the_same")
def what_a_merge_carried_comes_from_somebody_else(vandal):
    ended = vandal.carried("minutes").source_id
    vandal.change(
        postings, postings.c.source_id == vandal.id(person_wallet(str(ended))), source_id=vandal.id(vandal.li)
    )


@found_as("account_is_the_same")
def what_a_merge_carried_lands_in_the_pool(vandal):
    vandal.know(CHARITY_POOL)
    of_it = postings.c.entry_id == vandal.carried("points").entry_id
    vandal.change(postings, of_it, destination_id=vandal.id(CHARITY_POOL))


@found_as("key_is_the_same")
def a_transfer_is_put_under_a_free_key(vandal):
    vandal.change(entries, entries.c.id == vandal.carried("points").entry_id, key="transfer:free")


@found_as("origin_is_the_same")
def a_transfer_is_said_to_be_of_another_merge(vandal):
    vandal.change(entries, entries.c.id == vandal.carried("points").entry_id, origin="person_merge:1")


@found_as("entry_is_there")
def a_merge_names_a_transfer_that_never_was(vandal):
    vandal.change(CarryOver, CarryOver.unit == "points", entry_id=uuid7())


@found_as("business_fits_itself")
def a_wallet_is_carried_from_somebody_who_is_still_there(vandal):
    """The forged transfer has a row that names it, but nobody ended that account."""
    one = vandal.carried("points")
    forged = {"id": uuid7(), "n": 9, "source_id": vandal.of.li, "destination_id": vandal.of.wang, "amount": 5}
    forged["entry_id"] = vandal.forge(
        "transfer",
        (vandal.dated, vandal.li, vandal.wang, 5),
        key=f"transfer:{one.merge_id}:9",
        origin=f"person_merge:{one.merge_id}",
    )
    vandal.sql.execute(insert(CarryOver.__table__).values(one._asdict() | forged))


@found_as("business_fits_itself")
def a_wallet_is_carried_to_somebody_they_were_not_merged_into(vandal):
    vandal.change(Person, Person.merged_into_id.is_not(None), merged_into_id=vandal.of.li)


@found_as("business_fits_itself")
def a_merge_is_said_to_have_left_them_separate(vandal):
    vandal.change(PersonMerge, state="separate", kept_id=None, merged_id=None)


@found_as("amount_is_the_same")
def somebody_is_said_to_have_left_more(vandal):
    vandal.change(Bequest, points=8)


@found_as("account_is_the_same")
def what_the_dead_left_lands_with_somebody_else(vandal):
    vandal.change(postings, postings.c.entry_id == vandal.left.entry_id, destination_id=vandal.id(vandal.li))


@found_as("business_fits_itself")
def what_the_dead_left_is_said_to_be_the_pools(vandal):
    """Row and posting agree, but she had a household."""
    vandal.know(CHARITY_POOL)
    vandal.change(postings, postings.c.entry_id == vandal.left.entry_id, destination_id=vandal.id(CHARITY_POOL))
    vandal.change(Bequest, household_id=None)


@found_as("business_fits_itself")
def somebody_is_said_to_live_whose_points_were_left(vandal):
    vandal.change(Person, Person.parted_at.is_not(None), parted_at=None)


@found_as("account_is_the_same")
def a_groups_award_lands_in_another_groups_wallet(vandal):
    other = group_wallet("another")
    vandal.know(other)
    award = vandal.sql.scalars(select(GroupAward.entry_id).where(GroupAward.office_id == vandal.book)).one()
    of_it = (postings.c.entry_id == award) & (postings.c.destination_version.is_not(None))
    vandal.change(postings, of_it, destination_id=vandal.id(other))


@found_as("amount_is_the_same")
def a_group_is_said_to_have_thanked_with_more(vandal):
    vandal.change(Thanks, points=8)


@found_as("account_is_the_same")
def what_a_group_gave_arrives_with_somebody_else(vandal):
    vandal.change(Thanks, person_id=vandal.of.li)


@found_as("account_is_the_same")
def a_group_is_said_to_have_paid_for_a_leaders_own(vandal):
    vandal.change(Redemption, Redemption.group_id.is_not(None), group_id=None)


@found_as("business_fits_itself")
def a_rule_is_changed_that_groups_were_awarded_by(vandal):
    vandal.change(GroupPointRule, points_each=20)


@found_as("business_fits_itself")
def a_group_is_said_to_have_done_more(vandal):
    vandal.change(GroupAwardLine, activities=2, counted=2)


@found_as("business_fits_itself")
def a_list_is_said_to_be_of_another_month(vandal):
    vandal.change(GroupAwardRun, month="2020-01")


@found_as("business_fits_itself")
def a_run_is_said_to_have_awarded_more(vandal):
    vandal.change(GroupAwardRun, points=60)


@found_as("business_fits_itself")
def an_activity_is_said_to_have_been_fuller_than_it_was(vandal):
    vandal.change(GroupAwardTurnout, people=6)


@found_as("entry_is_there")
def an_allocation_names_an_entry_that_never_was(vandal):
    vandal.change(Allocation, Allocation.points == 5000, entry_id=uuid7())


@found_as("amount_is_the_same")
def a_statement_is_closed_for_more_fen(vandal):
    vandal.change(Statement, Statement.number == 1, fen=1000)


@found_as("business_fits_itself")
def a_line_is_worth_more_than_its_redemption(vandal):
    vandal.change(StatementLine, StatementLine.kind == "capture", fen=1000)


@found_as("business_fits_itself")
def a_line_is_taken_out_of_a_statement(vandal):
    vandal.sql.execute(delete(StatementLine.__table__).where(StatementLine.kind == "void"))


@found_as("business_fits_itself")
def a_debt_is_not_carried(vandal):
    vandal.change(Statement, Statement.number == 2, number=3)


@found_as("shares_are_the_same")
def a_line_of_points_is_moved_to_another_statement(vandal):
    first = select(Statement.id).where(Statement.office_id == vandal.book, Statement.number == 1).scalar_subquery()
    last = StatementLine.statement_id != first
    vandal.change(StatementLine, StatementLine.kind == "void", last, statement_id=first, number=9)


@found_as("entry_is_there")
def a_payment_names_an_entry_that_is_not_there(vandal):
    vandal.change(Statement, Statement.pay_id.is_not(None), pay_id=uuid7())


@found_as("entry_has_business")
def a_shop_is_paid_without_a_statement(vandal):
    shop = merchant_account(str(vandal.of.other_merchant))
    vandal.forge("pay", (FEN, shop, PAID, 500))


@found_as("entry_is_claimed_once")
def two_allocations_name_the_same_entry(vandal):
    first = vandal.sql.execute(
        select(Allocation.__table__).where(Allocation.office_id == vandal.book, Allocation.points == 5000)
    ).one()
    second = first._asdict() | {"id": uuid7(), "request_key": "again"}
    vandal.sql.execute(insert(Allocation.__table__).values(second))


@pytest.mark.parametrize(("rule", "edit"), edits.rows())
def test_every_disagreement_is_found(history, rule, edit):
    with vandalised(history) as vandal:
        edit(vandal)

        assert rule in rules_broken(vandal)


def test_a_forged_entry_with_business_cannot_be_told_from_a_true_one(history):
    """What verify does not promise: whoever owns the database and knows all of this writes a perfect newest entry."""
    with vandalised(history) as vandal:
        one = vandal.sql.execute(
            select(Allocation.__table__).where(Allocation.office_id == vandal.book, Allocation.points == 5000)
        ).one()
        allocation = uuid7()
        entry_id = vandal.forge(
            "allocate",
            (vandal.undated, ISSUANCE, fund_account(str(vandal.of.fund)), 500),
            key=f"allocate:{allocation}",
            origin=f"allocation:{allocation}",
        )
        forged = {"id": allocation, "request_key": "forged", "points": 500, "entry_id": entry_id}
        vandal.sql.execute(insert(Allocation.__table__).values(one._asdict() | forged))
        switch_triggers(vandal.sql, on=True)

        assert rules_broken(vandal) == set()
