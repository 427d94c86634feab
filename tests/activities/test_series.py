"""The same every week, a day left out; covers and photos once they are judged; what is for one area only."""

from datetime import timedelta

from sqlalchemy import update

from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import session
from backend.safety.models import Picture
from tests.builders.photos import a_photo, form_of

DAY = timedelta(days=1)


def sent(street, person, purpose):
    answer = street.phone(person).send("POST", "/pictures", data=form_of(purpose=purpose, file=a_photo()))
    assert answer.status == 201, answer.body
    return answer["id"]


def judged(street, state="shown"):
    street.does(lambda: session().execute(update(Picture).values(state=state)))


def test_a_series_skips_a_holiday_and_each_one_is_changed_alone(street):
    activity = street.activity(fund=street.fund(10_000), points_fixed=20, starts_at=now() + DAY, budget_points=100)
    leader = street.leader_of(activity)
    holiday = shanghai_day(activity.starts_at + timedelta(weeks=2)).isoformat()

    series = leader.post(f"/activities/{activity.id}/series", {"times": 3, "skip": [holiday]})
    other = leader.put(f"/activities/{series['items'][1]['id']}", {"title": "只改这一场"})
    published = leader.post(f"/activities/{series['items'][0]['id']}/publish")

    begins = [one["sessions"][0]["starts_at"] for one in series["items"]]
    weeks = [(activity.starts_at + timedelta(weeks=n)).isoformat().replace("+00:00", "Z") for n in (1, 3, 4)]
    assert (series.status, begins) == (201, weeks)
    assert {one["series_id"] for one in series["items"]} == {series["series_id"]}
    assert (other["title"], published["state"], published["points_left"]) == ("只改这一场", "published", 100)
    listed = leader.get("/activities", series_id=series["series_id"])["items"]
    assert {one["title"] for one in listed} == {"周六清洁日"}
    drafts = leader.get("/activities", series_id=series["series_id"], state="draft")["items"]
    assert {one["title"] for one in drafts} == {"周六清洁日", "只改这一场"}


def test_a_cover_is_seen_once_it_was_judged(street):
    leads = street.resident("赵队长")
    activity = street.activity(leader=leads, starts_at=now() + DAY)
    leader, path = street.phone(leads), f"/activities/{activity.id}"

    attached = leader.put(path, {"cover_id": sent(street, leads, "activity")})
    assert (attached.status, attached["cover"]) == (200, None)
    judged(street)
    seen = street.phone(street.resident()).get(path)["cover"]
    assert seen.startswith("/api/v1/pictures/")
    with street.app.test_client() as client:
        assert client.get(seen).content_type == "image/jpeg"
    judged(street, "refused")
    assert leader.get(path)["cover"] is None
    assert leader.put(path, {"cover_id": sent(street, street.resident(), "activity")}).status == 404
    assert leader.put(path, {"cover_id": sent(street, leads, "group")}).status == 404


def test_a_report_has_nine_photos_and_loses_none_that_wait(street):
    leads = street.resident("赵队长")
    activity = street.activity(leader=leads)
    ids = [sent(street, leads, "report") for _ in range(9)]
    path = f"/activities/{activity.id}"

    assert list(street.phone(leads).post(f"{path}/settle", {"photos": [*ids, ids[0]]})["errors"]) == ["photos"]
    settled = street.phone(leads).post(f"{path}/settle", {"head_count": 12, "report": "大家都来了", "photos": ids})

    assert (settled["state"], settled["head_count"], settled["report"], settled["photos"]) == (
        "settled",
        12,
        "大家都来了",
        [],
    )
    judged(street)
    assert len(street.phone(street.resident()).get(path)["photos"]) == 9


def test_what_is_for_an_area_exists_for_who_lives_there(street):
    other = street.area("安宁社区")
    here = street.person("王小英", household=street.household())
    there = street.person("李雷", household=street.household(area=other))
    activity = street.activity(for_area_id=other.id, starts_at=now() + DAY)
    path = f"/activities/{activity.id}"

    def sees(person):
        phone = street.phone(person)
        in_list = [one["id"] for one in phone.get("/activities")["items"]]
        return phone.get(path).status, phone.post(f"{path}/sign-ups").status, str(activity.id) in in_list

    assert sees(there) == (200, 201, True)
    assert sees(here) == sees(street.resident()) == (404, 404, False)
    assert street.leader_of(activity).get(path).status == 200
    assert sees(street.worker())[0] == 200
