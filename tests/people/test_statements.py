"""What a card holder takes home: the month, what is left, and who acted for them."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
import time_machine

from backend.people.scopes import over_office
from tests.builders.phone import a_key

PATH = "/api/v1/people/{}/statement"


@pytest.fixture
def worker(street):
    return street.worker()


def sheet(street, by, person, month="2026-11"):
    with street.app.test_client() as client:
        headers = street.phone(by)._headers()
        answer = client.get(PATH.format(person.id), query_string={"month": month}, headers=headers)
        return answer.status_code, answer.get_data(as_text=True)


@pytest.fixture
def lived(street, worker):
    """An elder who earned in October and November, and spent by card; a worker signed them up."""
    with time_machine.travel(datetime(2026, 10, 31, 2, tzinfo=UTC), tick=True) as clock:
        elder = street.earned(street.resident("冯秀珍"), 50)
        shop = street.merchant("<幸福>面包房")
        clerk, offer = street.clerk(shop), street.offer(shop, price_points=10, name="馒头<b>一袋")
        token = street.card(elder)
        clock.move_to(datetime(2026, 11, 5, 2, tzinfo=UTC))
        street.earned(elder, 30)
        form = {"card": token, "pin": "2468", "offer_id": str(offer.id)}
        assert street.phone(clerk).post("/redemptions/capture", form, key=a_key()).status == 201
        activity = street.activity()
        headers = {"X-On-Behalf-Of": str(elder.id), "X-Channel": "desk", "X-Reason": quote("没有手机")}
        assert street.phone(worker).post(f"/activities/{activity.id}/sign-ups", headers=headers).status == 201
    return elder


def test_a_month_shows_its_entries_what_is_left_and_who_acted(street, worker, lived):
    with time_machine.travel(datetime(2026, 11, 6, 2, tzinfo=UTC), tick=True):
        status, page = sheet(street, worker, lived)

    assert status == 200
    assert "对账单 2026年11月" in page
    assert "月末积分 <b>70</b> · 打印时可用 <b>70</b>" in page
    assert "2027年12月31日到期 70 积分" in page
    for said in ("11月5日", "+30", "-10", "馒头&lt;b&gt;一袋", "刷卡", "商户核销", "服务台代办", "报名活动", "社**张"):
        assert said in page, said
    assert "10月31日" not in page


def test_an_earlier_month_ends_with_what_it_had(street, worker, lived):
    with time_machine.travel(datetime(2026, 12, 2, 2, tzinfo=UTC), tick=True):
        october, september, december = (
            sheet(street, worker, lived, month)[1] for month in ("2026-10", "2026-09", "2026-12")
        )

    assert "月末积分 <b>50</b>" in october
    assert "+30" not in october
    assert "月末积分 <b>0</b>" in september
    assert "本月没有积分变动" in september
    assert "本月没有别人为您办理" in september
    assert "月末积分 <b>70</b>" in december


def test_it_names_nobody_in_full_and_no_door(street, worker, lived):
    _, page = sheet(street, worker, lived)

    assert "冯*珍" in page
    assert "冯秀珍" not in page
    assert "1号楼" not in page


def test_it_is_for_workers_of_the_area(street, worker, lived):
    assert sheet(street, street.worker(street.area()), lived)[0] == 404
    assert sheet(street, street.resident(), lived)[0] == 403
    assert sheet(street, street.officer(), lived)[0] == 200


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "1999-01", "", "２０２６-11", "2026-11-01"])
def test_a_month_is_a_month(street, worker, lived, month):
    assert sheet(street, worker, lived, month)[0] == 422


def test_card_holders_of_the_area_are_listed_for_printing(street, worker):
    area = street.area()
    far = street.worker(area)
    home = street.person("冯秀珍", household=street.household("5号楼502"))
    street.card(home)
    street.resident("没有卡")
    signed = {"consent": {"purposes": ["service"], "paper": True}}
    form = {"name": "何桂兰", "age_class": "adult", "reason": "没有手机"} | signed
    entered = street.phone(far).post("/people", form)
    street.phone(far).post("/cards", {"person_id": entered["id"], "pin": "2468"})
    anywhere = street.gives(street.resident(), "worker", over_office(street.office))

    def listed(by, **query):
        return [
            (item["person"]["name"], item["household"] and item["household"]["name"])
            for item in street.phone(by).get("/card-holders", **query)["items"]
        ]

    assert listed(worker) == [("冯*珍", "5号楼502")]
    assert listed(far) == [("何*兰", None)]
    assert listed(anywhere) == [("冯*珍", "5号楼502"), ("何*兰", None)]
    assert listed(anywhere, area_id=str(area.id)) == [("何*兰", None)]
    assert listed(worker, area_id=str(area.id)) == []
    first = street.phone(anywhere).get("/card-holders", limit=1)
    assert len(street.phone(anywhere).get("/card-holders", limit=1, cursor=first["next"])["items"]) == 1
