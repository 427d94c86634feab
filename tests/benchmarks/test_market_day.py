"""A market day: a thousand redemptions at one merchant with three clerks, retries, voids; then close, dispute, pay.

Told as so many authenticated pings of the same run, asked in the same way.
"""

import csv
import io
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.foundation.clock import now
from backend.merchants.models import Redemption
from tests.builders.phone import a_key
from tests.builders.races import at_once

REDEMPTIONS, CLERKS, RESIDENTS = 1_000, 3, 250
TEN_MINUTES = timedelta(minutes=10).total_seconds()


@pytest.mark.benchmark
def test_a_market_day_is_through_in_time_and_paid_to_the_fen(street, say):
    shop = street.merchant("集市面包房", share_percent=90)
    offer = street.offer(shop, price_points=7, stock=REDEMPTIONS)
    clerks = [street.phone(street.clerk(shop)) for _ in range(CLERKS)]
    owner, officer, second = (
        street.phone(each) for each in (street.clerk(shop, "owner"), street.officer(), street.officer())
    )
    funds = [street.fund(100_000, rate=rate) for rate in (33, 50)]
    people = [street.resident(f"居民{n}") for n in range(RESIDENTS)]
    street.earned_together(people, 28)
    phones = [street.phone(person) for person in people]
    began = time.perf_counter()
    at_once(*[lambda phone=phone: [phone.get("/me/subscriptions") for _ in range(4)] for phone in phones])
    ping = (time.perf_counter() - began) / (4 * RESIDENTS)

    def buys(number, phone):
        answers = []
        for n in range(4):
            key = a_key()
            held = phone.post("/redemptions", {"offer_id": str(offer.id)}, key=key)
            again = phone.post("/redemptions", {"offer_id": str(offer.id)}, key=key)
            assert (held.status, again.status, again["id"]) == (201, 200, held["id"])
            first = clerks[(number + n) % CLERKS].post("/redemptions/capture", {"code": held["code"]})
            same = clerks[(number + n) % CLERKS].post("/redemptions/capture", {"code": held["code"]})
            other = clerks[(number + n + 1) % CLERKS].post("/redemptions/capture", {"code": held["code"]})
            answers.append((first.status, same.status, same.headers.get("Idempotency-Replayed"), other.code))
            if (number * 4 + n) % 50 == 0:
                assert owner.post(f"/redemptions/{held['id']}/void", {"reason": "退货"}).status == 200
        return answers

    began = time.perf_counter()
    done = at_once(*[lambda number=number, phone=phone: buys(number, phone) for number, phone in enumerate(phones)])
    took = time.perf_counter() - began
    each = took / REDEMPTIONS / ping
    say(f"{REDEMPTIONS:,} redemptions, asked twice, captured three times: {took:.0f} s; {each:.0f} pings each")

    assert {each for answers in done for each in answers} == {(200, 200, "true", "already_captured")}
    assert took < TEN_MINUTES
    began = time.perf_counter()
    statement = officer.post("/statements/close", {"merchant_id": str(shop.id), "until": now().isoformat()})
    say(f"closing {statement['lines']:,} lines: {time.perf_counter() - began:.2f} s")
    voids = street.rows(select(func.count()).select_from(Redemption).where(Redemption.state == "voided"))[0]
    assert (statement["lines"], statement["points"]) == (REDEMPTIONS + voids, 7 * (REDEMPTIONS - voids))
    path = f"/statements/{statement['id']}"
    line = owner.get(f"{path}/lines")["items"][0]["id"]
    owner.put(path, {"decision": "disputed", "line_id": line, "reason": "顾客没有取货"})
    for one in (officer, second):
        one.put(path, {"decision": "adjusted", "line_id": line, "reason": "核实"})
    assert owner.put(path, {"decision": "confirmed"})["state"] == "confirmed"
    paid = officer.put(path, {"decision": "paid", "invoice_number": "FP-1", "voucher_number": "PZ-1"})
    assert paid["state"] == "paid", paid.body
    with street.app.test_client() as client:
        text = client.get(f"/api/v1{path}/lines.csv", headers=owner._headers()).data.decode("utf-8-sig")
    by_hand = 0
    for row in csv.DictReader(io.StringIO(text)):
        if row["行号"].isdigit():
            points, rate, share = (int(row[name]) for name in ("积分", "每100积分（分）", "结算比例（%）"))
            by_hand += (1 if points > 0 else -1) * ((abs(points) * rate * share + 5000) // 10000)
    assert by_hand == statement["fen"]
    assert street.findings() == set()
    assert len(funds) == 2
