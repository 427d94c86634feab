"""我的积分不对: asked about something of one's own, answered in time by somebody who had no hand in it."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select, text

from backend.activities import publishing
from backend.activities.drafting import sessions_of
from backend.activities.models import Activity, CheckIn
from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.foundation.trail import TrailRow
from backend.objections.models import Objection, ObjectionAnswer
from backend.people.scopes import over_area
from backend.people.standing import move_in
from tests.builders.races import at_once, codes, statuses

SAID = "我参加了清洁日，没有给我积分，电话13812345678"


@pytest.fixture
def person(street):
    return street.resident("王小英")


@pytest.fixture
def worker(street):
    return street.phone(street.worker())


def objects(street, person, type_="other", id_=None, said=SAID):
    subject = {"type": type_} | ({"id": str(id_)} if id_ else {})
    return street.phone(person).post("/objections", {"subject": subject, "text": said})


def made(answer, status=201):
    assert answer.status == status, answer.body
    return answer


def answers(phone, objection, decision="rejected", said="已核对签到表，记录无误", **more):
    return phone.put(f"/objections/{objection['id']}", {"decision": decision, "answer": said} | more)


def upholds(phone, objection, **correction):
    more = {"correction": {"kind": "award_missing"} | correction}
    return answers(phone, objection, "upheld", "核对照片，您确实在场", **more)


def joined(street, person, **facts):
    """An activity they have a place at, and nobody saw them come to."""
    activity = street.activity(**facts)
    made(street.phone(person).post(f"/activities/{activity.id}/sign-ups"))
    return activity


def check_in_of(street, person):
    return street.rows(select(CheckIn).where(CheckIn.person_id == person.id))


# what one may object to


def test_an_objection_says_by_when_it_is_answered(street, person):
    objection = made(objects(street, person))

    filed, due = (street.rows(select(getattr(Objection, name)))[0] for name in ("filed_at", "due_at"))
    assert due - filed == timedelta(days=7)
    assert (objection["state"], objection["is_overdue"], objection["answers"]) == ("open", False, [])
    assert objection["text"] == SAID
    assert objection["person"]["name"] == "王*英"


def test_one_objects_to_ones_own_entry_check_in_activity_and_redemption(street, person):
    street.earned(person, 30)
    held = street.held(person, street.offer())
    phone = street.phone(person)
    entry = phone.get("/me/entries").body["items"][0]["id"]
    (presence,) = check_in_of(street, person)

    about = {"entry": entry, "check_in": presence.id, "redemption": held["id"], "activity": joined(street, person).id}
    for type_, id_ in about.items():
        objection = made(objects(street, person, type_, id_))
        assert objection["subject"] == {"type": type_, "id": str(id_)}

    mine = phone.get("/me/objections")["items"]
    assert {item["subject"]["type"] for item in mine} == set(about)


def test_what_is_somebody_elses_does_not_exist_for_them(street, person):
    other = street.earned(street.resident(), 30)
    held = street.held(other, street.offer())
    entry = street.phone(other).get("/me/entries").body["items"][0]["id"]
    (presence,) = check_in_of(street, other)
    never_joined = street.activity()

    theirs = {"entry": entry, "check_in": presence.id, "redemption": held["id"], "activity": never_joined.id}
    for type_, id_ in theirs.items():
        assert objects(street, person, type_, id_).status == 404, type_
        assert objects(street, person, type_, uuid4()).status == 404, type_


@pytest.mark.parametrize(
    "subject", [{"type": "other", "id": str(uuid4())}, {"type": "entry"}, {"type": "entry", "id": None}, {"type": "x"}]
)
def test_a_subject_is_one_thing_or_the_words_alone(street, person, subject):
    answer = street.phone(person).post("/objections", {"subject": subject, "text": "x"})

    assert answer.status == 422


def test_what_is_under_an_account_of_before_is_theirs_too(street, person):
    old = street.earned(street.person("王小英", verified="phone"), 20)
    entry = street.phone(old).get("/me/entries").body["items"][0]["id"]
    street.merged(old, person)

    assert objects(street, person, "entry", entry).status == 201


def test_about_one_thing_there_is_one_objection(street, person):
    activity = joined(street, person)
    first = made(objects(street, person, "activity", activity.id))

    again = made(objects(street, person, "activity", activity.id, "再说一遍"), 200)

    assert (again["id"], again["text"]) == (first["id"], SAID)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = {made(objects(street, person))["id"] for _ in range(2)}
    assert len(other) == 2, "other questions may be several"


def test_two_phones_at_once_make_one_objection(street, person):
    activity = joined(street, person)

    made_at_once = at_once(*[lambda: objects(street, person, "activity", activity.id) for _ in range(8)])

    assert statuses(made_at_once) == {201: 1, 200: 7}
    assert len({answer["id"] for answer in made_at_once}) == 1


def test_their_words_and_the_answer_are_sealed(street, person, worker):
    answers(worker, made(objects(street, person)), said="王小英家属已知悉")
    with street.inside():
        stored = (
            session().execute(text(f"SELECT * FROM objections WHERE office_id = {street.office_id}")).all()
            + session().execute(text(f"SELECT * FROM objection_answers WHERE office_id = {street.office_id}")).all()
        )

    raw = b"".join(
        bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
        for row in stored
        for value in row
    )
    assert b"13812345678" not in raw
    assert "王小英".encode() not in raw


# the queue


def test_workers_see_their_area_most_urgent_first_and_others_nothing(street, person, worker):
    elsewhere = street.phone(street.worker(street.area("安宁社区")))
    with time_machine.travel(now() - timedelta(days=2), tick=True):
        first = made(objects(street, person))
    second = made(objects(street, street.resident()))

    assert [item["id"] for item in worker.get("/objections")["items"]] == [first["id"], second["id"]]
    assert elsewhere.get("/objections")["items"] == []
    assert elsewhere.get(f"/objections/{first['id']}").status == 404
    assert answers(elsewhere, first).status == 404
    assert street.phone(person).get("/objections").status == 403
    assert worker.get("/objections", area_id=str(uuid4()))["items"] == []
    assert len(worker.get("/objections", area_id=str(street.community.id))["items"]) == 2


def test_whoever_lives_nowhere_is_everybodys(street, worker):
    objection = made(objects(street, street.person("没有住址", verified="none")))

    assert [item["id"] for item in worker.get("/objections")["items"]] == [objection["id"]]


def test_a_missed_deadline_is_marked_and_listed(street, person, worker):
    officer, auditor = street.phone(street.officer()), street.phone(street.auditor())
    with time_machine.travel(now() - timedelta(days=8), tick=True):
        late = made(objects(street, person))
    in_time = made(objects(street, person))

    for phone in (officer, auditor, worker):
        (overdue,) = phone.get("/objections", overdue="true")["items"]
        assert (overdue["id"], overdue["is_overdue"]) == (late["id"], True)
        (other,) = phone.get("/objections", overdue="false")["items"]
        assert (other["id"], other["is_overdue"]) == (in_time["id"], False)
    made(answers(worker, late), 200)
    assert officer.get("/objections", overdue="true")["items"] == []
    assert [item["id"] for item in officer.get("/objections", state="rejected")["items"]] == [late["id"]]


# answering


def test_a_rejected_objection_says_why_and_until_when_it_is_looked_at_again(street, person, worker):
    objection = made(objects(street, person))

    made(answers(worker, objection), 200)

    mine = made(street.phone(person).get(f"/objections/{objection['id']}"), 200)
    assert mine["state"] == "rejected"
    (answer,) = mine["answers"]
    assert (answer["decision"], answer["answer"], answer["by"]) == ("rejected", "已核对签到表，记录无误", "社**张")
    assert answer["correction"] is None
    assert mine["reopens_until"] is not None


def test_the_same_answer_again_changes_nothing_and_another_one_is_refused(street, person, worker):
    objection = made(objects(street, person))
    made(answers(worker, objection), 200)

    again = made(answers(worker, objection, said="别的话"), 200)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert [each["answer"] for each in again["answers"]] == ["已核对签到表，记录无误"]
    assert answers(worker, objection, "upheld").code == "objection_closed"
    assert answers(street.phone(street.officer()), objection).code == "objection_closed"


def test_of_two_who_answer_at_once_one_is_heard(street, person, worker):
    objection = made(objects(street, person, "activity", joined(street, person, fund=street.fund(1000)).id))
    officer = street.phone(street.officer())
    for phone in (worker, officer):
        phone.get("/me")

    outcome = at_once(
        *[lambda: answers(worker, objection) for _ in range(4)],
        *[lambda: upholds(officer, objection) for _ in range(4)],
    )

    assert len(street.rows(select(ObjectionAnswer))) == 1
    assert statuses(outcome) == {200: 4, 409: 4}
    assert codes(outcome) == {"objection_closed": 4}
    assert street.findings() == set()


def test_nobody_answers_themselves_or_their_family(street, worker):
    worker_person = street.worker()
    with street.inside():
        home = worker_person.household_id
    spouse = street.person("家属")
    street.does(lambda: move_in(find(type(spouse), spouse.id), home, role="member", at=now()))
    phone = street.phone(worker_person)

    assert answers(phone, made(objects(street, spouse))).code == "own_objection"
    assert answers(phone, made(objects(street, worker_person))).code == "own_objection"


def test_whoever_ticked_the_name_does_not_judge_it(street, person, worker):
    activity = street.activity(fund=street.fund(1000))
    ticked = worker.post(
        "/check-ins", {"activity_id": str(activity.id), "person_id": str(person.id), "reason": "没带手机"}
    )
    made(ticked)
    entry = street.phone(person).get("/me/entries").body["items"][0]["id"]

    for objection in (
        made(objects(street, person, "check_in", ticked["check_in"]["id"])),
        made(objects(street, person, "entry", entry)),
    ):
        assert answers(worker, objection).code == "own_act"
        assert answers(street.phone(street.officer()), objection).status == 200


def test_nor_does_the_reviewer_or_the_clerk(street, person, worker):
    leader = street.resident("赵队长")
    activity = street.activity(leader=leader, fund=street.fund(1000))
    came = made(street.phone(leader).post("/check-ins", {"code": street.door_code(activity)}))
    made(worker.put(f"/reviews/{came['check_in']['id']}", {"decision": "declined"}), 200)
    declined = made(objects(street, leader, "check_in", came["check_in"]["id"]))
    assert answers(worker, declined).code == "own_act"

    street.earned(person, 20)
    shop = street.merchant()
    clerk = street.gives(street.clerk(shop), "worker", over_area(street.community))
    held = street.held(person, street.offer(shop))
    made(street.phone(clerk).post("/redemptions/capture", {"code": held["code"]}), 200)
    assert answers(street.phone(clerk), made(objects(street, person, "redemption", held["id"]))).code == "own_act"


def test_an_auditor_reads_and_does_not_answer(street, person):
    auditor = street.phone(street.auditor())
    objection = made(objects(street, person))

    assert auditor.get(f"/objections/{objection['id']}").status == 200
    assert answers(auditor, objection).status == 403


@pytest.mark.parametrize(
    "form",
    [
        {"decision": "rejected"},
        {"decision": "upheld"},
        {"decision": "rejected", "answer": "x", "correction": {"kind": "award_missing"}},
        {"decision": "withdrawn", "correction": {"kind": "award_missing"}},
        {"decision": "maybe", "answer": "x"},
    ],
)
def test_an_answer_has_words_and_only_who_is_right_is_corrected(street, person, worker, form):
    objection = made(objects(street, person))

    assert worker.put(f"/objections/{objection['id']}", form).status == 422


# withdrawing, and once more


def test_whoever_objected_takes_it_back_and_may_ask_again(street, person, worker):
    activity = joined(street, person)
    phone = street.phone(person)
    objection = made(objects(street, person, "activity", activity.id))

    withdrawn = made(phone.put(f"/objections/{objection['id']}", {"decision": "withdrawn"}), 200)

    assert withdrawn["state"] == "withdrawn"
    assert made(phone.put(f"/objections/{objection['id']}", {"decision": "withdrawn"}), 200)["state"] == "withdrawn"
    assert answers(worker, objection).code == "objection_closed"
    assert made(objects(street, person, "activity", activity.id))["id"] != objection["id"]


def test_nobody_takes_back_what_somebody_else_asked(street, person, worker):
    objection = made(objects(street, person))

    for decision in ("withdrawn", "reopened"):
        assert worker.put(f"/objections/{objection['id']}", {"decision": decision}).status == 403


def test_an_answer_is_looked_at_again_once(street, person, worker):
    activity = joined(street, person)
    phone = street.phone(person)
    objection = made(objects(street, person, "activity", activity.id))
    path = f"/objections/{objection['id']}"
    assert phone.put(path, {"decision": "reopened"}).code == "objection_not_reopened"
    made(answers(worker, objection), 200)
    assert objects(street, person, "activity", activity.id).code == "objection_answered"

    again = made(phone.put(path, {"decision": "reopened", "answer": "我有照片"}), 200)

    assert (again["state"], again["reopened_text"], len(again["answers"])) == ("open", "我有照片", 1)
    assert made(phone.put(path, {"decision": "reopened", "answer": "别的"}), 200)["reopened_text"] == "我有照片"
    final = made(answers(worker, objection, "upheld", "看了照片"), 200)
    assert [answer["decision"] for answer in final["answers"]] == ["rejected", "upheld"]
    assert final["reopens_until"] is None
    assert phone.put(path, {"decision": "reopened"}).code == "objection_not_reopened"


def test_after_seven_days_an_answer_stands(street, person, worker):
    with time_machine.travel(now() - timedelta(days=8), tick=True):
        objection = made(objects(street, person))
        made(answers(worker, objection), 200)

    reopened = street.phone(person).put(f"/objections/{objection['id']}", {"decision": "reopened"})

    assert reopened.code == "objection_not_reopened"


# making good


def test_a_missing_check_in_is_made_good_and_paid(street, person, worker):
    activity = joined(street, person, fund=street.fund(1000))
    objection = made(objects(street, person, "activity", activity.id))

    answer = made(upholds(worker, objection), 200)

    (given,) = answer["answers"]
    assert given["correction"]["kind"] == "award_missing"
    assert (given["correction"]["check_in"]["points"], given["correction"]["check_in"]["unpaid"]) == (20, None)
    (presence,) = check_in_of(street, person)
    with street.inside():
        assert (presence.confidence, presence.reason, presence.state) == ("listed", "异议核实后补录", "recorded")
    assert street.wallet(person).available == 20
    assert street.findings() == set()


def over(street, person, **facts):
    """An activity that is over and settled, and at which nobody saw them."""
    began = now() - timedelta(hours=5)
    with time_machine.travel(began + timedelta(minutes=5), tick=True):
        activity = joined(street, person, starts_at=began, **facts)
    boss = street.caller(street.officer())
    street.does(lambda: publishing.settle(find(Activity, activity.id, locked=True), by=boss))
    return activity


def test_also_when_the_activity_is_over_and_its_budget_has_gone_back(street, person, worker):
    fund = street.fund(1000)
    objection = made(objects(street, person, "activity", over(street, person, fund=fund).id))

    made(upholds(worker, objection), 200)

    assert street.wallet(person).available == 20
    assert street.fund_points(fund) == 980
    assert street.findings() == set()


def test_service_and_hours_are_made_good_by_the_minute(street, person, worker):
    activity = over(street, person, fund=street.fund(10_000), kind="service", points_per_hour=10, points_max=20)
    objection = made(objects(street, person, "activity", activity.id))
    for minutes in (None, 121):
        wrong = upholds(worker, objection, **({"minutes": minutes} if minutes else {}))
        assert (wrong.status, list(wrong["errors"])) == (422, ["minutes"])
    assert check_in_of(street, person) == []

    made(upholds(worker, objection, minutes=95), 200)

    wallet = street.wallet(person)
    assert (wallet.available, wallet.minutes) == (15, 95)
    assert street.findings() == set()


def test_whoever_was_seen_to_come_and_not_to_leave_gets_the_rest(street, person, worker):
    began = now() - timedelta(hours=5)
    with time_machine.travel(began, tick=True):
        activity = joined(
            street, person, fund=street.fund(10_000), starts_at=began, points_per_hour=10, points_max=20, kind="service"
        )
        came = made(street.phone(person).post("/check-ins", {"code": street.door_code(activity)}))
    objection = made(objects(street, person, "check_in", came["check_in"]["id"]))

    made(upholds(worker, objection, minutes=60), 200)

    wallet = street.wallet(person)
    assert (wallet.available, wallet.minutes) == (10, 60)
    assert len(check_in_of(street, person)) == 1
    assert street.findings() == set()


def test_who_was_declined_in_a_review_stands_after_all(street, worker):
    leader = street.resident("赵队长")
    activity = street.activity(leader=leader, fund=street.fund(1000))
    came = made(street.phone(leader).post("/check-ins", {"code": street.door_code(activity)}))
    made(worker.put(f"/reviews/{came['check_in']['id']}", {"decision": "declined"}), 200)
    objection = made(objects(street, leader, "check_in", came["check_in"]["id"]))

    made(upholds(street.phone(street.officer()), objection), 200)

    (presence,) = check_in_of(street, leader)
    assert (presence.state, presence.points) == ("recorded", 20)
    assert street.findings() == set()


def test_where_nothing_is_missing_nothing_is_made_good_and_nothing_answered(street, person, worker):
    street.earned(person, 20)
    (presence,) = check_in_of(street, person)
    objection = made(objects(street, person, "check_in", presence.id))

    assert upholds(worker, objection).code == "presence_recorded"

    assert street.rows(select(Objection.state)) == ["open"]
    assert street.rows(select(ObjectionAnswer)) == []
    assert street.wallet(person).available == 20


def test_without_budget_the_presence_stands_and_its_points_wait(street, person, worker):
    fund = street.fund(20)
    activity = joined(street, person, fund=fund, budget_points=20, capacity=5)
    first = street.resident()
    made(street.phone(first).post("/check-ins", {"code": street.door_code(activity)}))

    answer = made(upholds(worker, made(objects(street, person, "activity", activity.id))), 200)

    assert answer["answers"][0]["correction"]["check_in"]["unpaid"] == "budget_exhausted"
    assert street.wallet(person).available == 0


def test_somebody_who_runs_the_activity_still_waits_for_review(street, worker):
    leader = street.resident("赵队长")
    activity = street.activity(leader=leader, fund=street.fund(1000))
    made(street.phone(leader).post(f"/activities/{activity.id}/sign-ups"))
    objection = made(objects(street, leader, "activity", activity.id))

    answer = made(upholds(worker, objection), 200)

    check_in = answer["answers"][0]["correction"]["check_in"]
    assert (check_in["state"], check_in["points"], check_in["unpaid"]) == ("review", 0, "review")


def test_a_walk_in_whom_nobody_recorded_is_found_by_the_session(street, person, worker):
    activity = street.activity(fund=street.fund(1000))
    with street.inside():
        sitting = sessions_of(activity.id)[0]
    objection = made(objects(street, person))
    assert upholds(worker, objection).code == "correction_unavailable"
    assert upholds(worker, objection, session_id=str(uuid4())).status == 404

    made(upholds(worker, objection, session_id=str(sitting.id)), 200)

    assert street.wallet(person).available == 20


def test_a_worker_makes_nothing_good_in_another_area(street, person, worker):
    elsewhere = street.area("安宁社区")
    officer = street.officer()
    activity = street.draft(by=officer, area_id=elsewhere.id)
    boss = street.caller(officer)
    street.does(lambda: publishing.publish(find(Activity, activity.id, locked=True), publisher=boss))
    with street.inside():
        sitting = sessions_of(activity.id)[0]

    answer = upholds(worker, made(objects(street, person)), session_id=str(sitting.id))

    assert answer.status == 403


def test_an_award_that_is_too_high_is_taken_back(street, person, worker):
    street.earned(person, 20)
    (presence,) = check_in_of(street, person)
    objection = made(objects(street, person, "check_in", presence.id))

    answer = made(upholds(worker, objection, kind="award_too_high"), 200)

    assert answer["answers"][0]["correction"]["check_in"]["state"] == "undone"
    assert street.wallet(person).available == 0
    assert street.findings() == set()


def test_where_nothing_was_recorded_nothing_is_too_high(street, person, worker):
    activity = joined(street, person)
    objection = made(objects(street, person, "activity", activity.id))

    assert upholds(worker, objection, kind="award_too_high").code == "correction_unavailable"
    assert street.rows(select(Objection.state)) == ["open"]


def test_answer_and_correction_are_on_the_trail(street, person, worker):
    activity = joined(street, person, fund=street.fund(1000))
    made(upholds(worker, made(objects(street, person, "activity", activity.id))), 200)

    told = street.phone(person).get("/me/trail")["items"]

    assert [row["act"] for row in told] == ["objections.uphold", "check_ins.make_good"]
    (row,) = street.rows(select(TrailRow).where(TrailRow.act == "check_ins.make_good"))
    assert row.before == {"state": "missing"}
    assert row.after["state"] == "recorded"


def test_the_person_is_told_once_that_there_is_an_answer(street, person, worker):
    objection = made(objects(street, person))
    for _ in range(2):
        made(answers(worker, objection), 200)

    (notice,) = street.phone(person).get("/me/notices")["items"]

    assert notice["topic"] == "objection"
    assert notice["text"].startswith("您的异议已有答复：不成立")


def test_whoever_was_merged_meanwhile_is_paid_as_whom_they_are_today(street, person, worker):
    old = street.person("王小英", verified="phone")
    activity = joined(street, old, fund=street.fund(1000))
    objection = made(objects(street, old, "activity", activity.id))
    street.merged(old, person)

    made(upholds(worker, objection), 200)

    assert street.wallet(person).available == 20
    assert street.findings() == set()
