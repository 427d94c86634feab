"""The ledger's own tables are edited by hand: verify names what does not fit.

Every edit happens in a transaction that is rolled back after verify has looked, so all of them share one history.
"""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from backend.foundation.clock import now
from backend.ledger.accounts import (
    ISSUANCE,
    MINUTES,
    VINTAGE,
    Account,
    Lot,
    budget_account,
    fund_account,
    held_of,
    merchant_account,
)
from backend.ledger.models import accounts, balances, entries, lots, postings
from tests.ledger.history import History
from tests.ledger.vandal import Edits, rules_broken, switch_triggers, vandalised

edits = Edits()
found_as = edits.found_as


@pytest.fixture(scope="module")
def history(app):
    return History.lived_in(app)


def test_without_an_edit_nothing_is_found(history):
    with vandalised(history) as vandal:
        assert rules_broken(vandal) == {"trigger_is_there" if vandal.is_sqlite else "trigger_is_ours"}
        switch_triggers(vandal.sql, on=True)
        assert rules_broken(vandal) == set()


# 1: accounts and lots


@found_as("account_id_is_hash")
def the_owner_of_an_account_is_changed(vandal):
    vandal.change(accounts, accounts.c.id == vandal.id(vandal.wang), owner="somebody-else")


@found_as("account_kind_is_known")
def an_account_of_a_new_kind_is_opened(vandal):
    vandal.know(Account("slush_fund", "mine"))


@found_as("is_one_account")
def a_second_vintage_is_opened(vandal):
    vandal.know(Account("vintage", "mine"))


@found_as("is_one_account")
def a_second_till_pays_merchants(vandal):
    vandal.know(Account("payable", "mine"))


@found_as("lot_id_is_hash")
def the_last_day_of_a_lot_is_moved(vandal):
    vandal.change(lots, lots.c.id == vandal.dated.id_in(vandal.book), last_day=date(2031, 12, 31))


@found_as("lot_id_is_hash")
def the_fund_of_a_lot_is_changed(vandal):
    vandal.change(lots, lots.c.id == vandal.dated.id_in(vandal.book), fund=str(vandal.of.other_fund))


@found_as("last_day_ends_a_year")
def a_lot_that_ends_in_summer_is_made(vandal):
    vandal.know(Lot.dated(str(vandal.of.fund), date(2031, 6, 30)))


@found_as("points_have_a_fund")
def points_are_made_that_nobody_pays_for(vandal):
    vandal.know(Lot.undated(""))


@found_as("other_units_are_one_lot")
def minutes_are_given_a_fund(vandal):
    vandal.know(Lot("minutes", "mine", MINUTES.last_day))


@found_as("last_day_fits_award")
def everybodys_points_are_made_good_for_longer(vandal):
    longer = Lot.dated(str(vandal.of.fund), date(2031, 12, 31))
    vandal.know(longer)
    was, becomes = vandal.dated.id_in(vandal.book), longer.id_in(vandal.book)
    vandal.change(postings, postings.c.lot_id == was, lot_id=becomes)
    vandal.change(balances, balances.c.lot_id == was, lot_id=becomes)


@found_as("last_day_fits_award")
def an_award_is_moved_into_another_year(vandal):
    vandal.change(entries, entries.c.kind == "award", occurred_at=now() - timedelta(days=370))


@found_as("account_has_only_its_own")
def a_fund_is_given_points_of_another_fund(vandal):
    vandal.forge("allocate", (vandal.undated, ISSUANCE, fund_account(str(vandal.of.other_fund)), 5))


@found_as("last_day_fits_refund")
def a_refund_makes_points_good_for_years(vandal):
    shop, longer = merchant_account(str(vandal.of.merchant)), Lot.dated(str(vandal.of.fund), date(2035, 12, 31))
    moves = (vandal.dated, shop, VINTAGE, 10), (longer, VINTAGE, vandal.wang, 10)
    vandal.forge("refund", *moves, reverses_id=vandal.entry("allocate").id)


# 2: balances


@found_as("balance_is_sum")
def only_a_balance_is_edited(vandal):
    vandal.change(balances, balances.c.account_id == vandal.id(vandal.wang), balance=balances.c.balance + 1)


@found_as("balance_is_sum")
def only_a_version_is_edited(vandal):
    vandal.change(balances, balances.c.account_id == vandal.id(vandal.wang), version=balances.c.version + 1)


@found_as("balance_is_there")
def a_balance_is_deleted(vandal):
    vandal.sql.execute(
        delete(balances).where(balances.c.book_id == vandal.book, balances.c.account_id == vandal.id(vandal.li))
    )


@found_as("outside_has_no_balance")
def the_outside_is_given_a_balance(vandal):
    vandal._moved(VINTAGE, vandal.undated, 5)


# 3: steps


@found_as("steps_join")
def the_amount_of_a_posting_is_changed(vandal):
    vandal.change_posting(vandal.award_of(vandal.wang), amount=41)


@found_as("steps_join")
def the_balance_after_a_posting_is_changed(vandal):
    posting = vandal.award_of(vandal.wang)
    vandal.change_posting(posting, destination_after=posting.destination_after + 1)


@found_as("steps_join")
def two_entries_claim_to_be_the_same_step(vandal):
    holds = select(entries.c.id).where(entries.c.book_id == vandal.book, entries.c.kind == "hold")
    vandal.change(postings, postings.c.entry_id.in_(holds), source_version=2)


@found_as("step_is_recorded")
def a_posting_hides_that_it_changed_a_balance(vandal):
    vandal.change_posting(vandal.award_of(vandal.wang), destination_version=None, destination_after=None)


# 4: entries


@found_as("posting_is_whole")
def an_entry_is_deleted_and_its_postings_stay(vandal):
    award = vandal.award_of(vandal.wang)
    vandal.sql.execute(delete(entries).where(entries.c.book_id == vandal.book, entries.c.id == award.entry_id))


@found_as("balance_is_sum")
def an_entry_is_deleted_with_its_postings(vandal):
    award = vandal.award_of(vandal.wang)
    for table, column in ((postings, postings.c.entry_id), (entries, entries.c.id)):
        vandal.sql.execute(delete(table).where(table.c.book_id == vandal.book, column == award.entry_id))


@found_as("postings_are_numbered")
def half_of_an_entry_is_deleted(vandal):
    award = vandal.award_of(vandal.wang)
    half = (postings.c.entry_id == award.entry_id) & (postings.c.n == 1)
    vandal.sql.execute(delete(postings).where(postings.c.book_id == vandal.book, half))


@found_as("postings_are_numbered")
def an_entry_that_moves_nothing_is_added(vandal):
    vandal.forge("allocate")


@found_as("kind_allows_move")
def points_are_awarded_straight_from_issuance(vandal):
    vandal.forge("award", (vandal.undated, ISSUANCE, VINTAGE, 5), (vandal.dated, VINTAGE, vandal.wang, 5))


@found_as("kind_is_known")
def an_entry_becomes_a_kind_of_its_own(vandal):
    vandal.change(entries, entries.c.kind == "reserve", kind="bonus", key="bonus:" + entries.c.key)


@found_as("reason_is_given")
def a_reason_is_erased(vandal):
    vandal.change(entries, entries.c.kind == "award", reason="")


@found_as("actor_is_given")
def who_did_it_is_erased(vandal):
    vandal.change(entries, entries.c.kind == "award", actor="")


@found_as("origin_is_given")
def what_it_was_for_is_erased(vandal):
    vandal.change(entries, entries.c.kind == "award", origin="")


@found_as("key_begins_with_kind")
def a_key_is_taken_from_another_kind(vandal):
    vandal.lift_check("key_begins_with_kind")
    vandal.change(entries, entries.c.kind == "return", key="award:free:0")


@found_as("hold_expires")
def a_hold_is_made_to_last_for_ever(vandal):
    vandal.lift_check("holds_expire")
    vandal.change(entries, entries.c.kind == "hold", hold_expires_at=None)


@found_as("resolution_names_hold")
def a_release_forgets_its_hold(vandal):
    vandal.lift_check("resolutions_name_a_hold")
    vandal.change(entries, entries.c.kind == "release", resolves_id=None)


@found_as("client_key_has_fingerprint")
def a_fingerprint_is_erased(vandal):
    vandal.lift_check("clients_keys_have_fingerprints")
    vandal.change(entries, entries.c.kind == "hold", fingerprint=None)


@found_as("reversal_names_entry")
def a_refund_forgets_what_it_undid(vandal):
    vandal.lift_check("reversals_name_an_entry")
    vandal.change(entries, entries.c.kind == "refund", reverses_id=None)


# 5: where points come from


@found_as("issues_what_it_may")
def points_are_issued_by_something_else_than_an_allocation(vandal):
    vandal.forge("reserve", (vandal.undated, ISSUANCE, budget_account(str(vandal.of.activity)), 5))


@found_as("points_keep_their_fund")
def points_of_one_fund_are_turned_into_anothers(vandal):
    theirs = Lot.dated(str(vandal.of.other_fund), vandal.dated.last_day)
    payer = budget_account(str(vandal.of.activity))
    vandal.forge("award", (vandal.undated, payer, VINTAGE, 5), (theirs, VINTAGE, vandal.wang, 5))


@found_as("points_keep_their_fund")
def more_is_awarded_than_the_budget_lost(vandal):
    payer = budget_account(str(vandal.of.activity))
    vandal.forge("award", (vandal.undated, payer, VINTAGE, 5), (vandal.dated, VINTAGE, vandal.wang, 6))


# 6: what resolves and undoes


@found_as("resolves_a_hold")
def a_capture_names_something_that_was_no_hold(vandal):
    vandal.change(entries, entries.c.kind == "release", resolves_id=vandal.entry("allocate").id)


@found_as("reverses_its_kind")
def a_refund_names_something_that_was_no_capture(vandal):
    vandal.change(entries, entries.c.id == vandal.entry("refund").id, reverses_id=vandal.entry("award").id)


@found_as("hold_is_resolved_whole")
def a_capture_takes_less_than_was_held(vandal):
    vandal.change(postings, postings.c.entry_id == vandal.entry("capture").id, amount=9)


@found_as("held_for_its_wallet")
def a_hold_is_released_to_somebody_else(vandal):
    vandal.change(postings, postings.c.entry_id == vandal.entry("release").id, destination_id=vandal.id(vandal.li))


@found_as("refund_is_its_capture")
def a_refund_gives_more_than_was_captured(vandal):
    vandal.change(postings, postings.c.entry_id == vandal.entry("refund").id, amount=11)


@found_as("refund_goes_back")
def a_refund_goes_to_somebody_else(vandal):
    vandal.change(postings, postings.c.entry_id == vandal.entry("refund").id, destination_id=vandal.id(vandal.li))


@found_as("refund_renews_what_expired")
def a_refund_after_the_last_day_is_not_renewed(vandal):
    vandal.change(entries, entries.c.kind == "refund", occurred_at=now() + timedelta(days=1000))


# 7: what is held


@found_as("held_is_open_holds")
def an_open_hold_is_forgotten(vandal):
    vandal.change(balances, balances.c.account_id == vandal.id(held_of(vandal.wang)), balance=0)


# 8: too late


@found_as("spent_in_time")
def points_are_spent_after_their_last_day(vandal):
    vandal.change(entries, entries.c.kind == "hold", occurred_at=now() + timedelta(days=1000))


@found_as("captured_in_time")
def a_capture_comes_after_the_hold_has_ended(vandal):
    vandal.change(entries, entries.c.kind == "capture", occurred_at=now() + timedelta(minutes=16))


@pytest.mark.parametrize(("rule", "edit"), edits.rows())
def test_every_edit_by_hand_is_found(history, rule, edit):
    with vandalised(history) as vandal:
        edit(vandal)

        assert rule in rules_broken(vandal)
