"""What a wallet says, and how it came about, line by line."""

from datetime import UTC, date, datetime, timedelta

import time_machine

from backend.foundation.clock import now
from tests.builders.races import at_once


def lines(phone, **asked):
    return phone.get("/me/entries", **asked)["items"]


def told(line):
    return line["kind"], line["points"], line["held"], line["minutes"], line["balance_after"]


def test_a_new_wallet_is_empty(street):
    phone = street.phone(street.resident())

    assert phone.get("/me/wallet").body == {
        "points": {"available": 0, "held": 0, "expiring": []},
        "minutes": 0,
        "recoverable": 0,
    }
    assert phone.get("/me/entries").body == {"items": [], "next": None}


def test_points_of_a_year_are_good_to_the_end_of_the_next_in_shanghai(street):
    resident = street.resident()
    with time_machine.travel(datetime(2026, 12, 31, 15, 59, tzinfo=UTC), tick=True):  # 23:59 in Shanghai
        street.earned(resident, 20)
    with time_machine.travel(datetime(2026, 12, 31, 16, 1, tzinfo=UTC), tick=True):
        street.earned(resident, 30)
        shown = street.phone(resident).get("/me/wallet")["points"]

    assert shown["available"] == 50
    assert shown["expiring"] == [
        {"expires_on": "2027-12-31", "points": 20},
        {"expires_on": "2028-12-31", "points": 30},
    ]


def test_points_can_be_spent_on_their_last_day_and_not_on_the_next(street):
    resident, offer = street.resident(), street.offer(price_points=5)
    with time_machine.travel(datetime(2026, 11, 23, tzinfo=UTC), tick=True):
        street.earned(resident, 20)
    with time_machine.travel(datetime(2027, 12, 31, 15, 50, tzinfo=UTC), tick=True):
        street.held(resident, offer)
    with time_machine.travel(datetime(2027, 12, 31, 16, 1, tzinfo=UTC), tick=True):
        phone = street.phone(resident)
        refused = phone.post("/redemptions", {"offer_id": str(offer.id)}, key="late")
        assert (refused.status, refused.code) == (409, "insufficient_points")
        assert refused["facts"] == {"required": 5, "available": 0}
        assert phone.get("/me/wallet")["points"]["available"] == 0


def test_what_ends_first_is_spent_first(street):
    resident, offer = street.resident(), street.offer(price_points=25)
    for year, points in ((2026, 20), (2027, 30)):
        with time_machine.travel(datetime(year, 6, 1, tzinfo=UTC), tick=True):
            street.earned(resident, points)
    with time_machine.travel(datetime(2027, 6, 2, tzinfo=UTC), tick=True):
        street.held(resident, offer)

    left = street.wallet(resident)

    assert left.expiring == ((date(2028, 12, 31), 25),)


def test_each_entry_says_what_moved_why_and_what_was_left(street):
    resident = street.resident()
    shop = street.merchant("幸福面包房")
    offer, clerk = street.offer(shop, price_points=5), street.phone(street.clerk(shop))
    street.earned(resident, 20)
    phone = street.phone(resident)
    cancelled = street.held(resident, offer)
    phone.delete(f"/redemptions/{cancelled['id']}")
    fetched = street.held(resident, offer, 2)
    clerk.post("/redemptions/capture", {"code": fetched["code"]})
    clerk.post(f"/redemptions/{fetched['id']}/void")

    shown = lines(phone)

    assert [told(line) for line in reversed(shown)] == [
        ("award", 20, 0, 0, 20),
        ("hold", -5, 5, 0, 15),
        ("release", 5, -5, 0, 20),
        ("hold", -10, 10, 0, 10),
        ("capture", 0, -10, 0, 10),
        ("refund", 10, 0, 0, 20),
    ]
    assert [line["reason"] for line in reversed(shown)] == [
        "参加活动：周六清洁日",
        "兑换：馒头一袋（幸福面包房）",
        "已取消：馒头一袋",
        "兑换：馒头一袋（幸福面包房）",
        "已领取：馒头一袋（幸福面包房）",
        "退回：馒头一袋",
    ]
    assert {line["origin"] for line in shown[:3]} == {f"redemption:{fetched['id']}"}
    assert phone.get("/me/wallet")["points"]["available"] == shown[0]["balance_after"] == 20


def test_service_minutes_have_a_line_of_their_own_and_no_points(street):
    resident = street.resident()
    with time_machine.travel(datetime(2026, 11, 23, 1, tzinfo=UTC), tick=False) as clock:
        activity = street.activity(kind="service", starts_at=now())
        body = {"activity_id": str(activity.id), "person_id": str(resident.id), "reason": "忘带手机"}
        street.leader_of(activity).post("/check-ins", body)
        clock.shift(timedelta(minutes=45))
        street.leader_of(activity).post("/check-ins", body | {"direction": "out"})

    (line,) = lines(street.phone(resident))

    assert told(line) == ("serve", 0, 0, 45, 0)
    assert street.phone(resident).get("/me/wallet")["minutes"] == 45


def test_pages_of_entries_neither_skip_nor_repeat(street):
    resident, offer = street.resident(), street.offer(price_points=1)
    street.earned(resident, 20)
    for _ in range(6):
        street.held(resident, offer)
    phone = street.phone(resident)
    whole = lines(phone)

    paged, cursor = [], None
    while True:
        page = phone.get("/me/entries", limit=3, **({"cursor": cursor} if cursor else {}))
        paged += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
        street.held(resident, offer)  # what is new since does not push anything aside

    assert paged == whole
    assert [line["balance_after"] for line in whole] == [14, 15, 16, 17, 18, 19, 20]


def test_a_cursor_that_we_did_not_give_is_422(street):
    refused = street.phone(street.resident()).get("/me/entries", cursor="third page please")

    assert (refused.status, set(refused["errors"])) == (422, {"cursor"})


def test_nobody_sees_anybody_elses_entries(street):
    street.earned(street.resident(), 20)

    assert lines(street.phone(street.resident())) == []


def test_what_a_point_is_worth_is_never_said_to_a_resident(street):
    resident, shop = street.resident(), street.merchant()
    offer = street.offer(shop, price_points=5, price_fen=300)
    street.earned(resident, 20, fund=street.fund(20, rate=77))
    phone = street.phone(resident)
    held = street.held(resident, offer)

    seen = [
        phone.get("/me/wallet"),
        phone.get("/me/entries"),
        phone.get("/offers"),
        phone.get("/activities"),
        phone.get(f"/redemptions/{held['id']}"),
    ]

    assert all(answer.status == 200 for answer in seen)
    for answer in seen:
        assert "fen_per_100" not in str(answer.body)
        assert "'fen'" not in str(answer.body)
        assert "77" not in fens(answer)
    assert phone.get("/funds").status == 403


def fens(answer):
    """Every figure in fen that an answer shows."""

    def below(part, name=""):
        if isinstance(part, dict):
            return [found for key, value in part.items() for found in below(value, key)]
        if isinstance(part, list):
            return [found for value in part for found in below(value, name)]
        return [str(part)] if "fen" in name else []

    return below(answer.body)


def test_reading_a_wallet_while_it_is_spent_never_shows_points_twice(street):
    resident, offer = street.resident(), street.offer(price_points=1)
    street.earned(resident, 20)
    phone = street.phone(resident)

    def spend():
        phone.post("/redemptions", {"offer_id": str(offer.id)}, key=f"k{id(object())}")

    def look():
        points = phone.get("/me/wallet")["points"]
        return points["available"] + points["held"]

    seen = at_once(*[spend, look] * 12)

    assert set(seen) == {None, 20}
