"""Which lots a payment takes: live ones only, earliest last day first, ties by lot id."""

from datetime import UTC, date, timedelta
from uuid import UUID

import pytest

from backend.foundation.clock import start_of_day
from backend.ledger.accounts import Lot, held_of
from backend.ledger.errors import InsufficientPoints
from backend.ledger.spending import Holding, live, take
from tests.ledger.bookkeeping import HELD, WANG, dated, in_shanghai

LAST = date(2026, 12, 31)


def holding(balance, last_day=LAST, *, lot_id=1, fund="f1"):
    return Holding(Lot.dated(fund, last_day), UUID(int=lot_id), balance)


# the rule itself


def test_the_earliest_last_day_goes_first():
    late, early = holding(5, date(2027, 12, 31)), holding(5, LAST)

    assert take(live([late, early], today=date(2026, 5, 1)), 7) == [(early.lot, 5), (late.lot, 2)]


def test_of_the_same_last_day_the_smaller_lot_id_goes_first():
    second, first = holding(5, lot_id=2, fund="f2"), holding(5, lot_id=1)

    assert take(live([second, first], today=LAST), 6) == [(first.lot, 5), (second.lot, 1)]


def test_a_last_day_is_the_last_good_day():
    assert live([holding(5)], today=LAST) == [holding(5)]
    assert live([holding(5)], today=LAST + timedelta(days=1)) == []


def test_an_empty_lot_is_not_taken_from():
    assert take(live([holding(0), holding(5, lot_id=2)], today=LAST), 5) == [(holding(5).lot, 5)]


@pytest.mark.parametrize(("points", "enough"), [(9, True), (10, True), (11, False)])
def test_there_is_enough_or_nothing_is_taken(points, enough):
    assert (take([holding(4), holding(6, lot_id=2)], points) is not None) is enough


# the same in a book

SPRING_2025, SPRING_2026 = in_shanghai(2025, 3, 1), in_shanghai(2026, 3, 1)
LAST_SECOND = in_shanghai(2026, 12, 31, 23, 59, 59)
MIDNIGHT = in_shanghai(2027, 1, 1)


def test_a_payment_takes_last_years_points_before_this_years(book):
    book.gives(30, at=SPRING_2026)
    book.gives(10, at=SPRING_2025)

    book.holds(15, at=SPRING_2026 + timedelta(days=1))

    assert book.by_last_day(HELD) == {LAST: 10, date(2027, 12, 31): 5}
    assert book.by_last_day(WANG) == {date(2027, 12, 31): 25}


def test_of_two_funds_with_one_last_day_the_smaller_lot_id_pays_first(book):
    for fund in ("f1", "f2"):
        book.gives(10, fund=fund, at=SPRING_2026)
    first, second = sorted((dated(SPRING_2026, fund) for fund in ("f1", "f2")), key=lambda lot: lot.id_in(book.id).hex)

    book.holds(12, at=SPRING_2026)

    assert (book.has(HELD, first), book.has(HELD, second)) == (10, 2)


def test_points_are_good_to_the_last_second_of_their_last_day_in_shanghai(book):
    book.gives(10, at=SPRING_2025)
    assert LAST_SECOND.astimezone(UTC).hour == 15  # in UTC it is still the afternoon

    book.holds(10, at=LAST_SECOND)

    assert book.by_last_day(HELD) == {LAST: 10}
    assert book.verified().total == 0


def test_a_second_later_they_are_gone(book):
    book.gives(10, at=SPRING_2025)
    assert MIDNIGHT == LAST_SECOND + timedelta(seconds=1) == start_of_day(date(2027, 1, 1))

    with pytest.raises(InsufficientPoints) as refused:
        book.holds(1, at=MIDNIGHT)

    assert refused.value.facts == {"required": 1, "available": 0}


def test_expired_points_do_not_fill_a_gap(book):
    book.gives(10, at=SPRING_2025)
    book.gives(10, at=SPRING_2026)

    with pytest.raises(InsufficientPoints) as refused:
        book.holds(11, at=MIDNIGHT)
    book.holds(10, at=MIDNIGHT)

    assert refused.value.facts["available"] == 10
    assert book.by_last_day(held_of(WANG)) == {date(2027, 12, 31): 10}
