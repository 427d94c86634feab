"""Texts that others will see: WeChat judges them before they are written, and where it cannot, a worker looks."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from backend.activities.models import Activity
from backend.foundation.db import find, session
from backend.groups.models import Application, Group
from backend.people.models import Person
from backend.safety import judged
from backend.safety.models import ContentReview
from backend.safety.texts import doubts_about
from backend.wechat.text_safety import PIECE_MAX, TextVerdict
from tests.builders.phone import a_key

CIRCLE = {"name": "晨练队", "theme": "一起锻炼", "category": "culture_sports"}


@pytest.fixture
def resident(street):
    """Somebody who uses the mini-program."""
    return street.resident(openid=f"o-{uuid4().hex}")


def waiting(street):
    """What waits for a worker: field, words and why."""
    with street.inside():
        rows = session().scalars(select(ContentReview).order_by(ContentReview.id))
        return [(row.field, row.text, row.why) for row in rows if row.state == "waiting"]


def test_what_wechat_passes_is_written_and_nobody_has_to_look(street, resident, wechat):
    answer = street.phone(resident).post("/groups", CIRCLE)

    assert (answer.status, answer["name"]) == (201, "晨练队")
    assert waiting(street) == []
    assert wechat.texts == ["晨练队\n一起锻炼"]  # one question for both


def test_a_risky_text_is_refused_by_its_field_and_nothing_is_written(street, resident, wechat):
    answer = street.phone(resident).post("/groups", CIRCLE | {"theme": "违禁的话"})

    assert (answer.status, answer.code) == (422, "text_refused")
    assert list(answer["errors"]) == ["theme"]
    assert street.rows(select(Group.id)) == []
    assert waiting(street) == []


def test_what_is_risky_only_together_is_refused_by_all_its_fields():
    def judge(words):
        return TextVerdict.RISKY if "违禁" in words.replace("\n", "") else TextVerdict.PASS

    with pytest.raises(Exception, match="text_refused") as refused:
        doubts_about({"name": "违", "theme": "禁"}, judge)

    assert sorted(refused.value.errors) == ["name", "theme"]


def test_a_long_text_is_asked_about_alone_and_the_others_with_it():
    asked = []

    def judge(words):
        asked.append(len(words))
        return TextVerdict.PASS

    assert doubts_about({"title": "x" * 10, "description": "y" * PIECE_MAX}, judge) == {}
    assert asked == [10, PIECE_MAX]


def test_of_several_texts_only_the_doubtful_one_is_looked_at(street, resident, wechat):
    assert street.phone(resident).post("/groups", CIRCLE | {"theme": "疑似广告"}).status == 201

    assert waiting(street) == [("theme", "疑似广告", "suspicious")]


def test_who_was_not_active_within_two_hours_is_not_refused_but_looked_at(street, resident, wechat):
    wechat.knows = False

    assert street.phone(resident).post("/groups", CIRCLE).status == 201
    assert waiting(street) == [("name", "晨练队", "inactive"), ("theme", "一起锻炼", "inactive")]


def test_who_has_no_openid_is_not_asked_about_but_looked_at(street, wechat):
    assert street.phone(street.resident()).post("/groups", CIRCLE).status == 201

    assert wechat.texts == []
    assert {why for _, _, why in waiting(street)} == {"no_openid"}


def test_while_wechat_is_away_everything_is_written_and_looked_at(street, resident, wechat):
    wechat.is_away = True

    assert street.phone(resident).post("/groups", CIRCLE).status == 201
    assert {why for _, _, why in waiting(street)} == {"unavailable"}


def test_what_stands_there_already_is_not_judged_again(street, resident, wechat):
    activity = street.activity(leader=resident, title="清洁日", place="花园")
    phone = street.phone(resident)

    phone.put(f"/activities/{activity.id}", {"title": "清洁日", "place": "花园", "capacity": 31})
    assert wechat.texts == []
    phone.put(f"/activities/{activity.id}", {"title": "清洁日", "place": "广场"})
    assert wechat.texts == ["广场"]


def test_of_an_activity_everything_people_read_is_judged(street, resident, wechat):
    group = street.group(leader=resident)
    form = street.activity_form(group=group, description="带上手套", responsible_person="王队长", title="清洁日")
    body = json.loads(json.dumps(form, default=lambda value: getattr(value, "isoformat", value.__str__)()))

    made = street.phone(resident).post("/activities", body)
    assert made.status == 201, made.body
    assert wechat.texts == ["清洁日\n带上手套\n中心花园\n王队长"]

    refused = street.phone(resident).post(f"/activities/{made['id']}/cancel", {"reason": "违禁"})
    assert (refused.status, list(refused["errors"])) == (422, ["reason"])
    assert street.rows(select(Activity.state)) == ["draft"]


def test_a_name_is_judged_as_a_profile_and_looked_at_as_such(street, wechat):
    person = street.resident("王小英")  # at the desk: no openid

    assert street.phone(person).put("/me", {"display_name": "疑似店"})["display_name"] == "疑似店"
    assert waiting(street) == [("name", "疑似店", "no_openid")]
    assert street.phone(person).put("/me", {"display_name": "疑似店", "elder_mode": True}).status == 200
    assert len(waiting(street)) == 1


@pytest.mark.parametrize("decision", ["approved", "declined"])
def test_notes_and_reasons_are_judged(street, resident, wechat, decision):
    leader = street.resident("赵队长", openid=f"o-{uuid4().hex}")
    group = street.group(leader=leader)
    path = f"/groups/{group.id}/applications"

    assert street.phone(resident).post(path, {"note": "违禁"}).code == "text_refused"
    application = street.phone(resident).post(path, {"note": "想参加"})
    refused = street.phone(leader).put(f"{path}/{application['id']}", {"decision": decision, "reason": "违禁"})
    assert refused.code == "text_refused"
    assert street.rows(select(Application.state)) == ["applied"]
    assert street.phone(leader).put(f"{path}/{application['id']}", {"decision": decision, "reason": "好"}).status == 200


def test_a_gift_that_is_repeated_is_still_one_gift(street, resident, wechat):
    street.earned(resident, 20)
    key, body = a_key(), {"to": "charity_pool", "points": 5, "note": "疑似"}

    answers = [street.phone(resident).post("/me/gifts", body, key=key) for _ in range(2)]

    assert [answer.status for answer in answers] == [201, 200]
    assert waiting(street) == [("note", "疑似", "suspicious")]


def test_asking_again_with_another_note_lays_nothing_before_a_worker(street, resident, wechat):
    """The application that is there stays as it was, so the second note is nowhere to be seen."""
    path = f"/groups/{street.group().id}/applications"
    street.phone(resident).post(path, {"note": "你好"})

    assert street.phone(resident).post(path, {"note": "疑似"})["note"] == "你好"
    assert waiting(street) == []


def test_a_deed_that_is_refused_lays_nothing_before_a_worker(street, wechat):
    answer = street.phone(street.resident()).post("/activities", {"area_id": str(street.community.id), **plain()})

    assert answer.status == 403
    assert waiting(street) == []


def plain():
    at = "2027-01-01T10:00:00Z"
    session = {"starts_at": at, "ends_at": "2027-01-01T12:00:00Z"}
    return {"kind": "meeting", "title": "碰头会", "place": "花园", "capacity": 5, "sessions": [session]}


def test_of_what_does_not_exist_nothing_is_judged(street, resident, other_street, wechat):
    elsewhere = other_street.activity()
    for activity_id in (uuid4(), elsewhere.id):
        assert street.phone(resident).put(f"/activities/{activity_id}", {"title": "违禁"}).status == 404

    assert wechat.texts == []


def test_what_is_written_over_needs_nobodys_eye_any_more(street, resident, wechat):
    activity = street.activity(leader=resident)
    phone = street.phone(resident)
    phone.put(f"/activities/{activity.id}", {"title": "疑似一", "description": "疑似二"})
    assert [field for field, *_ in waiting(street)] == ["title", "description"]

    phone.put(f"/activities/{activity.id}", {"title": "疑似三", "description": ""})

    assert waiting(street) == [("title", "疑似三", "suspicious")]
    assert sorted(street.rows(select(ContentReview.state))) == ["replaced", "replaced", "waiting"]


def test_what_was_taken_away_while_wechat_thought_does_not_come_back_unjudged(street, resident, wechat):
    """The form repeats a title that a worker removes at that very moment: it has to be judged like a new one."""
    activity = street.activity(leader=resident, title="旧的名字")

    def taken_away():
        wechat.at_each_call = lambda: None
        street.does(lambda: setattr(find(Activity, activity.id), "title", "（内容已移除）"))

    wechat.at_each_call = taken_away
    form = {"title": "旧的名字", "description": "新的话"}
    refused = street.phone(resident).put(f"/activities/{activity.id}", form)

    assert (refused.status, refused.code) == (503, "busy")
    assert street.rows(select(Activity.title)) == ["（内容已移除）"]
    assert street.phone(resident).put(f"/activities/{activity.id}", form).status == 200
    assert wechat.texts == ["新的话", "旧的名字\n新的话"]


def test_one_person_cannot_use_up_what_wechat_judges_for_everybody(street, resident, wechat, monkeypatch):
    monkeypatch.setattr(judged, "EACH_AUTHOR", "3 per minute")
    phone, other = street.phone(resident), street.phone(street.resident())

    heard = [phone.put("/me", {"display_name": f"名字{n}"}).status for n in range(5)]

    assert heard == [200, 200, 200, 429, 429]
    assert len(wechat.texts) == 3
    assert phone.put("/me", {"elder_mode": True}).status == 200  # says nothing that others read
    assert other.put("/me", {"display_name": "别人"}).status == 200


def test_while_wechat_thinks_others_write(street, resident, wechat):
    """It takes seconds, and SQLite has one writer: the assertions of the pretended WeChat hold for every test here."""
    names = iter(["第一队", "第二队"])

    def somebody_else_writes():
        wechat.at_each_call = lambda: None
        assert street.does(lambda: session().scalar(select(Person.id).limit(1))) is not None
        assert street.phone(street.resident()).post("/groups", CIRCLE | {"name": next(names)}).status == 201

    wechat.at_each_call = somebody_else_writes
    assert street.phone(resident).post("/groups", CIRCLE).status == 201


def test_the_words_that_wait_are_sealed(street, resident, wechat):
    street.phone(resident).post("/groups", CIRCLE | {"theme": "疑似广告"})

    with street.inside():
        table = "content_reviews"
        rows = session().execute(text(f"SELECT text_sealed FROM {table} WHERE office_id = {street.office_id}")).all()
    assert rows
    assert all("疑似".encode() not in bytes(row[0]) for row in rows)


def test_the_stub_judges_who_has_just_logged_in(street):
    """Through the real client: whoever is logged in is known for two hours, somebody unknown is looked at."""
    code = f"stub:o-{uuid4().hex}:1"
    person = street.phone().post("/auth/wechat", {"office_id": street.office_id, "code": code})["person"]
    phone = street.phone_of(person["id"])

    assert phone.put("/me", {"display_name": "违禁"}).code == "text_refused"
    assert phone.put("/me", {"display_name": "王小英"}).status == 200
    assert waiting(street) == []
    unseen = street.resident(openid=f"o-{uuid4().hex}")
    assert street.phone(unseen).put("/me", {"display_name": "违禁"}).status == 200
    assert waiting(street) == [("name", "违禁", "inactive")]
