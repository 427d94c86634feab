"""What waits for a worker's eye: who may look, what becomes of it, and only once."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.activities.models import Activity
from backend.foundation.db import find, session
from backend.people.models import Person
from backend.people.scopes import over_area, over_office
from backend.safety.models import ContentReview
from tests.builders.races import at_once, statuses


@pytest.fixture
def worker(street):
    return street.phone(street.worker())


def doubtful(street, title="疑似广告", **facts):
    """A draft of a leader without openid, whose title waits; the activity and the review."""
    leader = street.resident("赵队长")
    group = street.group(leader=leader)
    session_ = {"starts_at": "2027-01-01T10:00:00Z", "ends_at": "2027-01-01T12:00:00Z"}
    body = {"group_id": str(group.id), "kind": "meeting", "title": title, "place": "花园", "capacity": 5}
    made = street.phone(leader).post("/activities", body | {"sessions": [session_]} | facts)
    assert made.status == 201, made.body
    wanted = select(ContentReview.id).where(ContentReview.subject_id == UUID(made["id"]))
    (review,) = street.rows(wanted.where(ContentReview.field == "title"))
    return street.phone(leader), made, review


def decide(phone, review, decision, **more):
    return phone.put(f"/content-reviews/{review}", {"decision": decision} | more)


def test_the_queue_says_what_was_written_by_whom_where_and_why(street, worker):
    leader, activity, review = doubtful(street)

    found = next(item for item in worker.get("/content-reviews")["items"] if item["id"] == str(review))

    assert (found["subject"], found["subject_id"], found["field"]) == ("activities", activity["id"], "title")
    assert (found["text"], found["why"], found["state"]) == ("疑似广告", "no_openid", "waiting")
    assert found["author"] == {"id": str(leader.person_id), "name": "赵队长"}
    assert (found["picture_url"], found["area_id"]) == (None, str(street.community.id))


def test_what_is_passed_stays_as_it_is(street, worker):
    leader, activity, review = doubtful(street)

    assert decide(worker, review, "passed")["state"] == "passed"
    assert leader.get(f"/activities/{activity['id']}")["title"] == "疑似广告"
    assert str(review) not in [item["id"] for item in worker.get("/content-reviews")["items"]]
    assert [item["id"] for item in worker.get("/content-reviews", state="passed")["items"]] == [str(review)]


def test_what_is_removed_says_neutral_words_and_is_found_by_them(street, worker):
    leader, activity, review = doubtful(street, "疑似广告")
    leader.post(f"/activities/{activity['id']}/publish")
    assert len(leader.get("/activities", q="疑似")["items"]) == 1

    decided = decide(worker, review, "removed", reason="广告")

    assert (decided["state"], decided["reason"], decided["decider_id"]) == ("removed", "广告", str(worker.person_id))
    assert decided["text"] == "疑似广告"  # the queue keeps what it was about
    assert leader.get(f"/activities/{activity['id']}")["title"] == "（内容已移除）"
    assert leader.get("/activities", q="疑似")["items"] == []
    assert len(leader.get("/activities", q="花园")["items"]) == 1


def test_a_name_that_is_removed_becomes_a_polite_number(street, worker):
    person = street.resident()
    street.phone(person).put("/me", {"display_name": "疑似店"})
    (review,) = street.rows(select(ContentReview.id))

    assert decide(worker, review, "removed").status == 200
    name = street.phone(person).get("/me")["display_name"]
    assert (name[:2], len(name), name[2:].isdigit()) == ("居民", 6, True)


def test_what_was_changed_since_is_left_alone(street, worker):
    """By a deed that is not judged (the command line, a job): the decision stands, the newer text stays."""
    leader, activity, review = doubtful(street)
    street.does(lambda: setattr(find(Activity, UUID(activity["id"])), "title", "新的名字"))

    assert decide(worker, review, "removed").status == 200
    assert leader.get(f"/activities/{activity['id']}")["title"] == "新的名字"


def test_the_same_decision_again_is_fine_and_another_one_is_refused(street, worker):
    _, _, review = doubtful(street)
    other = street.phone(street.worker())

    assert [decide(phone, review, "removed").status for phone in (worker, worker, other)] == [200, 200, 200]
    refused = decide(other, review, "passed")
    assert (refused.status, refused.code) == (409, "content_decided")


def test_of_two_workers_at_the_same_moment_one_decides(street):
    leader, activity, review = doubtful(street)
    phones = [street.phone(street.worker()) for _ in range(6)]

    answers = at_once(
        *[
            lambda phone=phone, said=said: decide(phone, review, said)
            for phone, said in zip(phones, ["passed", "removed"] * 3, strict=True)
        ]
    )

    assert statuses(answers) == {200: 3, 409: 3}
    (state,) = {answer["state"] for answer in answers if answer.status == 200}
    title = leader.get(f"/activities/{activity['id']}")["title"]
    assert title == ("疑似广告" if state == "passed" else "（内容已移除）")
    (decider,) = street.rows(select(ContentReview.decider_id).where(ContentReview.id == review))
    assert decider in {phone.person_id for phone, answer in zip(phones, answers, strict=True) if answer.status == 200}


def test_nobody_decides_for_themselves_or_their_household(street):
    home = street.household()
    author = street.gives(street.person("社工", household=home), "worker", over_area(street.community))
    family = street.gives(street.person("家人", household=home), "officer", over_office(street.office))
    street.phone(author).put("/me", {"display_name": "疑似"})
    (review,) = street.rows(select(ContentReview.id))

    for person in (author, family):
        answer = decide(street.phone(person), review, "passed")
        assert (answer.status, answer.code) == (403, "own_content")
    street.moves(family, street.household("9号楼"))
    assert decide(street.phone(family), review, "passed").status == 200


def test_a_worker_of_another_area_does_not_see_it(street):
    _, _, review = doubtful(street)
    elsewhere = street.phone(street.worker(street.area()))

    assert elsewhere.get("/content-reviews")["items"] == []
    assert decide(elsewhere, review, "passed").status == 404


def test_what_belongs_to_no_area_is_for_every_worker(street):
    street.phone(street.resident()).put("/me", {"display_name": "疑似"})
    elsewhere = street.phone(street.worker(street.area()))

    (item,) = elsewhere.get("/content-reviews")["items"]
    assert decide(elsewhere, item["id"], "passed").status == 200


def test_another_office_sees_nothing_of_it(street, other_street):
    _, _, review = doubtful(street)
    officer = other_street.phone(other_street.officer())

    assert officer.get("/content-reviews")["items"] == []
    assert decide(officer, review, "passed").body | {"request_id": ""} == decide(officer, uuid4(), "passed").body | {
        "request_id": ""
    }


def test_the_queue_comes_oldest_first_a_page_at_a_time(street, worker):
    reviews = []
    for _ in range(3):
        street.phone(street.resident()).put("/me", {"display_name": "疑似"})
    reviews = [str(review) for review in street.rows(select(ContentReview.id).order_by(ContentReview.id))]

    first = worker.get("/content-reviews", limit=2)
    rest = worker.get("/content-reviews", limit=2, cursor=first["next"])

    assert [item["id"] for item in first["items"] + rest["items"]] == reviews


def test_the_database_refuses_a_decision_by_the_author(street):
    street.phone(street.resident()).put("/me", {"display_name": "疑似"})

    def cheat():
        row = session().scalars(select(ContentReview)).one()
        row.state, row.decider_id, row.decided_at = "passed", row.author_id, row.created_at
        session().flush()

    with pytest.raises(Exception, match="nobody_passes_their_own"):
        street.does(cheat)
    assert street.rows(select(Person.id).limit(1))
