"""Statements end the points a merchant gathered and owe the fen; voids around a close go onto the next one."""

import pytest

from backend.ledger.accounts import FEN, ISSUANCE, PAID, PAYABLE, merchant_account
from backend.ledger.kinds import Posting
from tests.ledger.bookkeeping import BAKERY, dated, in_shanghai

LAST_YEAR, AT, NEXT_MONTH = in_shanghai(2025, 5, 4), in_shanghai(2026, 5, 4), in_shanghai(2026, 6, 1)
SHOP = merchant_account(BAKERY)
D1, D2 = dated(LAST_YEAR, "f1"), dated(AT, "f2")


@pytest.fixture
def shop(book):
    """A bakery that captured 15 points of fund 1 and 5 of fund 2, in two redemptions."""
    book.gives(15, fund="f1", at=LAST_YEAR)
    book.gives(30, fund="f2", at=AT)
    return book


def captured(book, points, at=AT):
    return book.captures(book.holds(points, at=at), at=at).id


def test_a_close_ends_the_points_per_lot_and_owes_the_fen(shop):
    both = [captured(shop, 12), captured(shop, 8)]

    closed = shop.closes("s1", both, 2000, at=NEXT_MONTH)

    assert shop.moves(closed.id) == [
        Posting(D1, SHOP, ISSUANCE, 15),
        Posting(D2, SHOP, ISSUANCE, 5),
        Posting(FEN, PAYABLE, SHOP, 2000),
    ]
    assert [shop.sum_of(SHOP, lot) for lot in (D1, D2)] == [0, 0]
    assert shop.verified().total == 0


def test_a_statement_is_closed_and_paid_once(shop):
    entry = captured(shop, 12)

    for again in (False, True):
        assert shop.closes("s1", [entry], 1200, at=NEXT_MONTH).is_replay is again
        assert shop.pays("s1", 1200, at=NEXT_MONTH).is_replay is again
    assert shop.sum_of(SHOP, FEN) == 0
    assert shop.sum_of(PAID, FEN) == 1200


def test_a_void_before_the_close_cancels_out(shop):
    entry, other = captured(shop, 12), captured(shop, 3)
    refund = shop.refunds(entry, at=AT).id

    closed = shop.closes("s1", [entry, refund, other], 300, at=NEXT_MONTH)

    assert sum(move.amount for move in shop.moves(closed.id) if move.destination == ISSUANCE) == 3
    assert shop.verified().total == 0


def test_a_void_after_close_and_payment_is_a_negative_line_of_the_next_one(shop):
    entry, other = captured(shop, 12), captured(shop, 3)
    shop.closes("s1", [entry], 1200, at=NEXT_MONTH)
    shop.pays("s1", 1200, at=NEXT_MONTH)

    refund = shop.refunds(entry, at=NEXT_MONTH).id
    assert shop.wallet(today=NEXT_MONTH.date()).available == 42

    closed = shop.closes("s2", [refund, other], -900, at=NEXT_MONTH)

    directions = {(move.source.kind, move.destination.kind) for move in shop.moves(closed.id)}
    assert ("issuance", "merchant") in directions
    assert ("merchant", "payable") in directions
    assert shop.sum_of(SHOP, FEN) == -900  # owed by the merchant: carried to the next statement, not paid
    assert shop.verified().total == 0


def test_nothing_is_paid_that_is_not_a_positive_sum(shop):
    for fen in (0, -1):
        with pytest.raises(ValueError, match="is not an amount"):
            shop.pays("s1", fen)


def test_a_statement_over_nothing_is_not_posted(shop):
    with pytest.raises(ValueError, match="postings or a plan"):
        shop.closes("s1", [], 0)


def test_another_merchants_captures_are_not_on_it(shop):
    entry = captured(shop, 12)

    with pytest.raises(ValueError, match="postings or a plan"):
        shop.closes("s1", [entry], 0, merchant="butcher")
