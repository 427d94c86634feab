"""Confirming, disputing line by line, adjusting by two officers, paying against an invoice."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.outbox import OutboxMessage
from backend.ledger.reading import moves_of
from backend.messages.texts import text_of
from backend.places.offices import the_book
from backend.settlement.models import Statement
from tests.builders.races import at_once, statuses


@pytest.fixture
def statement(market):
    for quantity in (1, 2, 3):
        market.sold(quantity)
    return market.closed()


def line(market, statement, number):
    return next(one for one in market.lines(statement) if one["number"] == number)


def disputed(market, statement, number=2):
    return market.says(
        market.owner, statement, "disputed", line_id=line(market, statement, number)["id"], reason="没有给货"
    )


def test_the_owner_confirms_once_and_is_told_at_every_step(market, statement):
    first, again = (market.says(market.owner, statement, "confirmed") for _ in range(2))

    assert (first.status, first["state"], again.status) == (200, "confirmed", 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    market.pays(statement)
    told = market.street.rows(select(OutboxMessage).where(OutboxMessage.person_id == market.owner.id))
    texts = [text_of(one.topic, one.facts) for one in sorted(told, key=lambda one: one.id)]
    assert ["结算单已出" in texts[0], "已付款" in texts[1], len(texts)] == [True, True, 2]


def test_a_disputed_line_is_answered_and_then_confirmed(market, statement):
    assert disputed(market, statement)["state"] == "disputed"
    assert disputed(market, statement).headers["Idempotency-Replayed"] == "true"
    assert market.says(market.owner, statement, "confirmed").code == "disputes_open"
    assert market.pays(statement).code == "statement_state"

    wrong = line(market, statement, 2)["id"]
    answered = market.says(market.officer, statement, "answered", line_id=wrong, reason="监控可见已取货")

    assert (answered["state"], line(market, statement, 2)["dispute"]["answer"]) == ("closed", "监控可见已取货")
    assert disputed(market, statement).code == "line_disputed"
    assert market.says(market.owner, statement, "confirmed")["state"] == "confirmed"


def test_two_officers_adjust_a_line_and_the_closed_total_stays(market, statement):
    disputed(market, statement)
    wrong = line(market, statement, 2)["id"]
    before = market.street.wallet(market.resident).available

    def adjust(by):
        return market.says(by, statement, "adjusted", line_id=wrong, reason="商户未发货")

    asked = adjust(market.officer)
    again = adjust(market.officer)
    waiting = market.street.phone(market.second).get("/late-voids")["items"]
    done, repeated = adjust(market.second), adjust(market.officer)

    assert (asked.status, asked["state"], again.status, again.code) == (202, "disputed", 403, "second_person_needed")
    assert [one["id"] for one in waiting] == [line(market, statement, 2)["redemption_id"]]
    assert (done.status, done["state"], done["fen"]) == (200, "closed", statement["fen"])
    assert (repeated.status, repeated.headers["Idempotency-Replayed"]) == (200, "true")
    assert market.street.wallet(market.resident).available == before + 20
    market.says(market.owner, statement, "confirmed")
    assert market.pays(statement)["state"] == "paid"
    following = market.closed(until=now())
    assert [(one["kind"], one["fen"]) for one in market.lines(following)] == [("void", -6)]
    assert market.street.findings() == set()


def test_a_line_may_be_adjusted_without_a_dispute_also_after_payment(market, statement):
    market.says(market.owner, statement, "confirmed")
    market.pays(statement)
    wrong = line(market, statement, 3)["id"]

    for officer in (market.officer, market.second):
        market.says(officer, statement, "adjusted", line_id=wrong, reason="抽查发现")

    assert line(market, statement, 3)["dispute"]["state"] == "adjusted"
    assert market.street.rows(select(Statement.state)) == ["paid"]
    assert market.closed(until=now())["fen"] == -9
    assert market.street.findings() == set()


def test_what_two_officers_void_late_needs_no_statement(market):
    sold = market.sold()

    with time_machine.travel(now() + timedelta(days=30), tick=False):
        path = f"/redemptions/{sold['id']}/void"
        assert market.street.phone(market.owner).post(path).code == "void_window_passed"
        asked = market.street.phone(market.officer).post(path, {"reason": "顾客投诉"})
        again = market.street.phone(market.officer).post(path, {"reason": "顾客投诉"})
        done = market.street.phone(market.second).post(path, {"reason": "顾客投诉"})

    assert (asked.status, asked["state"], again.code) == (202, "captured", "second_person_needed")
    assert (done.status, done["state"]) == (200, "voided")
    assert market.street.wallet(market.resident).available == 300
    assert market.street.findings() == set()


def test_above_the_limit_two_officers_pay_under_the_same_numbers(market):
    rich = market.street.earned(market.street.resident(), 3000, fund=market.street.fund(rate=5000))
    for _ in range(3):
        market.sold(100, person=rich)
    statement = market.closed()
    market.says(market.owner, statement, "confirmed")
    assert statement["total_fen"] == 135_000

    asked, again = market.pays(statement), market.pays(statement)
    other = market.pays(statement, by=market.second, invoice_number="FP-999")
    done, repeated = market.pays(statement, by=market.second), market.pays(statement)

    assert (asked.status, asked["state"], again.code) == (202, "confirmed", "second_person_needed")
    assert (other.status, other.code) == (409, "numbers_differ")
    assert (done.status, done["state"], repeated.status) == (200, "paid", 200)
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert market.street.findings() == set()


def test_ten_payments_at_once_pay_once(market, statement):
    market.says(market.owner, statement, "confirmed")

    answers = at_once(*[lambda: market.pays(statement)] * 10)

    assert statuses(answers) == {200: 10}
    with market.street.inside():
        [paid] = market.street.rows(select(Statement.pay_id))
        assert [move.amount for move in moves_of(the_book(), paid)] == [statement["total_fen"]]
    assert market.street.findings() == set()


@pytest.mark.parametrize(
    ("decision", "missing"),
    [
        ("disputed", {"line_id", "reason"}),
        ("adjusted", {"line_id", "reason"}),
        ("paid", {"invoice_number", "voucher_number"}),
    ],
)
def test_what_is_missing_is_named(market, statement, decision, missing):
    refused = market.says(market.owner, statement, decision)

    assert (refused.status, set(refused["errors"])) == (422, missing)


def test_who_may_say_what(market, statement):
    assert market.says(market.officer, statement, "confirmed").status == 403
    assert market.says(market.clerk, statement, "confirmed").status == 403
    assert market.pays(statement, by=market.owner).status == 403
    assert market.says(market.resident, statement, "confirmed").status == 403


def test_nobody_pays_the_shop_of_their_own_household(market, statement):
    home = market.street.household()
    market.street.moves(market.officer, home)
    market.street.moves(market.clerk, home)
    market.says(market.owner, statement, "confirmed")

    assert market.pays(statement).code == "own_merchant"
    assert market.pays(statement, by=market.second).status == 200


def test_the_table_adds_up_by_hand(market):
    formula = market.street.offer(market.shop, name="=1+1 馒头", price_points=7)
    both = market.street.earned(market.street.resident(), 5, fund=market.street.fund(rate=33))
    market.street.earned(both, 20, fund=market.street.fund(rate=50))
    market.sold(1, person=both, offer=formula)
    market.voided(market.sold(2, person=both, offer=formula))
    statement = market.closed()
    phone = market.street.phone(market.owner)

    with market.street.app.test_client() as client:
        text = client.get(f"/api/v1/statements/{statement['id']}/lines.csv", headers=phone._headers()).data.decode()
        sheet = client.get(f"/api/v1/statements/{statement['id']}/lines.xlsx", headers=phone._headers()).data

    assert text.startswith("\ufeff行号")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    body, totals = [row for row in rows if row["行号"].isdigit()], rows[-3:]
    assert {row["商品"][:2] for row in body} == {"'="}
    by_hand = 0
    for row in body:
        sign = 1 if row["类型"] == "核销" else -1
        points, rate, share = (int(row[name]) for name in ("积分", "每100积分（分）", "结算比例（%）"))
        fen = sign * ((abs(points) * rate * share + 5000) // 10000)
        assert fen == int(row["金额（分）"])
        by_hand += fen
    assert by_hand == statement["fen"] == int(totals[0]["金额（分）"])
    assert int(totals[2]["金额（分）"]) == max(0, statement["total_fen"])
    cells = list(openpyxl.load_workbook(io.BytesIO(sheet)).active.iter_rows(values_only=True))
    assert len(cells) == len(rows) + 1
