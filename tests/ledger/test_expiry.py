"""Points whose last day has passed go back to the fund that paid for them, undated and good again; once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.foundation.clock import shanghai_day
from backend.foundation.db import session, transactional
from backend.foundation.errors import Busy
from backend.ledger import sweeps
from backend.ledger.accounts import CHARITY_POOL, VINTAGE, Lot, fund_account, held_of
from backend.ledger.book import Book
from backend.ledger.drafts import Draft
from backend.ledger.kinds import Posting
from backend.ledger.models import entries
from backend.ledger.plans import Expiry
from tests.builders.races import at_once
from tests.ledger.bookkeeping import GROUP, POT, WANG, dated, in_shanghai, told

AT = in_shanghai(2025, 5, 4)
LAST_SECOND, NEW_YEAR = in_shanghai(2026, 12, 31, 23, 59, 59), in_shanghai(2027, 1, 1)
D = dated(AT)


def test_on_the_last_day_nothing_expires_and_on_the_next_everything_does(book):
    book.gives(30, at=AT)

    assert book.expires(at=LAST_SECOND) == 0
    assert book.expires(at=NEW_YEAR) == 1
    assert (book.by_last_day(), book.fund()) == ({}, 30)
    assert book.verified().total == 0


def test_a_sweep_on_the_last_day_finds_nothing_and_does_nothing(book):
    """Also one that was told about the lot by somebody whose clock runs ahead."""
    book.gives(20, at=in_shanghai(2026, 5, 4))
    last = in_shanghai(2027, 12, 31, 23, 59, 59)
    place = (WANG, dated(in_shanghai(2026, 5, 4)))

    assert book.looks(lambda inside: sweeps.expired(inside, today=shanghai_day(last), limit=10)) == []
    assert not book.does(lambda inside: sweeps.expire(inside, place, told=told(last)), at=last)
    assert book.expires(at=last + timedelta(seconds=1)) == 1
    # What is empty is not looked at again.
    assert (
        book.looks(lambda inside: sweeps.expired(inside, today=shanghai_day(last) + timedelta(days=9), limit=10)) == []
    )


def test_it_goes_back_to_its_own_fund_and_is_good_again(book):
    book.gives(30, fund="f1", at=AT)
    book.gives(20, fund="f2", at=AT)

    book.expires(at=NEW_YEAR)
    assert (book.fund("f1"), book.fund("f2")) == (30, 20)

    book.posts(book.reservation(30, at=NEW_YEAR), at=NEW_YEAR)
    book.posts(book.award(30, at=NEW_YEAR), at=NEW_YEAR)
    assert book.by_last_day() == {dated(NEW_YEAR).last_day: 30}


def test_what_moves_says_so(book):
    book.gives(30, at=AT)
    book.expires(at=NEW_YEAR)

    entry = book.looks(lambda b: b.session.execute(last_of(b)).scalar_one())

    assert book.moves(entry) == [
        Posting(D, WANG, VINTAGE, 30),
        Posting(Lot.undated("f1"), VINTAGE, fund_account("f1"), 30),
    ]


def last_of(book):
    return select(entries.c.id).where(entries.c.book_id == book.id, entries.c.kind == "expire")


@pytest.mark.parametrize("pot", [POT, GROUP], ids=lambda pot: pot.kind)
def test_every_wallet_expires(book, pot):
    book.gives(30, pot, at=AT)

    assert book.expires(at=NEW_YEAR) == 1


def test_the_pool_expires_too(book):
    book.gives(30, at=AT)
    book.posts(book.gift(30, CHARITY_POOL, at=AT), at=AT)

    assert (book.expires(at=NEW_YEAR), book.has(CHARITY_POOL, D), book.fund()) == (1, 0, 30)


def test_what_is_on_hold_is_left_alone_and_expires_when_it_comes_back(book):
    """Broken before elsewhere: expiry keyed without the version left released points stuck for ever."""
    book.gives(30, at=AT)
    hold = book.holds(10, at=LAST_SECOND, lasts=timedelta(days=3))

    assert (book.expires(at=NEW_YEAR), book.has(held_of(WANG), D)) == (1, 10)
    book.releases(hold, at=NEW_YEAR + timedelta(hours=1))
    assert (book.has(WANG, D), book.wallet(today=shanghai_day(NEW_YEAR)).available) == (10, 0)

    assert book.expires(at=NEW_YEAR + timedelta(hours=2)) == 1
    assert (book.has(WANG, D), book.fund()) == (0, 30)
    assert book.verified().total == 0


def test_a_hold_from_before_the_last_day_may_be_captured_after_it(book):
    book.gives(30, at=AT)
    hold = book.holds(30, at=LAST_SECOND, lasts=timedelta(days=3))
    book.expires(at=NEW_YEAR)

    captured = book.captures(hold, 20, at=NEW_YEAR + timedelta(hours=9))
    assert book.expires(at=NEW_YEAR + timedelta(hours=10)) == 1  # the rest came back too late to be spent

    book.refunds(captured.id, at=NEW_YEAR + timedelta(hours=11))
    assert book.by_last_day() == {dated(in_shanghai(2026, 6, 1)).last_day: 20}  # renewed: to the end of 2027
    assert book.verified().total == 0


def test_twice_is_once(book):
    book.gives(30, at=AT)
    place = (WANG, D)

    def expire(b):
        return sweeps.expire(b, place, told=told(NEW_YEAR))

    assert book.does(expire, at=NEW_YEAR) is True
    assert book.does(expire, at=NEW_YEAR) is False
    assert book.fund() == 30


def test_a_sweep_that_looked_before_something_moved_does_nothing_and_looks_again(book):
    """Or it would take under a key that says less than what it took."""
    book.gives(30, at=AT)
    early = Draft("expire", "expire:early:1", told(NEW_YEAR), plan=Expiry(WANG, D, version=1))
    book.holds(10, at=LAST_SECOND)
    before = book.everything()

    with pytest.raises(Busy):  # four times the same draft: it never looked again
        book.posts(early, at=NEW_YEAR)

    assert book.everything() == before


def test_many_sweeps_at_once_return_each_lot_once(book):
    for fund in ("f1", "f2", "f3"):
        book.gives(10, fund=fund, at=AT)
        book.gives(10, POT, fund=fund, at=AT)

    done = at_once(*[lambda: book.expires(at=NEW_YEAR)] * 8)

    assert sum(done) == 6
    assert [book.fund(fund) for fund in ("f1", "f2", "f3")] == [20, 20, 20]
    assert book.verified().total == 0


def test_a_sweep_and_a_late_release_leave_nothing_stuck(book):
    book.gives(40, at=AT)
    holds = [book.holds(10, at=LAST_SECOND, lasts=timedelta(days=3)) for _ in range(3)]

    at_once(
        *[lambda: book.expires(at=NEW_YEAR)] * 3,
        *[lambda h=hold: book.releases(h, at=NEW_YEAR) for hold in holds],
    )
    book.expires(at=NEW_YEAR)

    assert (book.has(WANG, D), book.fund()) == (0, 40)
    assert book.verified().total == 0


def test_a_place_that_was_emptied_meanwhile_is_no_trouble(book, app):
    book.gives(10, at=AT)
    book.holds(10, at=LAST_SECOND)

    with app.app_context():
        look = transactional(lambda: sweeps.expire(Book(session(), book.id), (WANG, D), told=told(NEW_YEAR)))
        assert look() is False
