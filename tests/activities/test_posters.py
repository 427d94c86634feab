"""The 小程序码 of a poster: it opens one activity of one office, and the phone reads which from the scene."""

import base64
from uuid import UUID, uuid4

import pytest

from backend.activities.posters import scene_of
from tests.builders.wechat import PretendWeChat


@pytest.fixture
def wechat(app, monkeypatch) -> PretendWeChat:
    pretend = PretendWeChat()
    monkeypatch.setitem(app.extensions, "wechat", pretend)
    return pretend


def read_by_a_phone(scene):
    """As the mini-program does."""
    said = dict(pair.split("=") for pair in scene.split("&"))
    return int(said["o"]), UUID(bytes=base64.urlsafe_b64decode(said["a"] + "=="))


@pytest.mark.parametrize("office_id", [1, 17, 9999])
def test_the_scene_fits_into_what_wechat_takes_and_comes_back(office_id):
    for _ in range(200):
        activity_id = uuid4()
        scene = scene_of(activity_id, office_id=office_id)

        assert len(scene) <= 32
        assert read_by_a_phone(scene) == (office_id, activity_id)


def test_a_leader_gets_the_code_for_the_poster(street, wechat):
    activity = street.activity()

    with street.app.test_client() as client:
        phone = street.leader_of(activity)
        response = client.get(f"/api/v1/activities/{activity.id}/poster", headers=phone._headers())

    assert (response.status_code, response.content_type) == (200, "image/png")
    assert response.headers["Cache-Control"] == "private, max-age=86400"
    scene, page = response.data[8:].decode().split()
    assert read_by_a_phone(scene) == (street.office_id, activity.id)
    assert page == "pages/activity/activity"


def test_who_scans_it_logs_in_to_its_office(street):
    activity = street.activity()
    scene = scene_of(activity.id, office_id=street.office_id)

    logged_in = street.phone().post("/auth/wechat", {"scene": scene, "code": f"stub:{uuid4()}:1"})

    assert logged_in.status == 200, logged_in.body
    office_id, activity_id = read_by_a_phone(scene)
    assert office_id == street.office_id
    assert street.phone_of(logged_in["person"]["id"]).get(f"/activities/{activity_id}").status == 200


def test_while_wechat_is_away_there_is_no_poster(street, wechat):
    wechat.is_away = True
    activity = street.activity()

    answer = street.leader_of(activity).get(f"/activities/{activity.id}/poster")

    assert (answer.status, answer.code) == (503, "wechat_unavailable")
    assert answer.headers["Retry-After"]


def test_the_stub_draws_one(street):
    activity = street.activity()
    phone = street.leader_of(activity)

    with street.app.test_client() as client:
        response = client.get(f"/api/v1/activities/{activity.id}/poster", headers=phone._headers())

    assert response.data[:4] == b"\x89PNG"
