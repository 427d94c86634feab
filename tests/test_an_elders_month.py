"""An elder's month without a phone: every step at the desk, at the door or in the shop, over HTTP."""

from urllib.parse import quote
from uuid import UUID

from sqlalchemy import select

from backend.foundation.clock import now, shanghai_day
from backend.foundation.trail import TrailRow
from tests.builders.phone import a_key


def printed(phone, path, **headers):
    """A page as the desk gets it."""
    with phone.app.test_client() as client:
        got = client.get(f"/api/v1{path}", headers=phone._headers() | headers)
    assert got.status_code == 200, got.data
    return got.text


def test_an_elders_month_only_through_the_desk(street):
    desk, home = street.phone(street.worker()), street.household()
    shop = street.merchant("幸福面包房")
    clerk, offer = street.phone(street.clerk(shop)), street.offer(shop, price_points=10)
    activity = street.activity(fund=street.fund())
    leader = street.leader_of(activity)

    entered = desk.post(
        "/people",
        {
            "name": "冯秀珍",
            "age_class": "adult",
            "household_id": str(home.id),
            "reason": "没有手机，本人带身份证到服务台",
            "consent": {"purposes": ["service"], "paper": True},
        },
    )
    assert (entered.status, entered["verified"], entered["name"]) == (201, "resident", "冯*珍")
    elder = entered["id"]
    for_her = {"X-On-Behalf-Of": elder, "X-Channel": "desk", "X-Reason": quote("本人在场")}

    card = desk.post("/cards", {"person_id": elder, "pin": "2468"})
    assert card.status == 201, card.body
    assert desk.post(f"/activities/{activity.id}/sign-ups", headers=for_her)["state"] == "placed"
    came = leader.post("/check-ins", {"activity_id": str(activity.id), "card": card["token"]})
    assert (came.status, came["points"]) == (201, 20)
    form = {"card": card["token"], "pin": "2468", "offer_id": str(offer.id)}
    assert clerk.post("/redemptions/capture", form | {"pin": "9753"}, key=a_key()).code == "pin_wrong"
    bought = clerk.post("/redemptions/capture", form, key=a_key())
    assert (bought.status, bought["state"], bought["channel"]) == (201, "captured", "card")

    month = shanghai_day(now()).strftime("%Y-%m")
    sheet = printed(desk, f"/people/{elder}/statement?month={month}")
    for said in ("月末积分 <b>10</b>", "报名活动", "服务台代办", "商户核销", "刷卡", "签到"):
        assert said in sheet, said
    asked = desk.post("/me/exports", headers=for_her)
    copy = printed(desk, f"/me/exports/{asked['id']}", **for_her)
    for said in ("冯秀珍", "参加幸福积分", "幸福面包房", "积分卡办理", "别人为我办理"):
        assert said in copy, said

    wanted = select(TrailRow).where(TrailRow.beneficiary_id == UUID(elder)).order_by(TrailRow.id)
    assert [(row.act, row.channel) for row in street.rows(wanted)] == [
        ("people.register", "app"),
        ("people.verify", "app"),
        ("cards.issue", "app"),
        ("assisted.sign_up", "desk"),
        ("check_ins.arrive", "card"),
        ("redemptions.capture", "card"),
        ("statements.print", "app"),
        ("assisted.export", "desk"),
        ("assisted.read_export", "desk"),
    ]
    assert street.findings() == set()
