"""Corrections that correct nothing: each forged with every balance right, each found under its name."""

import pytest

from backend.ledger.accounts import (
    ISSUANCE,
    MINUTES,
    OWED,
    SERVICE,
    VINTAGE,
    budget_account,
    fund_account,
    recoverable_of,
)
from tests.ledger.history import History
from tests.ledger.vandal import Edits, rules_broken, vandalised

edits = Edits()
found_as = edits.found_as


@pytest.fixture(scope="module")
def history(app):
    return History.lived_in(app)


def taken_back(vandal, points, *, payer=None):
    payer = payer or budget_account(str(vandal.of.activity))
    return (vandal.dated, vandal.wang, VINTAGE, points), (vandal.undated, VINTAGE, payer, points)


def the_award(vandal):
    return vandal.award_of(vandal.wang).entry_id


@found_as("reverse_is_its_award")
def less_is_taken_back_than_is_owed_for(vandal):
    vandal.forge("reverse", *taken_back(vandal, 5), reverses_id=the_award(vandal))


@found_as("reverse_is_its_award")
def more_is_owed_than_was_awarded(vandal):
    owed = (OWED, ISSUANCE, recoverable_of(vandal.wang), 36)
    vandal.forge("reverse", *taken_back(vandal, 5), owed, reverses_id=the_award(vandal))


@found_as("reverse_is_its_award")
def somebody_else_owes_it(vandal):
    owed = (OWED, ISSUANCE, recoverable_of(vandal.li), 35)
    vandal.forge("reverse", *taken_back(vandal, 5), owed, reverses_id=the_award(vandal))


@found_as("reverse_is_its_award")
def another_activity_gets_it_back(vandal):
    owed = (OWED, ISSUANCE, recoverable_of(vandal.wang), 35)
    theirs = taken_back(vandal, 5, payer=budget_account("another"))
    vandal.forge("reverse", *theirs, owed, reverses_id=the_award(vandal))


@found_as("reverse_is_its_service")
def fewer_minutes_are_taken_back(vandal):
    vandal.forge("reverse", (MINUTES, vandal.wang, SERVICE, 1), reverses_id=vandal.entry("serve").id)


@found_as("reverses_its_kind")
def a_reservation_is_undone_as_if_it_were_an_award(vandal):
    vandal.forge("reverse", *taken_back(vandal, 5), reverses_id=vandal.entry("reserve").id)


def recover(vandal, points, *, owed, owing):
    vandal.forge("reverse", (OWED, ISSUANCE, recoverable_of(owing), 30), reverses_id=the_award(vandal))
    vandal.forge(
        "recover",
        (OWED, recoverable_of(owing), ISSUANCE, owed),
        *taken_back(vandal, points, payer=fund_account(str(vandal.of.fund))),
    )


@found_as("recovers_what_is_owed")
def more_is_taken_than_the_debt_shrinks(vandal):
    recover(vandal, 5, owed=4, owing=vandal.wang)


@found_as("recovers_what_is_owed")
def one_pays_what_another_owes(vandal):
    recover(vandal, 5, owed=5, owing=vandal.li)


def expire(vandal, points):
    vandal.forge("expire", *taken_back(vandal, points, payer=fund_account(str(vandal.of.fund))))


@found_as("recovers_what_is_owed")
def a_debt_shrinks_twice_for_what_is_taken_once(vandal):
    vandal.forge("reverse", (OWED, ISSUANCE, recoverable_of(vandal.wang), 30), reverses_id=the_award(vandal))
    repaid = (OWED, recoverable_of(vandal.wang), ISSUANCE, 3)
    vandal.forge("recover", repaid, repaid, *taken_back(vandal, 3, payer=fund_account(str(vandal.of.fund))))


@found_as("expired_after_its_day")
def live_points_expire(vandal):
    expire(vandal, 5)


@found_as("expires_whole")
def a_part_expires(vandal):
    expire(vandal, 5)


@found_as("issues_what_it_may")
def debts_are_issued_as_points(vandal):
    vandal.forge("reverse", (vandal.dated, ISSUANCE, vandal.wang, 5), reverses_id=the_award(vandal))


@found_as("entry_has_business")
def somebody_is_thanked_by_nobody(vandal):
    group = vandal.a_group_with(5)
    vandal.forge("thank", (vandal.dated, group, vandal.wang, 5), fingerprint=b"x" * 32)


@found_as("entry_has_business")
def points_are_withdrawn_without_a_request(vandal):
    fund = fund_account(str(vandal.of.fund))
    vandal.forge("withdraw", (vandal.undated, fund, ISSUANCE, 5))


@pytest.mark.parametrize(("rule", "edit"), edits.rows())
def test_every_false_correction_is_found(history, rule, edit):
    with vandalised(history) as vandal:
        edit(vandal)

        assert rule in rules_broken(vandal)
