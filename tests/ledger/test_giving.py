"""Gifts, thanks and transfers: points change hands with their fund and last day, and never after it."""

from datetime import timedelta

import pytest

from backend.ledger.accounts import CHARITY_POOL, MINUTES, Lot, fund_account, held_of
from backend.ledger.errors import InsufficientPoints, KeyReused
from backend.ledger.kinds import Posting
from tests.builders.races import at_once, deadlocks_counted
from tests.ledger.bookkeeping import GROUP, LI, POT, WANG, dated, in_shanghai

OLD, AT = in_shanghai(2025, 5, 4), in_shanghai(2026, 5, 4)


@pytest.fixture
def rich(book):
    """Wang has 10 points to the end of this year and 20 to the end of the next, the group 30."""
    book.gives(10, at=OLD)
    book.gives(20, fund="f2", at=AT)
    book.gives(30, GROUP, at=AT)
    return book


@pytest.mark.parametrize("to", [POT, CHARITY_POOL], ids=lambda to: to.kind)
def test_a_gift_keeps_fund_and_last_day_and_takes_the_earliest_first(rich, to):
    gift = rich.posts(rich.gift(15, to, at=AT), at=AT)[0]

    assert rich.moves(gift.id) == [
        Posting(dated(OLD), WANG, to, 10),
        Posting(dated(AT, "f2"), WANG, to, 5),
    ]
    assert rich.wallet(today=AT.date()).available == 15
    assert rich.verified().total == 0


def test_nobody_gives_what_they_do_not_have(rich):
    before = rich.everything()

    with pytest.raises(InsufficientPoints) as refused:
        rich.posts(rich.gift(31, POT, at=AT), at=AT)

    assert (refused.value.facts["required"], refused.value.facts["available"]) == (31, 30)
    assert rich.everything() == before


def test_points_on_hold_are_not_given_away(rich):
    rich.holds(25, at=AT)

    with pytest.raises(InsufficientPoints):
        rich.posts(rich.gift(6, POT, at=AT), at=AT)


def test_a_gift_happens_once_per_key_and_other_figures_are_refused(rich):
    first = rich.posts(rich.gift(5, POT, key="tap", at=AT), at=AT)[0]

    assert rich.posts(rich.gift(5, POT, key="tap", at=AT), at=AT)[0].id == first.id
    with pytest.raises(KeyReused):
        rich.posts(rich.gift(6, POT, key="tap", at=AT), at=AT)
    assert rich.wallet(POT, today=AT.date()).available == 5


def test_a_hold_and_a_gift_under_the_same_clients_key_are_two_things(rich):
    rich.posts(rich.gift(5, POT, key="tap", at=AT), at=AT)

    assert not rich.posts(rich.hold(5, key="tap", at=AT), at=AT)[0].is_replay


def test_a_gift_to_somebody_elses_wallet_is_not_a_gift(rich):
    with pytest.raises(ValueError, match="does not move"):
        rich.posts(rich.gift(5, LI, at=AT), at=AT)


def test_a_group_thanks_a_person(rich):
    rich.posts(rich.thanks(12, at=AT), at=AT)

    assert rich.wallet(today=AT.date()).available == 42
    assert rich.wallet(GROUP, today=AT.date()).available == 18


def test_thanks_are_refused_beyond_what_the_group_has(rich):
    with pytest.raises(InsufficientPoints):
        rich.posts(rich.thanks(31, at=AT), at=AT)


def test_the_pool_helps_somebody(rich):
    rich.posts(rich.gift(15, CHARITY_POOL, at=AT), at=AT)

    rich.posts(rich.transfer(12, CHARITY_POOL, LI, at=AT), at=AT)

    assert rich.wallet(LI, today=AT.date()).available == 12
    assert rich.has(CHARITY_POOL, dated(AT, "f2")) == 3


def test_a_whole_wallet_moves_with_every_live_lot_and_leaves_what_is_on_hold(rich):
    """A death: the wallet goes to the pot; the open redemption is somebody else's decision."""
    rich.holds(4, at=AT)

    rich.posts(rich.transfer(None, WANG, POT, at=AT), at=AT)

    assert rich.by_last_day(POT, "f1") == {dated(OLD).last_day: 6}
    assert rich.by_last_day(POT, "f2") == {dated(AT).last_day: 20}
    assert rich.by_last_day(held_of(WANG), "f1") == {dated(OLD).last_day: 4}


def test_minutes_move_to_another_account_of_the_person_exactly_and_once(rich):
    rich.posts(rich.service(150, at=AT), at=AT)

    for again in (False, True):
        posted = rich.posts(rich.minutes_moved(150, "wang", "li", request="merge", at=AT), at=AT)[0]
        assert posted.is_replay is again

    assert (rich.wallet(today=AT.date()).minutes, rich.wallet(LI, today=AT.date()).minutes) == (0, 150)
    assert rich.wallet(today=AT.date()).available == 30
    assert rich.verified().total == 0


def test_more_minutes_than_there_are_do_not_move(rich):
    rich.posts(rich.service(150, at=AT), at=AT)
    before = rich.everything()

    with pytest.raises(Exception, match="busy"):  # the deed looks first; the ledger only refuses to go below zero
        rich.posts(rich.minutes_moved(151, "wang", "li", at=AT), at=AT)

    assert rich.everything() == before


@pytest.mark.parametrize("to", [POT, GROUP, CHARITY_POOL], ids=lambda to: to.kind)
def test_minutes_stay_with_people(to):
    assert not Posting(MINUTES, WANG, to, 1).is_allowed_in("transfer")


def test_minutes_and_awards_at_the_same_moment_do_not_deadlock(rich):
    """An award with its minutes takes no turn at the wallet: whoever moves minutes wants nothing else."""
    rich.posts(rich.service(100, at=AT), rich.service(100, "li", at=AT), at=AT)
    rich.posts(rich.allocation(1000, at=AT), rich.reservation(1000, at=AT), at=AT)

    with deadlocks_counted(rich.app) as deadlocks:
        at_once(
            *[lambda: rich.posts(rich.award(1, at=AT), rich.service(1, at=AT), at=AT)] * 10,
            *[lambda: rich.posts(rich.award(1, LI, at=AT), rich.service(1, "li", at=AT), at=AT)] * 10,
            *[lambda: rich.posts(rich.minutes_moved(1, "wang", "li", at=AT), at=AT)] * 10,
        )

    assert deadlocks == []
    assert (rich.wallet(today=AT.date()).minutes, rich.wallet(LI, today=AT.date()).minutes) == (100, 120)


def test_an_empty_wallet_cannot_be_moved(book):
    with pytest.raises(InsufficientPoints) as refused:
        book.posts(book.transfer(None, WANG, POT))

    assert refused.value.facts == {"required": 1, "available": 0}


def test_a_transfer_happens_once_per_request(rich):
    for again in (False, True):
        posted = rich.posts(rich.transfer(7, WANG, POT, request="r1", at=AT), at=AT)[0]
        assert posted.is_replay is again
    assert rich.wallet(POT, today=AT.date()).available == 7


@pytest.mark.parametrize("how", ["gift", "transfer"])
def test_expired_points_change_no_hands(rich, how):
    at = in_shanghai(2027, 1, 1)
    made = rich.gift(21, POT, at=at) if how == "gift" else rich.transfer(21, WANG, POT, at=at)

    with pytest.raises(InsufficientPoints) as refused:
        rich.posts(made, at=at)

    assert refused.value.facts["available"] == 20


def test_a_withdrawal_takes_points_out_of_the_world_once(book):
    book.posts(book.allocation(100))

    for _ in range(2):
        book.posts(book.withdrawal(40, request="w1"))

    assert book.fund() == 60
    assert book.verified().total == 0


def test_more_than_the_fund_has_is_never_withdrawn(book):
    book.posts(book.allocation(100))
    book.posts(book.reservation(70))

    with pytest.raises(Exception, match="busy"):  # the deed looks first; the ledger only refuses to go below zero
        book.posts(book.withdrawal(31))
    assert book.fund() == 30


@pytest.mark.parametrize(
    "made",
    [
        lambda book: book.transfer(5, WANG, WANG),
        lambda book: book.transfer(5, WANG, fund_account("f1")),
        lambda book: book.gift(0, POT),
        lambda book: book.gift(2**53, POT),
        lambda book: book.gift(True, POT),
    ],
    ids=["to oneself", "into a fund", "nothing", "more than there can be", "no number"],
)
def test_what_cannot_be_right_is_a_bug_of_whoever_wrote_it(rich, made):
    before = rich.everything()

    with pytest.raises(ValueError, match=r"does not move|is not an amount"):
        rich.posts(made(rich))

    assert rich.everything() == before


def test_of_many_who_empty_one_wallet_in_every_way_nobody_gets_more_than_there_is(rich):
    ways = [
        lambda n: rich.gift(3, POT, at=AT + timedelta(seconds=n)),
        lambda n: rich.hold(3, at=AT + timedelta(seconds=n)),
        lambda n: rich.transfer(3, WANG, LI, at=AT + timedelta(seconds=n)),
    ]

    def tries(n):
        try:
            rich.posts(ways[n % 3](n), at=AT)
        except InsufficientPoints:
            return False
        return True

    won = at_once(*[lambda n=n: tries(n) for n in range(30)])

    assert sum(won) == 10
    assert rich.wallet(today=AT.date()).available == 0
    assert rich.verified().total == 0


def test_gifts_both_ways_do_not_deadlock(rich):
    """Wang gives to the pool while the pool helps Wang; each locks the wallet first and the pool after it."""
    rich.posts(rich.gift(15, CHARITY_POOL, at=AT), at=AT)

    at_once(
        *[lambda: rich.posts(rich.gift(1, CHARITY_POOL, at=AT), at=AT)] * 10,
        *[lambda: rich.posts(rich.transfer(1, CHARITY_POOL, WANG, at=AT), at=AT)] * 10,
    )

    assert rich.wallet(today=AT.date()).available == 15
    assert sum(rich.has(CHARITY_POOL, lot) for lot in (dated(OLD), dated(AT, "f2"))) == 15
    assert rich.has(fund_account("f1"), Lot.undated("f1")) == 0
