"""Where figures and calendars end: 0, 1, 2^31, 2^53-1, the new year, 29 February."""

from datetime import date, timedelta

import pytest

from backend.ledger.accounts import MINUTES, MOST, Lot, last_day_for, last_day_of_returned, person_wallet
from backend.ledger.errors import BalanceTooLarge
from tests.ledger.bookkeeping import LI, WANG, dated, in_shanghai


@pytest.mark.parametrize("points", [1, 2**31 - 1, 2**31, 2**32, MOST - 1, MOST])
def test_every_amount_goes_all_the_way_exactly(book, points):
    book.gives(points)
    captured = book.captures(book.holds(points))
    book.refunds(captured.id)

    assert book.wallet().available == points
    assert book.verified().total == 0


def test_a_balance_reaches_the_limit_and_not_one_more(book):
    book.gives(MOST - 1)
    book.gives(1)
    assert book.wallet().available == MOST

    book.posts(book.allocation(1), book.reservation(1))
    with pytest.raises(BalanceTooLarge):
        book.posts(book.award(1))

    book.posts(book.award(1, LI))
    assert (book.wallet(LI).available, book.verified().total) == (1, 0)


def test_what_fits_no_balance_can_still_reach_merchants_who_have_none(book):
    """Three times the largest balance through one merchant: sums over postings are exact, too."""
    for name in ("a", "b", "c"):
        book.gives(MOST, person_wallet(name), fund=f"f-{name}")
        book.captures(book.holds(MOST, person_wallet(name)))

    assert book.verified().total == 0


@pytest.mark.parametrize("points", [0, -1, MOST + 1, 2**63])
def test_what_is_no_amount_is_a_bug(book, points):
    for make in (book.allocation, book.reservation, book.award, book.service, book.hold):
        with pytest.raises(ValueError, match="amount"):
            make(points)


def test_minutes_are_counted_beside_points_and_never_expire(book):
    book.posts(book.service(1), book.service(2**31))

    assert book.has(WANG, MINUTES) == 2**31 + 1
    assert book.wallet(today=date(2999, 1, 1)).minutes == 2**31 + 1
    assert book.verified().total == 0


def test_the_last_moment_of_a_year_and_the_first_of_the_next_give_different_lots(book):
    new_year = in_shanghai(2026, 1, 1)
    for at in (new_year - timedelta(microseconds=1), new_year):
        book.gives(10, at=at)

    assert book.by_last_day() == {date(2026, 12, 31): 10, date(2027, 12, 31): 10}
    assert book.verified().total == 0


def test_the_year_is_shanghais_not_londons(book):
    """At 20:00 UTC on 31 December it is four in the morning of the new year."""
    book.gives(10, at=in_shanghai(2026, 1, 1, 4))

    assert book.has(WANG, Lot.dated("f1", date(2027, 12, 31))) == 10


def test_a_leap_day_is_a_day(book):
    leap = in_shanghai(2028, 2, 29, 12)
    book.gives(10, at=leap)
    captured = book.captures(book.holds(4, at=leap), at=leap)
    book.refunds(captured.id, at=leap + timedelta(days=1))

    assert book.by_last_day() == {date(2029, 12, 31): 10}
    assert dated(leap).last_day == last_day_for(date(2028, 2, 29))
    assert book.verified().total == 0


@pytest.mark.parametrize(
    ("today", "last_day"),
    [
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(2026, 12, 1), date(2026, 12, 31)),  # thirty days ahead
        (date(2026, 12, 2), date(2027, 12, 31)),  # twenty-nine
        (date(2026, 12, 31), date(2027, 12, 31)),
        (date(2028, 2, 29), date(2028, 12, 31)),
    ],
)
def test_what_comes_back_is_good_for_thirty_days_at_least(today, last_day):
    assert last_day_of_returned(today) == last_day
    assert (last_day - today).days >= 30


def test_ids_are_the_same_on_every_machine_for_ever():
    """They are stored in every posting; another way to hash them would orphan all of it."""
    assert str(WANG.id_in(1)) == "4d5d8c0e-82d0-56cb-b777-393ecf729774"
    assert str(Lot.dated("f1", date(2027, 12, 31)).id_in(1)) == "42446698-547a-5a50-80df-1f4c32f3a1b9"
    assert WANG.id_in(1) != WANG.id_in(2)
