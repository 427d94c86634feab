"""A shop applies, is approved with its share, offers things, changes its prices, and is suspended."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from backend.foundation.clock import now, shanghai_day
from backend.foundation.outbox import OutboxMessage
from backend.merchants.models import Merchant, Offer, RedemptionValue
from backend.merchants.offer_rules import is_open, period_begins
from backend.messages.texts import text_of
from tests.builders.credit_codes import a_credit_code
from tests.builders.phone import a_key
from tests.builders.races import at_once, codes, statuses


@pytest.fixture
def keeper(street):
    return street.resident("孙店主")


@pytest.fixture
def officer(street):
    return street.officer()


def applies(street, keeper, **more):
    form = {
        "name": "老街豆腐坊",
        "credit_code": a_credit_code(),
        "area_id": str(street.community.id),
        "address": "老街8号",
        "contact": "0546-7654321",
    }
    return street.phone(keeper).post("/merchants", form | more)


def decides(street, officer, merchant, decision="approved", **more):
    form = {"decision": decision, "reason": "资料齐全"} | more
    return street.phone(officer).put(f"/merchants/{merchant['id']}", form)


def writes(street, keeper, merchant, **more):
    form = {"merchant_id": merchant["id"], "name": "豆腐一块", "kind": "counter", "price_points": 10, "stock": 5}
    return street.phone(keeper).post("/offers", form | more)


def reviews(street, officer, offer, decision="approved", **more):
    return street.phone(officer).put(f"/offers/{offer['id']}/review", {"decision": decision} | more)


@pytest.fixture
def shop(street, keeper, officer):
    merchant = applies(street, keeper)
    assert decides(street, officer, merchant, share_percent=90).status == 200
    return merchant


def redeem(street, person, offer, **more):
    return street.phone(person).post("/redemptions", {"offer_id": offer["id"]} | more, key=a_key())


def test_a_shop_applies_is_approved_and_its_applicant_is_the_owner(street, keeper, officer):
    applied = applies(street, keeper, settlement_cycle="week")
    waiting = street.phone(officer).get("/office/merchants", state="applied")["items"]

    done, again = (decides(street, officer, applied, share_percent=85) for _ in range(2))

    assert (applied.status, applied["state"], [one["id"] for one in waiting]) == (201, "applied", [applied["id"]])
    assert (done["state"], done["share_percent"], done["settlement_cycle"]) == ("active", 85, "week")
    assert again.headers["Idempotency-Replayed"] == "true"
    roles = street.phone(keeper).get("/me")["roles"]
    assert [(role["role"], role["scope"]["id"]) for role in roles] == [("owner", applied["id"])]
    assert [one["state"] for one in street.phone(keeper).get("/me/merchants")["items"]] == ["active"]
    told = street.rows(select(OutboxMessage).where(OutboxMessage.person_id == keeper.id))
    assert "已通过" in text_of(told[0].topic, told[0].facts)


@pytest.mark.parametrize("code", ["91370500MA3C123456", "91370500ma3c12345" + "汉"])
def test_a_credit_code_whose_last_digit_is_wrong_is_refused(street, keeper, code):
    refused = applies(street, keeper, credit_code=code)

    assert (refused.status, list(refused["errors"])) == (422, ["credit_code"])


def test_one_shop_has_one_name_and_one_code(street, keeper):
    code = a_credit_code()
    applies(street, keeper, credit_code=code)

    assert applies(street, keeper).code == "merchant_name_taken"
    assert applies(street, keeper, name="另一家", credit_code=code.lower()).code == "merchant_name_taken"


def test_whoever_is_not_known_at_the_door_has_no_shop(street):
    assert applies(street, street.person("新来的", verified="phone")).code == "verification_needed"


def test_nobody_approves_the_shop_of_their_household(street, keeper, officer):
    home = street.household()
    street.moves(keeper, home)
    street.moves(officer, home)

    assert decides(street, officer, applies(street, keeper)).code == "own_shop"


def test_a_declined_shop_stays_declined(street, keeper, officer):
    merchant = applies(street, keeper)

    assert decides(street, officer, merchant, "declined")["state"] == "declined"
    assert decides(street, officer, merchant).code == "merchant_state"
    assert street.phone(keeper).get("/me")["roles"] == []
    assert writes(street, keeper, merchant).status == 403


def test_an_offer_is_looked_at_before_anybody_can_have_it(street, keeper, officer, shop):
    offer = writes(street, keeper, shop)
    resident = street.earned(street.resident(), 50)
    assert (offer.status, offer["state"]) == (201, "review")
    assert street.phone(resident).get("/offers")["items"] == []
    assert redeem(street, resident, offer).code == "offer_closed"
    assert [one["id"] for one in street.phone(officer).get("/offers/review")["items"]] == [offer["id"]]

    assert list(reviews(street, officer, offer, "declined")["errors"]) == ["reason"]
    assert reviews(street, officer, offer)["state"] == "live"

    assert redeem(street, resident, offer).status == 201
    assert reviews(street, officer, offer, "declined", reason="价格不对").code == "offer_decided"


def test_another_price_is_another_version_and_holds_keep_theirs(street, keeper, officer, shop):
    offer = writes(street, keeper, shop)
    reviews(street, officer, offer)
    resident = street.earned(street.resident(), 100)
    held = redeem(street, resident, offer)

    dearer = street.phone(keeper).put(f"/offers/{offer['id']}", {"price_points": 20})

    assert (dearer["state"], dearer["replaces_id"], dearer["price_points"]) == ("review", offer["id"], 20)
    assert redeem(street, resident, offer)["points"] == 10  # until somebody has looked at the new one
    reviews(street, officer, dearer)
    assert redeem(street, resident, offer).code == "offer_closed"
    assert redeem(street, resident, dearer)["points"] == 20
    taken = street.phone(keeper).post("/redemptions/capture", {"code": held["code"]})
    assert (taken.status, taken["points"]) == (200, 10)
    worth = street.rows(select(RedemptionValue.fen).where(RedemptionValue.points == 10))
    assert set(worth) == {5}  # 10 × 50 ÷ 100 × 90 % = 4.5
    assert street.findings() == set()


def test_stock_limits_and_times_hold_at_once(street, keeper, officer, shop):
    offer = writes(street, keeper, shop)
    reviews(street, officer, offer)

    edited = street.phone(keeper).put(
        f"/offers/{offer['id']}",
        {"stock": 50, "per_person": 1, "per_period": "day", "opens_minute": 540, "closes_minute": 1080},
    )

    assert (edited["id"], edited["state"], edited["stock"], edited["per_period"]) == (offer["id"], "live", 50, "day")
    half = street.phone(keeper).put(f"/offers/{offer['id']}", {"opens_minute": None})
    assert list(half["errors"]) == ["closes_minute"]


def test_a_limit_of_a_day_counts_anew_tomorrow_and_a_shop_has_hours(street, keeper, officer, shop):
    more = {"per_person": 1, "per_period": "day", "opens_minute": 9 * 60, "closes_minute": 18 * 60}
    offer = writes(street, keeper, shop, **more)
    reviews(street, officer, offer)
    resident = street.earned(street.resident(), 100)

    with time_machine.travel("2026-12-01T01:00:00Z", tick=False):  # nine in Shanghai
        assert redeem(street, resident, offer).status == 201
        refused = redeem(street, resident, offer)
        assert (refused.code, refused["facts"]["left"], "每天" in refused["message"]) == ("limit_reached", 0, True)
        assert street.phone(resident).get("/offers")["items"][0]["left_for_me"] == 0
    with time_machine.travel("2026-12-01T10:00:00Z", tick=False):  # six in the evening
        refused = redeem(street, resident, offer)
        assert (refused.code, "09:00—18:00" in refused["message"]) == ("offer_not_open", True)
    with time_machine.travel("2026-12-02T01:00:00Z", tick=False):
        assert street.phone(resident).get("/offers")["items"][0]["left_for_me"] == 1
        assert redeem(street, resident, offer).status == 201


@pytest.mark.parametrize(
    ("period", "begins"), [("day", "2026-12-31"), ("week", "2026-12-28"), ("month", "2026-12-01"), ("ever", None)]
)
def test_periods_begin_on_monday_and_on_the_first(period, begins):
    day = period_begins(period, now().date().replace(year=2026, month=12, day=31))

    assert (day.isoformat() if day else None) == begins


@pytest.mark.parametrize(("minute", "opened"), [(539, False), (540, True), (1079, True), (1080, False)])
def test_opening_times_include_the_first_minute_only(minute, opened):
    assert is_open(minute, opens=540, closes=1080) is opened
    assert is_open(minute, opens=None, closes=None)


def test_the_last_of_a_limited_day_is_had_once(street, keeper, officer, shop):
    offer = writes(street, keeper, shop, per_person=2, per_period="week")
    reviews(street, officer, offer)
    resident = street.earned(street.resident(), 100)

    answers = at_once(*[lambda: redeem(street, resident, offer)] * 6)

    assert (statuses(answers), codes(answers)) == ({201: 2, 409: 4}, {"limit_reached": 4})


def test_what_is_withdrawn_is_offered_no_more_but_handed_over(street, keeper, officer, shop):
    offer = writes(street, keeper, shop)
    reviews(street, officer, offer)
    resident = street.earned(street.resident(), 50)
    held = redeem(street, resident, offer)

    assert street.phone(keeper).delete(f"/offers/{offer['id']}")["state"] == "withdrawn"

    assert redeem(street, resident, offer).code == "offer_closed"
    assert street.phone(keeper).post("/redemptions/capture", {"code": held["code"]}).status == 200


def test_a_suspended_shop_gives_back_what_was_reserved(street, keeper, officer, shop):
    offer = writes(street, keeper, shop)
    reviews(street, officer, offer)
    residents = [street.earned(street.resident(), 50) for _ in range(3)]
    held = [redeem(street, resident, offer) for resident in residents]
    street.phone(keeper).post("/redemptions/capture", {"code": held[0]["code"]})

    assert decides(street, officer, shop, "suspended")["state"] == "suspended"

    assert [street.wallet(resident).available for resident in residents] == [40, 50, 50]
    assert street.phone(residents[0]).get("/offers")["items"] == []
    assert street.phone(keeper).post("/redemptions/capture", {"code": held[1]["code"]}).code == "already_resolved"
    told = street.rows(select(OutboxMessage).where(OutboxMessage.person_id == residents[1].id))
    assert "积分已退回" in text_of(told[0].topic, told[0].facts)
    assert decides(street, officer, shop, "resumed")["state"] == "active"
    assert redeem(street, residents[0], offer).status == 201
    assert street.findings() == set()


def test_the_day_of_a_shop_adds_up(street, keeper, officer, shop):
    offer = writes(street, keeper, shop)
    reviews(street, officer, offer)
    resident = street.earned(street.resident(), 100)
    phone = street.phone(keeper)
    held = [redeem(street, resident, offer, quantity=quantity) for quantity in (1, 2, 1)]
    for one in held[:2]:
        phone.post("/redemptions/capture", {"code": one["code"]})
    phone.post(f"/redemptions/{held[0]['id']}/void", {"reason": "退货"})

    day = phone.get(f"/merchants/{shop['id']}/today")

    assert day["captured"] == {"times": 2, "quantity": 3, "points": 30, "fen": 5 + 9}
    assert day["voided"] == {"times": 1, "quantity": 1, "points": 10, "fen": 5}
    assert (day["open_holds"], day["month"]["captured"]["points"]) == (1, 30)
    assert [(one["name"], one["times"], one["points"]) for one in day["by_offer"]] == [("豆腐一块", 2, 30)]
    assert [(one["name"], one["quantity"]) for one in day["by_clerk"]] == [("孙*主", 3)]
    tomorrow = (shanghai_day(now()) + timedelta(days=1)).isoformat()
    assert phone.get(f"/merchants/{shop['id']}/today", day=tomorrow)["captured"]["times"] == 0
    found = phone.get(f"/merchants/{shop['id']}/redemptions", tail=held[1]["code"][-4:].lower())["items"]
    assert [one["id"] for one in found] == [held[1]["id"]]
    assert len(phone.get(f"/merchants/{shop['id']}/redemptions", state="held")["items"]) == 1
    longer = phone.get(f"/merchants/{shop['id']}/redemptions", tail=held[2]["code"][-5:])
    assert list(longer["errors"]) == ["tail"]  # or a clerk could read a code that nobody has shown, and capture it
    assert street.rows(select(Merchant.id))
    assert street.rows(select(Offer.id))
