"""Drafting, publishing on reserved points, editing, topping up, cancelling and settling."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select

from backend.activities.models import Activity, BudgetChange, Session
from backend.foundation.clock import now
from backend.people.scopes import over_area, over_group
from tests.builders.races import at_once, codes, deadlocks_counted, statuses

STARTS = datetime(2026, 12, 5, 1, tzinfo=UTC)


def form(group=None, fund=None, **facts):
    plain = {
        "kind": "participation",
        "title": "周六清洁日",
        "place": "中心花园",
        "sessions": [{"starts_at": "2026-12-05T01:00:00Z", "ends_at": "2026-12-05T03:00:00Z"}],
        "capacity": 30,
    }
    if group is not None:
        plain["group_id"] = str(group.id)
    if fund is not None:
        plain |= {"fund_id": str(fund.id), "points_fixed": 20}
    return {name: value for name, value in (plain | facts).items() if value is not None}


@pytest.fixture(autouse=True)
def _before_the_activity():
    with time_machine.travel(datetime(2026, 11, 23, 4, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def group(street):
    return street.group()


@pytest.fixture
def leader(street, group):
    return street.phone_of(group.founder_id)


@pytest.fixture
def fund(street):
    return street.fund(1000)


def draft(phone, *args, **facts):
    answer = phone.post("/activities", form(*args, **facts))
    assert answer.status == 201, answer.body
    return answer


def published(phone, *args, **facts):
    activity = draft(phone, *args, **facts)
    answer = phone.post(f"/activities/{activity['id']}/publish")
    assert answer.status == 200, answer.body
    return answer


def tick(street, activity, person):
    """The leader ticks a name at the door."""
    (creator,) = street.rows(select(Activity.creator_id).where(Activity.id == UUID(activity["id"])))
    body = {"activity_id": activity["id"], "person_id": str(person.id), "reason": "忘带手机"}
    return street.phone_of(creator).post("/check-ins", body)


# drafting


def test_a_leader_writes_a_draft_with_a_budget_for_everybody(leader, group, fund):
    activity = draft(leader, group, fund, sessions=[span(0), span(24)])

    assert (activity["state"], activity["points_max"], activity["budget_points"]) == ("draft", 20, 30 * 20 * 2)
    assert (activity["points_left"], activity["places_left"], activity["my"]) == (0, 30, None)
    assert activity["group"] == {"id": str(group.id), "name": group.name}
    assert {"edit", "publish", "cancel"} <= set(activity["can"])


def span(hours_later, hours=2):
    starts = STARTS + timedelta(hours=hours_later)
    return {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=hours)).isoformat()}


def test_a_draft_does_not_exist_for_residents(street, leader, group):
    activity = draft(leader, group)
    resident = street.phone(street.resident())
    there, nowhere = f"/activities/{activity['id']}", f"/activities/{uuid4()}"

    for act in (
        lambda path: resident.get(path),
        lambda path: resident.put(path, {"title": "改个名"}),
        lambda path: resident.post(f"{path}/publish"),
        lambda path: resident.post(f"{path}/sign-ups"),
        lambda path: resident.get(f"{path}/sign-ups"),
        lambda path: resident.get(f"{path}/code"),
        lambda path: resident.get(f"{path}/check-ins"),
        lambda path: resident.post(f"{path}/cancel"),
        lambda path: resident.delete(f"{path}/sign-ups/mine"),
    ):
        seen, missing = act(there), act(nowhere)
        assert seen.status == missing.status == 404
        assert seen.body | {"request_id": ""} == missing.body | {"request_id": ""}
    assert resident.get("/activities")["items"] == []
    assert resident.get("/activities", state="draft")["items"] == []
    assert leader.get("/activities", state="draft")["items"][0]["id"] == activity["id"]


def test_a_cancelled_draft_does_not_exist_for_residents_either(street, leader, group):
    activity = draft(leader, group)
    assert leader.post(f"/activities/{activity['id']}/cancel", {"reason": "写错了"})["state"] == "cancelled"
    resident = street.phone(street.resident())

    assert resident.get(f"/activities/{activity['id']}").status == 404
    assert resident.get("/activities", state="cancelled")["items"] == []
    assert leader.get(f"/activities/{activity['id']}").status == 200


def test_a_cancelled_activity_is_still_shown_to_whom_it_was_announced(street, leader, group):
    activity = published(leader, group)
    leader.post(f"/activities/{activity['id']}/cancel")
    resident = street.phone(street.resident())

    assert resident.get(f"/activities/{activity['id']}")["state"] == "cancelled"
    assert [item["id"] for item in resident.get("/activities", state="cancelled")["items"]] == [activity["id"]]
    assert resident.get("/activities")["items"] == []


@pytest.mark.parametrize("role", ["leader", "deputy"])
def test_those_who_lead_write_for_their_own_group_only(street, group, role):
    person = street.gives(street.resident(), role, over_group(group.id, group.name))
    other = street.group(name="别的队")

    assert street.phone(person).post("/activities", form(group)).status == 201
    assert street.phone(person).post("/activities", form(other)).status == 403


def test_a_helper_and_a_resident_write_nothing(street, group):
    assert street.phone(street.helper(group)).post("/activities", form(group)).status == 403
    assert street.phone(street.resident()).post("/activities", form(group)).status == 403


def test_a_worker_writes_for_the_community_and_for_any_group_in_it(street, group):
    worker = street.phone(street.worker())

    assert worker.post("/activities", form(group)).status == 201
    assert worker.post("/activities", form(area_id=str(street.community.id))).status == 201
    elsewhere = street.phone(street.gives(street.resident(), "worker", over_area(street.area("安宁社区"))))
    assert elsewhere.post("/activities", form(group)).status == 403


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ({"sessions": []}, {"sessions"}),
        (
            {"sessions": [{"starts_at": "2026-12-05T03:00:00Z", "ends_at": "2026-12-05T03:00:00Z"}]},
            {"sessions.0.ends_at"},
        ),
        (
            {"sessions": [{"starts_at": "2026-12-05T03:00:00", "ends_at": "2026-12-05T04:00:00Z"}]},
            {"sessions.0.starts_at"},
        ),
        (
            {"sessions": [{"starts_at": "2026-12-05T03:00:00Z", "ends_at": "2026-12-08T04:00:00Z"}]},
            {"sessions.0.ends_at"},
        ),
        ({"capacity": 0}, {"capacity"}),
        ({"capacity": 20_001}, {"capacity"}),
        ({"kind": "party"}, {"kind"}),
        ({"points_fixed": 5, "points_per_hour": 5, "points_max": 9}, {"points_fixed"}),
        ({"points_per_hour": 10, "fund_id": "here"}, {"points_max"}),
        ({"points_fixed": 5}, {"fund_id"}),
        ({"points_fixed": -1}, {"points_fixed"}),
        ({"group_id": None}, ["area_id", "group_id"]),
        ({"state": "published"}, {"state"}),
        ({"title": "x\u0000y"}, {"title"}),
    ],
    ids=str,
)
def test_an_activity_of_a_wrong_shape_is_422_naming_the_field(street, leader, group, fund, facts, fields):
    facts = facts | ({"fund_id": str(fund.id)} if "fund_id" in facts else {})

    refused = leader.post("/activities", form(group, **facts))

    assert (refused.status, set(refused["errors"])) == (422, set(fields))
    assert street.rows(select(Activity)) == street.rows(select(Session)) == []


def test_a_draft_may_change_in_everything(street, leader, group, fund):
    activity = draft(leader, group)
    changes = form(fund=fund, kind="service", points_fixed=None, points_per_hour=10, points_max=40, capacity=5)

    changed = leader.put(f"/activities/{activity['id']}", changes | {"sessions": [span(48), span(24)]})

    assert (changed.status, changed["budget_points"], changed["points_per_hour"]) == (200, 5 * 40 * 2, 10)
    assert [item["starts_at"] for item in changed["sessions"]] == ["2026-12-06T01:00:00Z", "2026-12-07T01:00:00Z"]
    fixed = leader.put(f"/activities/{activity['id']}", {"points_fixed": 7})
    assert (fixed["points_fixed"], fixed["points_per_hour"], fixed["budget_points"]) == (7, None, 5 * 7 * 2)


# publishing


def test_publishing_reserves_exactly_the_budget(street, leader, group, fund):
    activity = published(leader, group, fund)

    assert (activity["state"], activity["points_left"], activity["budget_points"]) == ("published", 600, 600)
    assert (street.fund_points(fund), leader.get("/funds")["items"][0]["available"]) == (400, 400)
    assert street.phone(street.resident()).get(f"/activities/{activity['id']}").status == 200


def test_publishing_more_than_the_fund_has_is_refused_with_the_figures(street, leader, group, fund):
    activity = draft(leader, group, fund, budget_points=1001)

    refused = leader.post(f"/activities/{activity['id']}/publish")

    assert (refused.status, refused.code) == (409, "budget_exhausted")
    assert refused["facts"] == {"required": 1001, "available": 1000}
    assert leader.get(f"/activities/{activity['id']}")["state"] == "draft"
    assert street.fund_points(fund) == 1000
    assert leader.put(f"/activities/{activity['id']}", {"budget_points": 1000}).status == 200
    assert leader.post(f"/activities/{activity['id']}/publish").status == 200
    assert street.fund_points(fund) == 0


def test_publishing_twice_reserves_once(street, leader, group, fund):
    activity = published(leader, group, fund)

    answers = at_once(*[lambda: leader.post(f"/activities/{activity['id']}/publish")] * 10)

    assert statuses(answers) == {200: 10}
    assert (street.fund_points(fund), len(street.rows(select(BudgetChange)))) == (400, 1)


def test_ten_taps_on_publish_reserve_once(street, leader, group, fund):
    activity = draft(leader, group, fund)

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda: leader.post(f"/activities/{activity['id']}/publish")] * 10)

    assert (statuses(answers), deadlocks) == ({200: 10}, [])
    assert (street.fund_points(fund), len(street.rows(select(BudgetChange)))) == (400, 1)


def test_twenty_activities_published_at_once_on_points_for_one_reserve_once(street, leader, group, fund):
    drafts = [draft(leader, group, fund, budget_points=600) for _ in range(20)]

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda one=one: leader.post(f"/activities/{one['id']}/publish") for one in drafts])

    assert (statuses(answers), codes(answers), deadlocks) == ({200: 1, 409: 19}, {"budget_exhausted": 19}, [])
    assert all(answer["facts"] == {"required": 600, "available": 400} for answer in answers if answer.status == 409)
    assert street.fund_points(fund) == 400
    assert street.rows(select(Activity.state).order_by(Activity.state)) == ["draft"] * 19 + ["published"]


def test_an_activity_without_points_needs_no_fund(leader, group):
    activity = published(leader, group)

    assert (activity["points_left"], activity["budget_points"], activity["fund_id"]) == (0, 0, None)


def test_publishing_is_possible_after_the_start_and_not_after_the_end(leader, group):
    running, over = draft(leader, group), draft(leader, group)
    with time_machine.travel(STARTS + timedelta(minutes=119), tick=False):
        assert leader.post(f"/activities/{running['id']}/publish").status == 200
    with time_machine.travel(STARTS + timedelta(hours=2), tick=False):
        refused = leader.post(f"/activities/{over['id']}/publish")
    assert (refused.status, refused.code) == (409, "activity_over")


def test_a_cancelled_activity_is_not_published_again(leader, group):
    activity = draft(leader, group)
    leader.post(f"/activities/{activity['id']}/cancel")

    refused = leader.post(f"/activities/{activity['id']}/publish")

    assert (refused.status, refused.code) == (409, "wrong_state")


# what only a worker may publish


@pytest.mark.parametrize("why", ["too many points", "circle not filed"])
def test_what_a_leader_may_not_publish_lands_in_the_workers_queue(street, why):
    fund = street.fund(1000, leader_limit_points=599 if why == "too many points" else None)
    group = street.group(stage="filed" if why == "too many points" else "circle")
    leader, worker = street.phone_of(group.founder_id), street.phone(street.worker())
    activity = draft(leader, group, fund)
    assert worker.get("/activities", awaiting="worker")["items"] == []

    refused = leader.post(f"/activities/{activity['id']}/publish")

    assert (refused.status, refused.code) == (409, "needs_worker")
    assert leader.post(f"/activities/{activity['id']}/publish").code == "needs_worker"
    assert street.fund_points(fund) == 1000
    (waiting,) = worker.get("/activities", awaiting="worker")["items"]
    assert (waiting["id"], "publish" in waiting["can"]) == (activity["id"], True)
    assert street.phone(street.resident()).get("/activities", awaiting="worker")["items"] == []
    elsewhere = street.worker(area=street.area("安宁社区"))
    assert street.phone(elsewhere).get("/activities", awaiting="worker")["items"] == []

    assert worker.post(f"/activities/{activity['id']}/publish").status == 200
    assert worker.get("/activities", awaiting="worker")["items"] == []
    assert street.fund_points(fund) == 400


def test_a_leader_may_publish_up_to_the_limit(street, leader, group):
    fund = street.fund(1000, leader_limit_points=600)

    assert published(leader, group, fund)["points_left"] == 600


def test_an_unfiled_circle_publishes_what_gives_no_points(street):
    group = street.group(stage="circle")

    assert published(street.phone_of(group.founder_id), group)["state"] == "published"


def test_a_draft_that_changed_after_it_was_sent_on_is_asked_for_again(street):
    fund, group = street.fund(1000), street.group(stage="circle")
    leader, worker = street.phone_of(group.founder_id), street.phone(street.worker())
    activity = draft(leader, group, fund)
    leader.post(f"/activities/{activity['id']}/publish")

    leader.put(f"/activities/{activity['id']}", {"capacity": 50})

    assert worker.get("/activities", awaiting="worker")["items"] == []
    assert leader.post(f"/activities/{activity['id']}/publish").code == "needs_worker"
    assert worker.get("/activities", awaiting="worker")["items"][0]["budget_points"] == 1000


# editing what is published


def test_words_may_change_after_publishing(street, leader, group, fund):
    activity = published(leader, group, fund)
    words = {
        "title": "周日清洁日",
        "place": "北门",
        "description": "带手套",
        "responsible_person": "马队长",  # a name that is published
        "capacity": 31,
    }

    changed = leader.put(f"/activities/{activity['id']}", words)

    assert changed.status == 200
    assert {name: changed[name] for name in words} == words
    assert street.phone(street.resident()).get("/activities", q="zrqjr")["items"][0]["id"] == activity["id"]
    assert changed["budget_points"] == 600


@pytest.mark.parametrize(
    "facts",
    [
        {"points_fixed": 30},
        {"points_max": 30},
        {"kind": "service"},
        {"check_in": "scan"},
        {"fund_id": "67a76b86-c1e8-43e7-898a-c20b3aa9e760"},
    ],
    ids=str,
)
def test_what_people_signed_up_for_is_fixed_once_published(leader, group, fund, facts):
    activity = published(leader, group, fund)

    refused = leader.put(f"/activities/{activity['id']}", facts)

    assert (refused.status, refused.code, refused["facts"]) == (
        409,
        "fixed_once_published",
        {"fields": next(iter(facts))},
    )
    assert leader.get(f"/activities/{activity['id']}")["sessions"] == activity["sessions"]


def test_capacity_never_falls_below_the_places_taken(street, leader, group):
    activity = published(leader, group, capacity=3)
    for _ in range(2):
        street.phone(street.resident()).post(f"/activities/{activity['id']}/sign-ups")

    refused = leader.put(f"/activities/{activity['id']}", {"capacity": 1})

    assert (refused.status, refused.code, refused["facts"]) == (409, "capacity_too_low", {"taken": 2})
    assert leader.put(f"/activities/{activity['id']}", {"capacity": 2})["places_left"] == 0


def test_more_room_is_for_those_who_wait_first(street, leader, group):
    activity = published(leader, group, capacity=1)
    path = f"/activities/{activity['id']}"
    people = [street.phone(street.resident()) for _ in range(5)]
    for phone in people:
        phone.post(f"{path}/sign-ups")

    changed = leader.put(path, {"capacity": 3})

    assert changed["places_left"] == 0
    mine = [phone.get(path)["my"]["sign_up"] for phone in people]
    assert [one["state"] for one in mine] == ["placed"] + ["offered"] * 2 + ["waiting"] * 2
    assert [one["position"] for one in mine] == [None, None, None, 1, 2]
    assert leader.put(path, {"capacity": 9})["places_left"] == 4


def test_a_budget_only_rises(street, leader, group, fund):
    activity = published(leader, group, fund, budget_points=100)

    refused = leader.put(f"/activities/{activity['id']}", {"budget_points": 99})

    assert (refused.status, refused.code) == (409, "budget_only_rises")
    raised = leader.put(f"/activities/{activity['id']}", {"budget_points": 150})
    assert (raised["budget_points"], raised["points_left"], street.fund_points(fund)) == (150, 150, 850)
    assert leader.put(f"/activities/{activity['id']}", {"budget_points": 150})["points_left"] == 150


def test_a_top_up_of_more_than_the_fund_has_changes_nothing(street, leader, group, fund):
    activity = published(leader, group, fund, budget_points=100)

    refused = leader.put(f"/activities/{activity['id']}", {"budget_points": 1001, "title": "别的名字"})

    assert (refused.status, refused.code) == (409, "budget_exhausted")
    assert refused["facts"] == {"required": 901, "available": 900}
    after = leader.get(f"/activities/{activity['id']}")
    assert (after["budget_points"], after["title"], street.fund_points(fund)) == (100, "周六清洁日", 900)


def test_a_top_up_above_the_leaders_limit_is_for_a_worker(street, leader, group):
    fund = street.fund(1000, leader_limit_points=100)
    activity = published(leader, group, fund, budget_points=100)

    refused = leader.put(f"/activities/{activity['id']}", {"budget_points": 101})

    assert (refused.status, refused.code) == (409, "top_up_needs_worker")
    assert street.phone(street.worker()).put(f"/activities/{activity['id']}", {"budget_points": 101}).status == 200


def test_an_activity_without_a_fund_cannot_be_topped_up(leader, group):
    activity = published(leader, group)

    refused = leader.put(f"/activities/{activity['id']}", {"budget_points": 50})

    assert (refused.status, set(refused["errors"])) == (422, {"budget_points"})


def test_a_top_up_pays_those_who_wait_in_the_order_of_their_arrival_as_far_as_it_reaches(street, leader, group, fund):
    activity = published(leader, group, fund, budget_points=20)
    people = [street.resident() for _ in range(4)]
    with time_machine.travel(STARTS, tick=False) as clock:
        for person in reversed(people):  # the last one built arrives first
            clock.shift(1)
            assert tick(street, activity, person).status == 201
        path = f"/activities/{activity['id']}"

        assert paid(street, people) == [0, 0, 0, 20]
        assert leader.put(path, {"budget_points": 60 - 1}).status == 200
        assert paid(street, people) == [0, 0, 20, 20]
        assert leader.put(path, {"budget_points": 60}).status == 200
        assert paid(street, people) == [0, 20, 20, 20]
        assert leader.put(path, {"budget_points": 100})["points_left"] == 20
        assert paid(street, people) == [20, 20, 20, 20]
        assert leader.put(path, {"budget_points": 200})["points_left"] == 120
        assert paid(street, people) == [20, 20, 20, 20]
        unpaid = [item["unpaid"] for item in leader.get(f"{path}/check-ins")["items"]]
    assert unpaid == [None] * 4
    assert street.fund_points(fund) == 800


def paid(street, people):
    return [street.wallet(person).available for person in people]


def test_ten_taps_on_one_top_up_pay_everybody_once(street, leader, group, fund):
    activity = published(leader, group, fund, budget_points=0)
    people = [street.resident() for _ in range(5)]
    with time_machine.travel(STARTS, tick=True):
        for person in people:
            tick(street, activity, person)
        raise_it = lambda: leader.put(f"/activities/{activity['id']}", {"budget_points": 120})  # noqa: E731
        with deadlocks_counted(street.app) as deadlocks:
            answers = at_once(*[raise_it] * 10)

        assert (statuses(answers), deadlocks) == ({200: 10}, [])
        assert paid(street, people) == [20] * 5
        assert {answer["points_left"] for answer in answers} == {20}
    assert street.fund_points(fund) == 880


# cancelling and settling


def test_cancelling_returns_every_point(street, leader, group, fund):
    activity = published(leader, group, fund)

    cancelled = leader.post(f"/activities/{activity['id']}/cancel", {"reason": "下雨"})

    assert (cancelled.status, cancelled["state"], cancelled["points_left"]) == (200, "cancelled", 0)
    assert leader.post(f"/activities/{activity['id']}/cancel").status == 200
    assert street.fund_points(fund) == 1000
    assert leader.put(f"/activities/{activity['id']}", {"title": "改名"}).code == "wrong_state"
    assert street.phone(street.resident()).post(f"/activities/{activity['id']}/sign-ups").code == "sign_ups_closed"


def test_nobody_cancels_what_somebody_came_to(street, leader, group, fund):
    activity = published(leader, group, fund)
    with time_machine.travel(STARTS, tick=False):
        tick(street, activity, street.resident())
        refused = leader.post(f"/activities/{activity['id']}/cancel")

        assert (refused.status, refused.code) == (409, "has_check_ins")
        assert leader.get(f"/activities/{activity['id']}")["points_left"] == 580


def test_settling_returns_exactly_what_was_not_earned(street, leader, group, fund):
    activity = published(leader, group, fund)
    with time_machine.travel(STARTS, tick=False) as clock:
        for _ in range(3):
            tick(street, activity, street.resident())
        clock.shift(timedelta(hours=2))
        body = {"head_count": 3, "report": "三个人扫了整条街"}

        answers = at_once(*[lambda: leader.post(f"/activities/{activity['id']}/settle", body)] * 10)

        assert statuses(answers) == {200: 10}
        assert (answers[0]["state"], answers[0]["points_left"]) == ("settled", 0)
    assert street.fund_points(fund) == 1000 - 60
    changes = street.rows(select(BudgetChange).order_by(BudgetChange.id))
    assert [(change.kind, change.points) for change in changes] == [("reserve", 600), ("return", 540)]


def test_what_has_not_begun_is_cancelled_rather_than_settled(leader, group):
    activity = published(leader, group)
    with time_machine.travel(STARTS - timedelta(seconds=1), tick=False):
        refused = leader.post(f"/activities/{activity['id']}/settle", {})
    assert (refused.status, refused.code) == (409, "activity_not_started")


def test_a_draft_is_not_settled_and_a_settled_one_not_cancelled(leader, group):
    activity = draft(leader, group)
    assert leader.post(f"/activities/{activity['id']}/settle", {}).code == "wrong_state"
    leader.post(f"/activities/{activity['id']}/publish")
    with time_machine.travel(STARTS, tick=False):
        leader.post(f"/activities/{activity['id']}/settle", {})
        assert leader.post(f"/activities/{activity['id']}/cancel").code == "wrong_state"


def test_a_cancellation_and_an_arrival_at_once_never_leave_somebody_at_a_cancelled_activity(
    street, leader, group, fund
):
    for _ in range(6):
        activity, resident = published(leader, group, fund, budget_points=20), street.resident()
        with time_machine.travel(STARTS, tick=True):
            came, cancelled = at_once(
                lambda activity=activity, resident=resident: tick(street, activity, resident),
                lambda activity=activity: leader.post(f"/activities/{activity['id']}/cancel"),
            )
        assert {(201, 409), (409, 200)} >= {(came.status, cancelled.status)}
        assert street.wallet(resident).available == (20 if came.status == 201 else 0)


def test_strangers_change_nothing_that_is_published(street, leader, group):
    activity = published(leader, group)
    path = f"/activities/{activity['id']}"
    for stranger in (street.resident(), street.helper(group), street.member(group, street.resident())):
        phone = street.phone(stranger)
        assert phone.put(path, {"title": "改个名"}).status == 403
        for act in ("publish", "cancel", "settle"):
            assert phone.post(f"{path}/{act}").status == 403


# listing


def test_activities_are_found_by_area_group_kind_words_and_state(street, leader, group):
    grid = street.area("第一网格", kind="grid", parent=street.community)
    one = published(leader, group, title="太极拳教学", kind="training")
    two = published(street.phone(street.worker()), area_id=str(grid.id), title="楼门清扫", kind="service")
    phone = street.phone(street.resident())

    def found(**asked):
        return {item["title"] for item in phone.get("/activities", **asked)["items"]}

    assert found() == found(area_id=str(street.community.id)) == {"太极拳教学", "楼门清扫"}
    assert found(area_id=str(grid.id)) == found(kind="service") == {"楼门清扫"}
    assert found(group_id=str(group.id)) == found(q="tjq") == found(q="太极") == {"太极拳教学"}
    with time_machine.travel(STARTS + timedelta(hours=2), tick=False):
        assert found(state="ended") == {"太极拳教学", "楼门清扫"}
        assert found(state="published") == set()
        assert phone.get(f"/activities/{one['id']}")["state"] == "ended"
        leader.post(f"/activities/{one['id']}/settle", {})
        assert found(state="settled") == {"太极拳教学"}
        assert found(state="ended") == {two["title"]}


@pytest.mark.parametrize(
    ("starts", "ends", "days"),
    [
        ("2026-12-05T01:00:00Z", "2026-12-05T03:00:00Z", ["2026-12-05"]),
        ("2026-12-04T15:00:00Z", "2026-12-04T16:00:00Z", ["2026-12-04"]),  # ends at midnight in Shanghai
        ("2026-12-04T15:00:00Z", "2026-12-04T16:00:01Z", ["2026-12-04", "2026-12-05"]),
        ("2026-12-04T16:00:00Z", "2026-12-04T17:00:00Z", ["2026-12-05"]),
    ],
)
def test_a_day_is_a_day_in_shanghai(leader, group, starts, ends, days):
    published(leader, group, sessions=[{"starts_at": starts, "ends_at": ends}])
    all_days = ["2026-12-03", "2026-12-04", "2026-12-05", "2026-12-06"]

    assert [day for day in all_days if leader.get("/activities", day=day)["items"]] == days


def test_a_page_of_activities_is_sorted_by_their_beginning(leader, group):
    for hours in (24, 0, 48, 12):
        published(leader, group, title=f"第{hours}场", sessions=[span(hours)])

    seen, cursor = [], {}
    while cursor is not None:
        page = leader.get("/activities", limit=3, **cursor)
        seen += [item["title"] for item in page["items"]]
        cursor = page["next"] and {"cursor": page["next"]}

    assert seen == ["第48场", "第24场", "第12场", "第0场"]


def test_another_offices_activity_is_as_missing_as_none(street, other_street, leader, group, fund):
    activity = published(leader, group, fund)
    stranger = other_street.phone(other_street.officer())
    there, nowhere = f"/activities/{activity['id']}", f"/activities/{uuid4()}"
    for act in (
        lambda path: stranger.get(path),
        lambda path: stranger.put(path, {"title": "改个名"}),
        lambda path: stranger.post(f"{path}/publish"),
        lambda path: stranger.post(f"{path}/cancel"),
        lambda path: stranger.post(f"{path}/settle"),
        lambda path: stranger.post(f"{path}/sign-ups"),
        lambda path: stranger.delete(f"{path}/sign-ups/mine"),
        lambda path: stranger.get(f"{path}/sign-ups"),
        lambda path: stranger.get(f"{path}/check-ins"),
        lambda path: stranger.get(f"{path}/code"),
        lambda path: stranger.post(
            "/check-ins", {"activity_id": path.rsplit("/", 1)[1], "person_id": str(uuid4()), "reason": "忘带手机"}
        ),
    ):
        seen, missing = act(there), act(nowhere)
        assert seen.status == missing.status == 404
        assert seen.body | {"request_id": ""} == missing.body | {"request_id": ""}
    assert stranger.get("/activities")["items"] == []
    own = other_street.group()
    for facts in ({"group_id": str(group.id)}, {"group_id": str(own.id), "fund_id": str(fund.id)}):
        assert stranger.post("/activities", form(**facts)).status == 404


def test_a_communitys_fund_pays_for_that_community_only(street):
    elsewhere = street.area("安宁社区")
    theirs, ours = street.fund(1000, area_id=elsewhere.id), street.fund(1000, area_id=street.community.id)
    leader = street.resident("赵队长")
    group = street.group(leader=leader)

    def form(fund):
        at = now()
        session = {"starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=1)).isoformat()}
        return {
            "group_id": str(group.id),
            "kind": "service",
            "title": "清洁日",
            "place": "花园",
            "sessions": [session],
            "capacity": 5,
            "points_fixed": 5,
            "fund_id": str(fund.id),
        }

    refused = street.phone(leader).post("/activities", form(theirs))

    assert (refused.status, refused.code) == (409, "fund_of_other_area")
    assert street.phone(leader).post("/activities", form(ours)).status == 201
