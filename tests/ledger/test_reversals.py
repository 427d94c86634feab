"""A mistake is corrected by a new entry: what is left goes back to who paid, the rest is taken from later gains."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from backend.ledger import posting
from backend.ledger.accounts import (
    MINUTES,
    OWED,
    SERVICE,
    VINTAGE,
    Lot,
    budget_account,
    fund_account,
    held_of,
    recoverable_of,
)
from backend.ledger.claiming import Claims, claim
from backend.ledger.errors import AwardExpired, BookBroken
from backend.ledger.kinds import Posting
from tests.ledger.bookkeeping import GROUP, LI, POT, WANG, dated, fresh, in_shanghai

AT = in_shanghai(2026, 5, 4, 10)
D1 = dated(AT)
U1 = Lot.undated("f1")


@pytest.fixture
def funded(book):
    for fund in ("f1", "f2"):
        book.posts(book.allocation(500, fund, AT), book.reservation(300, fund, AT), at=AT)
    return book


def awarded(book, points, to=WANG, *, fund="f1", at=AT, origin=None):
    return book.posts(book.award(points, to, fund=fund, at=at, origin=origin), at=at)[0].id


def test_an_award_that_is_still_there_goes_back_to_the_budget_whole(funded):
    award = awarded(funded, 20)

    undone = funded.reverses(award, at=AT)

    assert funded.moves(undone.id) == [
        Posting(D1, WANG, VINTAGE, 20),
        Posting(U1, VINTAGE, budget_account("a1"), 20),
    ]
    assert (funded.wallet(today=AT.date()).available, funded.owes(), funded.budget()) == (0, 0, 300)


def test_the_fund_gets_it_back_when_the_activity_is_settled(funded):
    funded.reverses(awarded(funded, 20), payer=fund_account("f1"), at=AT)

    assert (funded.fund(), funded.budget()) == (220, 280)


def test_what_was_spent_is_owed_and_never_a_negative_balance(funded):
    award = awarded(funded, 20)
    funded.captures(funded.holds(15, at=AT), at=AT)

    funded.reverses(award, at=AT)

    wallet = funded.wallet(today=AT.date())
    assert (wallet.available, wallet.recoverable) == (0, 15)
    assert funded.budget() == 285


def test_what_is_on_hold_is_owed_until_it_comes_back(funded):
    """Or the shop would hand out goods for points that are gone; and a cancelled redemption would keep them."""
    award = awarded(funded, 20)
    hold = funded.holds(20, at=AT)

    funded.reverses(award, at=AT)
    assert (funded.owes(), funded.has(held_of(WANG), D1)) == (20, 20)

    funded.releases(hold, at=AT)
    assert (funded.owes(), funded.wallet(today=AT.date()).available) == (0, 0)
    assert funded.fund() == 220  # its own fund: the budget may be gone by now


def test_what_is_owed_is_taken_from_the_next_award_in_the_same_deed(funded):
    award = awarded(funded, 20)
    funded.captures(funded.holds(20, at=AT), at=AT)
    funded.reverses(award, at=AT)

    awarded(funded, 50)

    assert (funded.owes(), funded.wallet(today=AT.date()).available) == (0, 30)
    assert funded.kinds()[-2:] == ["award", "recover"]


def test_a_recovery_never_moves_one_funds_points_into_another(funded):
    """Fund 1 lost 20 to a mistake; what fund 2 gave later returns to fund 2, and only the debt is settled by it."""
    award = awarded(funded, 20, fund="f1")
    funded.captures(funded.holds(20, at=AT), at=AT)
    funded.reverses(award, at=AT)
    before = funded.fund("f1"), funded.fund("f2")

    awarded(funded, 50, fund="f2")

    assert (funded.fund("f1"), funded.fund("f2")) == (before[0], before[1] + 20)


def test_a_recovery_takes_the_earliest_last_day_first(funded):
    award = awarded(funded, 20)
    funded.captures(funded.holds(20, at=AT), at=AT)
    old = in_shanghai(2025, 3, 1)
    awarded(funded, 8, at=old)

    funded.reverses(award, at=AT)  # there is something else in the wallet: it is taken at once

    assert (funded.owes(), funded.has(WANG, dated(old))) == (12, 0)


def test_half_of_what_is_owed_is_half_a_recovery(funded):
    award = awarded(funded, 20)
    funded.captures(funded.holds(20, at=AT), at=AT)
    funded.reverses(award, at=AT)

    awarded(funded, 5)
    awarded(funded, 5)

    assert (funded.owes(), funded.wallet(today=AT.date()).available) == (10, 0)


@pytest.mark.parametrize("gain", ["a refund", "a release", "thanks", "a transfer", "the rest of a capture"])
def test_whatever_brings_points_pays_back_what_is_owed(funded, gain):
    award = awarded(funded, 20)
    shopped = funded.captures(funded.holds(20, at=AT), at=AT).id
    other = awarded(funded, 10)
    hold = funded.holds(10, at=AT)
    awarded(funded, 10, GROUP)
    awarded(funded, 10, LI)
    funded.reverses(award, at=AT)
    assert (funded.owes(), other is not None) == (20, True)

    if gain == "a refund":
        funded.refunds(shopped, at=AT)
    elif gain == "a release":
        funded.releases(hold, at=AT)
    elif gain == "thanks":
        funded.posts(funded.thanks(10, at=AT), at=AT)
    elif gain == "a transfer":
        funded.posts(funded.transfer(None, LI, WANG, at=AT), at=AT)
    else:
        funded.captures(hold, 4, at=AT)

    left = {"a refund": 0, "the rest of a capture": 14}.get(gain, 10)
    assert (funded.owes(), funded.wallet(today=AT.date()).available) == (left, 0)
    assert funded.verified().total == 0


def test_a_households_pot_repays_a_gift_it_gets(funded):
    award = awarded(funded, 20, POT)
    funded.captures(funded.holds(20, POT, at=AT), at=AT)
    funded.reverses(award, at=AT)
    awarded(funded, 30)

    funded.posts(funded.gift(25, POT, at=AT), at=AT)

    assert (funded.owes(POT), funded.wallet(POT, today=AT.date()).available) == (0, 5)


def test_a_batch_pays_back_one_after_the_other(funded):
    award = awarded(funded, 20)
    funded.captures(funded.holds(20, at=AT), at=AT)
    funded.reverses(award, at=AT)

    funded.posts(
        *(funded.award(points, who, at=AT) for points, who in ((7, WANG), (9, LI), (8, WANG), (9, WANG))), at=AT
    )

    assert (funded.owes(), funded.wallet(today=AT.date()).available) == (0, 4)
    assert funded.wallet(LI, today=AT.date()).available == 9
    assert funded.verified().total == 0


def test_an_award_is_undone_once_and_a_repeat_is_told_the_same(funded):
    award = awarded(funded, 20)

    first, again = funded.reverses(award, at=AT), funded.reverses(award, at=AT)

    assert (again.id, again.is_replay) == (first.id, True)
    assert funded.budget() == 300


def test_after_undoing_the_real_presence_is_awarded_under_the_next_number(funded):
    first = funded.award(20, origin="check-in", at=AT)
    funded.posts(first, at=AT)
    funded.reverses(first.id, at=AT)

    again = funded.award(20, origin="check-in", at=AT)
    assert funded.posts(again, at=AT)[0].is_replay  # the first is undone, not forgotten

    assert funded.wallet(today=AT.date()).available == 0


def test_undoing_minutes_takes_exactly_them(funded):
    served = funded.posts(funded.service(90, at=AT), funded.service(30, at=AT), at=AT)[0].id

    undone = funded.reverses(served, at=AT)

    assert funded.moves(undone.id) == [Posting(MINUTES, WANG, SERVICE, 90)]
    assert funded.wallet(today=AT.date()).minutes == 30


def test_nothing_is_owed_for_points_that_would_have_expired_by_now(funded):
    award = awarded(funded, 20)
    funded.captures(funded.holds(5, at=AT), at=AT)
    late = in_shanghai(2028, 1, 1)

    undone = funded.reverses(award, at=late)

    assert funded.owes() == 0
    assert sum(move.amount for move in funded.moves(undone.id) if move.source == WANG) == 15


@pytest.mark.parametrize(("at", "owed"), [(in_shanghai(2027, 12, 31, 23, 59, 59), 20), (in_shanghai(2028, 1, 1), 0)])
def test_the_last_second_of_the_last_day_in_shanghai_decides_what_is_owed(funded, at, owed):
    award = awarded(funded, 20)
    funded.captures(funded.holds(20, at=AT), at=AT)

    if owed:
        funded.reverses(award, at=at)
    else:
        with pytest.raises(AwardExpired) as refused:
            funded.reverses(award, at=at)
        assert refused.value.facts["last_day"] == D1.last_day
    assert funded.owes() == owed


def test_expired_points_repay_nothing(funded):
    old = in_shanghai(2025, 3, 1)
    award = awarded(funded, 20)
    funded.captures(funded.holds(20, at=AT), at=AT)
    awarded(funded, 8, at=old)
    funded.reverses(award, at=in_shanghai(2027, 1, 1))

    assert (funded.owes(), funded.has(WANG, dated(old))) == (20, 8)
    assert funded.repays(at=in_shanghai(2027, 1, 1)) == 0


def test_only_an_award_or_minutes_can_be_undone(funded):
    hold = funded.holds(5, at=AT) if awarded(funded, 20) else None

    for entry in (hold, funded.captures(hold, at=AT).id):
        with pytest.raises(BookBroken):
            funded.reverses(entry, at=AT)


def test_a_refund_that_renewed_points_is_no_award(funded):
    """It brings dated points out of the same place, and is still not to be undone like an award."""
    awarded(funded, 20)
    captured = funded.captures(funded.holds(5, at=AT), at=AT)
    refunded = funded.refunds(captured.id, at=in_shanghai(2028, 1, 2))

    with pytest.raises(BookBroken):
        funded.reverses(refunded.id, at=in_shanghai(2028, 1, 2))


def test_the_sweep_takes_what_a_race_left_behind(funded):
    """Two deeds that did not see each other: one made the wallet owe, the other brought points."""
    award = awarded(funded, 20)
    funded.captures(funded.holds(20, at=AT), at=AT)
    funded.reverses(award, at=AT)
    unseen(funded, 30)

    assert (funded.owes(), funded.wallet(today=AT.date()).available) == (20, 30)
    assert funded.repays(at=AT) == 1
    assert (funded.owes(), funded.wallet(today=AT.date()).available) == (0, 10)
    assert funded.repays(at=AT) == 0
    assert funded.verified().total == 0


def unseen(book, points):
    """Bring points without anybody asking what is owed, as a deed does whose snapshot is older than the debt."""

    def blind(of_book, made):
        return Claims(claim(of_book, made).answers, owing=False)

    with patch.object(posting, "claim", blind):
        awarded(book, points)


def test_a_debt_is_of_that_wallet_only(funded):
    award = awarded(funded, 20, LI)
    funded.captures(funded.holds(20, LI, at=AT), at=AT)
    funded.reverses(award, at=AT)

    awarded(funded, 20, WANG)

    assert (funded.owes(LI), funded.wallet(today=AT.date()).available) == (20, 20)
    assert funded.has(recoverable_of(LI), OWED) == 20


def test_an_hour_later_the_balance_after_each_entry_still_adds_up(funded):
    award = awarded(funded, 20)
    funded.captures(funded.holds(20, at=AT), at=AT)
    funded.reverses(award, at=AT + timedelta(hours=1))
    awarded(funded, 50, at=AT + timedelta(hours=2), origin=fresh())

    assert funded.verified().total == 0


def test_on_the_last_day_of_its_points_a_wallet_still_repays(funded):
    """The sweep looks for points that are good today, and on its last day a point is."""
    first = awarded(funded, 20)
    funded.captures(funded.holds(20, at=AT), at=AT)
    funded.reverses(first, at=AT)
    unseen(funded, 20)
    last = in_shanghai(2027, 12, 31, 12)

    assert funded.repays(at=last) == 1
