"""What resolves or undoes a hold: once, whole, to and from the wallet of the hold."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from backend.foundation.clock import now
from backend.ledger.accounts import Account, merchant_account
from backend.ledger.drafts import Draft, Posting
from backend.ledger.errors import AlreadyResolved, AlreadyReversed, BookBroken, HoldExpired
from backend.ledger.holds import read_hold
from backend.ledger.models import lots, postings
from tests.ledger.bookkeeping import BAKERY, HELD, LI, WANG, dated, in_shanghai, told

SPRING_2025, SPRING_2026 = in_shanghai(2025, 3, 1), in_shanghai(2026, 3, 1)
LAST_2026, LAST_2027 = date(2026, 12, 31), date(2027, 12, 31)


def paid_to(book, merchant=BAKERY):
    """What a merchant was given, by last day; a merchant has no balance row."""
    query = select(lots.c.last_day, postings.c.amount, postings.c.destination_id).join(
        lots, (lots.c.book_id == postings.c.book_id) & (lots.c.id == postings.c.lot_id)
    )
    account = merchant_account(merchant).id_in(book.id)
    given = {}
    for row in book.looks(lambda b: b.session.execute(query.where(postings.c.book_id == book.id)).all()):
        if row.destination_id == account:
            given[row.last_day] = given.get(row.last_day, 0) + row.amount
    return given


def test_a_capture_hands_everything_to_the_merchant(book):
    book.gives(30)
    book.captures(book.holds(20))

    assert (book.wallet().available, book.wallet().held, sum(paid_to(book).values())) == (10, 0, 20)
    assert book.verified().total == 0


def test_of_a_partial_capture_the_earliest_is_paid_and_the_rest_goes_back_where_it_was(book):
    book.gives(10, at=SPRING_2025)
    book.gives(30, at=SPRING_2026)
    hold_id = book.holds(25, at=SPRING_2026)

    book.captures(hold_id, 12, at=SPRING_2026)

    assert paid_to(book) == {LAST_2026: 10, LAST_2027: 2}
    assert book.by_last_day(WANG) == {LAST_2027: 28}
    assert book.by_last_day(HELD) == {}
    assert book.verified().total == 0


@pytest.mark.parametrize("points", [0, 21, -1])
def test_more_than_the_hold_or_nothing_cannot_be_captured(book, points):
    book.gives(30)
    hold_id = book.holds(20)

    with pytest.raises(ValueError, match="cannot pay"):
        book.captures(hold_id, points)


def test_a_capture_of_a_pot_gives_the_rest_back_to_the_pot(book):
    pot = Account("household", "door-301")
    book.gives(30, pot)

    book.captures(book.holds(20, pot), 5)

    assert (book.wallet(pot).available, book.wallet(pot).held) == (25, 0)


def test_a_release_gives_everything_back_lot_by_lot(book):
    book.gives(10, at=SPRING_2025)
    book.gives(30, at=SPRING_2026)
    before = book.by_last_day(WANG)

    book.releases(book.holds(25, at=SPRING_2026), at=SPRING_2026)

    assert (book.by_last_day(WANG), book.by_last_day(HELD)) == (before, {})
    assert book.verified().total == 0


def test_a_hold_released_after_the_last_day_comes_back_expired(book):
    """Nothing is renewed by waiting: what comes back is what was set aside."""
    book.gives(10, at=SPRING_2025)
    hold_id = book.holds(10, at=in_shanghai(2026, 12, 31, 23, 50))
    next_year = in_shanghai(2027, 1, 1, 0, 10)

    book.releases(hold_id, at=next_year)

    assert book.by_last_day(WANG) == {LAST_2026: 10}
    assert book.wallet(today=date(2027, 1, 1)).available == 0
    assert book.verified().total == 0


# once


def test_a_repeated_capture_is_answered_with_the_first(book):
    book.gives(30)
    hold_id = book.holds(20)
    first, again = book.captures(hold_id), book.captures(hold_id, 5)

    assert (again.id, again.is_replay) == (first.id, True)
    assert sum(paid_to(book).values()) == 20


def test_what_was_captured_cannot_be_released_and_the_refusal_names_the_capture(book):
    book.gives(30)
    hold_id = book.holds(20)
    book.captures(hold_id)
    before = book.everything()

    with pytest.raises(AlreadyResolved) as refused:
        book.releases(hold_id)

    assert refused.value.facts["kind"] == "capture"
    assert book.everything() == before


def test_what_was_released_cannot_be_captured_even_when_its_time_is_up(book):
    book.gives(30)
    hold_id = book.holds(20)
    book.releases(hold_id)

    for at in (None, now() + timedelta(hours=1)):
        with pytest.raises(AlreadyResolved) as refused:
            book.captures(hold_id, at=at)
        assert refused.value.facts["kind"] == "release"


def test_a_hold_can_be_captured_until_its_instant_and_not_at_it(book):
    book.gives(30, at=SPRING_2026)
    lasts = timedelta(minutes=15)
    in_time, too_late = (book.holds(10, at=SPRING_2026, lasts=lasts) for _ in range(2))
    book.captures(in_time, at=SPRING_2026 + lasts - timedelta(seconds=1))

    with pytest.raises(HoldExpired) as refused:
        book.captures(too_late, at=SPRING_2026 + lasts)

    assert refused.value.facts["expired_at"] == SPRING_2026 + lasts
    assert book.wallet(today=date(2026, 3, 1)).held == 10
    assert book.verified().total == 0


def test_a_hold_that_nobody_posted_is_for_humans(book):
    with pytest.raises(BookBroken):
        book.captures(uuid4())
    with pytest.raises(BookBroken):
        book.refunds(book.posts(book.allocation(5))[0].id)


# refunds


def test_a_refund_gives_the_same_lots_back(book):
    book.gives(10, at=SPRING_2025)
    book.gives(30, at=SPRING_2026)
    before = book.by_last_day(WANG)
    captured = book.captures(book.holds(25, at=SPRING_2026), at=SPRING_2026)

    book.refunds(captured.id, at=SPRING_2026)

    assert book.by_last_day(WANG) == before
    assert book.verified().total == 0


def test_a_refund_of_a_partial_capture_gives_back_what_was_captured(book):
    book.gives(30)
    captured = book.captures(book.holds(20), 5)

    book.refunds(captured.id)

    assert book.wallet().available == 30
    assert book.verified().total == 0


@pytest.mark.parametrize(
    ("day", "renewed_to"),
    [((2027, 1, 1), LAST_2027), ((2027, 12, 1), LAST_2027), ((2027, 12, 2), date(2028, 12, 31))],
)
def test_a_refund_after_the_last_day_comes_good_for_thirty_days_at_least(book, day, renewed_to):
    book.gives(10, at=SPRING_2025)
    captured = book.captures(book.holds(10, at=SPRING_2026), at=SPRING_2026)

    book.refunds(captured.id, at=in_shanghai(*day, 12))

    assert book.by_last_day(WANG) == {renewed_to: 10}
    assert book.verified().total == 0


def test_a_refund_renews_only_the_lots_whose_day_has_passed_and_keeps_each_fund(book):
    book.gives(10, fund="f2", at=SPRING_2025)
    book.gives(20, fund="f1", at=SPRING_2026)
    captured = book.captures(book.holds(30, at=SPRING_2026), at=SPRING_2026)

    book.refunds(captured.id, at=in_shanghai(2027, 1, 5))

    assert book.by_last_day(WANG, "f2") == {LAST_2027: 10}
    assert book.by_last_day(WANG, "f1") == {LAST_2027: 20}
    assert book.verified().total == 0


@pytest.mark.parametrize(
    ("at", "good_to"), [(in_shanghai(2026, 12, 31, 23, 59, 59), "2026-12-31"), (in_shanghai(2027, 1, 1), "2027-12-31")]
)
def test_on_its_last_day_a_lot_comes_back_as_it_was_and_a_second_later_renewed(book, at, good_to):
    book.gives(10, at=SPRING_2025)
    captured = book.captures(book.holds(10, at=SPRING_2025), at=SPRING_2025)

    book.refunds(captured.id, at=at)

    assert {str(day): points for day, points in book.by_last_day(WANG).items()} == {good_to: 10}
    assert book.verified().total == 0


def test_a_repeated_refund_is_answered_with_the_first(book):
    book.gives(10)
    captured = book.captures(book.holds(10))
    first, again = book.refunds(captured.id), book.refunds(captured.id)

    assert (again.id, again.is_replay, book.wallet().available) == (first.id, True, 10)


def test_one_capture_is_undone_once_under_whatever_key(book):
    book.gives(10)
    captured = book.captures(book.holds(10))
    book.refunds(captured.id)
    back = Posting(dated(now()), merchant_account(BAKERY), WANG, 10)
    another = Draft("refund", "refund:another", told(), (back,), reverses_id=captured.id)
    before = book.everything()

    with pytest.raises(AlreadyReversed) as refused:
        book.posts(another)

    assert refused.value.facts["kind"] == "refund"
    assert book.everything() == before


# reading


def test_a_hold_knows_its_wallet_its_parts_and_whether_it_is_resolved(book):
    book.gives(10, LI, at=SPRING_2025)
    book.gives(10, LI, at=SPRING_2026)
    hold_id = book.holds(15, LI, at=SPRING_2026)

    hold = book.looks(lambda b: read_hold(b, hold_id))

    assert (hold.wallet, hold.points, hold.is_resolved) == (LI, 15, False)
    assert hold.parts == ((dated(SPRING_2025), 10), (dated(SPRING_2026), 5))

    book.releases(hold_id, at=SPRING_2026)

    assert book.looks(lambda b: read_hold(b, hold_id)).is_resolved
