"""Closing: every capture and void is on exactly one statement, with the fen that were fixed at the hold."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import case, func, select

from backend.foundation.clock import now
from backend.foundation.db import find
from backend.funds.models import Fund
from backend.ledger.accounts import FEN, merchant_account
from backend.ledger.models import postings
from backend.merchants.models import Merchant
from backend.settlement.models import Statement, StatementLine
from tests.builders.races import at_once, deadlocks_counted, statuses


def owed(market):
    """Fen that the shop has gained and not been paid, counted from the postings."""
    book = market.street.office_id
    shop, fen = merchant_account(str(market.shop.id)).id_in(book), FEN.id_in(book)
    gained = func.sum(case((postings.c.destination_id == shop, postings.c.amount), else_=-postings.c.amount))
    touching = (postings.c.destination_id == shop) | (postings.c.source_id == shop)
    return market.street.rows(select(gained).where(postings.c.book_id == book, postings.c.lot_id == fen, touching))[0]


def test_what_was_captured_is_closed_and_owed_to_the_fen(market):
    for quantity in (1, 1, 3):
        market.sold(quantity)

    statement = market.closed()

    # 10 points × 33 fen ÷ 100 × 90 % = 2.97, so 3 fen; 30 points are 8.91, so 9 fen: rounded once per line.
    assert (statement.status, statement["state"], statement["number"], statement["lines"]) == (201, "closed", 1, 3)
    assert (statement["points"], statement["fen"], statement["total_fen"]) == (50, 15, 15)
    assert [(line["kind"], line["points"], line["fen"]) for line in market.lines(statement)] == [
        ("capture", 10, 3),
        ("capture", 10, 3),
        ("capture", 30, 9),
    ]
    assert market.street.findings() == set()


def test_the_same_period_is_closed_once(market):
    market.sold()
    until = now()

    first, again = market.closed(until=until), market.closed(until=until)

    assert (first.status, again.status, again["id"]) == (201, 200, first["id"])
    assert again.headers["Idempotency-Replayed"] == "true"


def test_ten_officers_close_once(market):
    market.sold()
    until = now()

    with deadlocks_counted(market.street.app) as deadlocks:
        answers = at_once(*[lambda: market.closed(until=until)] * 10)

    assert (statuses(answers), deadlocks) == ({201: 1, 200: 9}, [])
    assert market.street.rows(select(func.count(Statement.id))) == [1]


def test_captures_while_it_is_closed_are_on_one_statement_each(market):
    people = [market.street.earned(market.street.resident(), 20) for _ in range(12)]
    market.sold()

    def close():
        return market.closed(until=now())

    at_once(*[lambda person=person: market.sold(person=person) for person in people], close, close)
    market.closed(until=now())

    entries = market.street.rows(select(StatementLine.entry_id))
    assert (len(entries), len(set(entries))) == (13, 13)
    assert sum(market.street.rows(select(Statement.points))) == 130
    assert market.street.findings() == set()


def test_a_void_before_the_close_is_a_line_of_its_own_and_nothing_is_left(market):
    market.voided(market.sold())

    statement = market.closed()

    assert [(line["kind"], line["fen"]) for line in market.lines(statement)] == [("capture", 3), ("void", -3)]
    assert (statement["points"], statement["fen"]) == (0, 0)
    assert market.street.findings() == set()


def test_a_void_between_close_and_payment_and_after_it_is_exact(market):
    sold = [market.sold(3) for _ in range(3)]
    first = market.closed()
    market.voided(sold[0])
    market.says(market.owner, first, "confirmed")
    paid = market.pays(first)
    market.voided(sold[1])

    second = market.closed(until=now())

    assert (paid.status, paid["state"], first["total_fen"]) == (200, "paid", 27)
    assert (second["points"], second["fen"], second["total_fen"]) == (-60, -18, -18)
    market.says(market.owner, second, "confirmed")
    assert market.pays(second, invoice_number="FP-2").code == "nothing_to_pay"
    market.sold(10)
    third = market.closed(until=now())
    assert (third["fen"], third["carried_fen"], third["total_fen"]) == (30, -18, 12)
    market.says(market.owner, third, "confirmed")
    assert market.pays(third, invoice_number="FP-3", voucher_number="PZ-3")["state"] == "paid"
    assert owed(market) == 0
    assert market.street.wallet(market.resident).available == 300 - 30 - 100
    assert market.street.findings() == set()


def test_a_debt_is_carried_until_it_is_made_up_for(market):
    sold = market.sold(10)
    market.pays(market.says(market.owner, market.closed(), "confirmed"))
    market.voided(sold)
    second = market.closed(until=now())
    market.sold(3)
    third = market.closed(until=now())
    market.sold(10)
    fourth = market.closed(until=now())

    assert [(one["fen"], one["carried_fen"], one["total_fen"]) for one in (second, third, fourth)] == [
        (-30, 0, -30),
        (9, -30, -21),
        (30, -21, 9),
    ]
    assert market.street.findings() == set()


def test_rates_and_shares_are_those_of_the_hold(market):
    held = market.street.held(market.resident, market.offer, 10)

    def raise_both():
        find(Merchant, market.shop.id).share_percent = 100
        for fund in market.street.rows(select(Fund)):
            find(Fund, fund.id).fen_per_100_points = 80

    market.street.does(raise_both)
    market.street.phone(market.clerk).post("/redemptions/capture", {"code": held["code"]})
    later = market.sold(10)

    lines = market.lines(market.closed())

    assert [(line["redemption_id"], line["fen"]) for line in lines] == [(held["id"], 30), (later["id"], 80)]


def test_points_of_two_funds_are_worth_what_each_fund_says_and_rounded_each(market):
    both = market.street.earned(market.street.resident(), 5, fund=market.street.fund(rate=33))
    market.street.earned(both, 20, fund=market.street.fund(rate=50))

    market.sold(1, person=both)

    # 5 × 33 × 90 % = 1.485 → 1 fen, 5 × 50 × 90 % = 2.25 → 2 fen (or all ten from the fund that comes first by id).
    [line] = market.lines(market.closed())
    assert line["fen"] in (3, 5)
    assert market.street.findings() == set()


def test_fewer_goods_are_settled_for_what_left(market):
    held = market.street.held(market.resident, market.offer, 3)
    taken = market.street.phone(market.clerk).post("/redemptions/capture", {"code": held["code"], "quantity": 1})

    assert (taken.status, taken["quantity"], taken["points"], taken["returned_points"]) == (200, 1, 10, 20)
    assert market.street.wallet(market.resident).available == 290
    statement = market.closed()
    assert (statement["points"], statement["fen"]) == (10, 3)
    market.voided(taken)
    assert market.street.wallet(market.resident).available == 300
    assert market.street.findings() == set()


def test_more_than_was_held_does_not_leave(market):
    held = market.street.held(market.resident, market.offer, 2)

    refused = market.street.phone(market.clerk).post("/redemptions/capture", {"code": held["code"], "quantity": 3})

    assert (refused.status, refused.code) == (409, "more_than_held")


def test_nothing_is_closed_twice_ahead_of_time_or_before_the_last_close(market):
    assert market.closed().code == "nothing_to_settle"
    market.sold()
    assert market.closed(until=now() + timedelta(minutes=1)).code == "period_not_over"
    market.closed(until=now())
    market.sold()
    assert market.closed(until=now() - timedelta(days=1)).code == "period_closed"


def test_a_period_over_the_new_year_and_its_void_afterwards(market):
    with time_machine.travel("2026-12-31T15:30:00Z", tick=False):
        person = market.street.earned(market.street.resident(), 100)
        market.sold(2, person=person)
    with time_machine.travel("2026-12-31T16:30:00Z", tick=False):
        sold = market.sold(3, person=person)
        closed = market.closed(until=now() - timedelta(minutes=30))
        assert closed["points"] == 20
        market.voided(sold)
        second = market.closed(until=now())
    assert (second["lines"], second["points"], second["fen"]) == (2, 0, 0)
    assert market.street.findings() == set()


def test_what_would_be_on_the_next_one_is_seen_before(market):
    market.sold(3)

    opened = market.street.phone(market.owner).get(f"/merchants/{market.shop.id}/statements/open")

    assert (opened["lines"], opened["points"], opened["fen"], opened["number"]) == (1, 30, 9, 1)
    market.closed()
    opened = market.street.phone(market.owner).get(f"/merchants/{market.shop.id}/statements/open")
    assert (opened["lines"], opened["points"], opened["fen"], opened["number"]) == (0, 0, 0, 2)


def test_an_officer_whose_household_has_the_shop_closes_nothing(market):
    home = market.street.household()
    market.street.moves(market.officer, home)
    market.street.moves(market.owner, home)
    market.sold()

    refused = market.closed()

    assert (refused.status, refused.code) == (403, "own_merchant")
    assert market.closed(by=market.second).status == 201


@pytest.mark.parametrize("who", ["clerk", "owner", "resident"])
def test_only_officers_close(market, who):
    assert market.closed(by=getattr(market, who)).status == 403


def test_a_shop_sees_its_own_statements_only(market):
    market.sold()
    statement = market.closed()
    stranger = market.street.clerk(market.street.merchant("老街理发店"), role="owner")

    for path in ("", "/lines", "/lines.xlsx", "/lines.csv"):
        assert market.street.phone(stranger).get(f"/statements/{statement['id']}{path}").status == 404
        assert market.street.phone(market.clerk).get(f"/statements/{statement['id']}{path}").status == 403
        assert market.street.phone(market.owner).get(f"/statements/{statement['id']}{path}").status == 200
    assert UUID(statement["id"]) in market.street.rows(select(Statement.id))
