"""Several groups hold one activity: all their leaders run it, and each has its share of the budget."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.activities.host_rules import shared_out
from backend.foundation.clock import now
from backend.foundation.outbox import OutboxMessage
from backend.people.scopes import over_group


@pytest.mark.parametrize(
    ("points", "percents", "parts"),
    [
        (100, [50, 30, 20], [50, 30, 20]),
        (10, [34, 33, 33], [4, 3, 3]),
        (1, [40, 30, 30], [1, 0, 0]),
        (0, [60, 40], [0, 0]),
        (7, [50, 50], [4, 3]),
    ],
)
def test_shares_are_whole_points_and_add_up(points, percents, parts):
    assert shared_out(points, percents) == parts
    assert sum(shared_out(points, percents)) == points


@pytest.fixture
def choir(street):
    return street.group(leader=street.resident("钱队长"), name="晨光合唱队")


@pytest.fixture
def together(street, choir):
    """Held by a group and the choir, which has thirty per cent of a hundred points."""
    hosts = [{"group_id": choir.id, "share_percent": 30}]
    return street.activity(fund=street.fund(1000), points_fixed=20, budget_points=100, hosts=hosts)


def test_both_groups_are_shown_with_their_shares(street, choir, together):
    path = f"/activities/{together.id}"
    street.phone(street.resident()).post("/check-ins", {"code": street.door_code(together)})

    hosts = street.phone(street.resident()).get(path)["hosts"]

    assert [
        (one["group"]["name"], one["share_percent"], one["budget_points"], one["awarded_points"]) for one in hosts
    ] == [
        ("清晨志愿队", 70, 70, 14),
        ("晨光合唱队", 30, 30, 6),
    ]


def test_the_leader_and_the_helper_of_the_other_group_run_it_too(street, choir, together):
    leader = street.phone_of(choir.founder_id)
    helper = street.phone(street.gives(street.resident(), "helper", over_group(choir.id, choir.name)))
    stranger = street.phone(street.resident())
    path = f"/activities/{together.id}"

    assert leader.get(f"{path}/code").status == helper.get(f"{path}/code").status == 200
    assert {"settle", "show_code"} <= set(leader.get(path)["can"])
    assert "show_code" in helper.get(path)["can"]
    assert "settle" not in helper.get(path)["can"]
    assert str(together.id) in [one["id"] for one in leader.get("/activities")["items"]]
    assert helper.post(f"{path}/settle").status == stranger.get(f"{path}/code").status == 403
    assert leader.post(f"{path}/settle")["state"] == "settled"


def test_its_leaders_own_presences_wait_for_another_household(street, choir, together):
    answer = street.phone_of(choir.founder_id).post("/check-ins", {"code": street.door_code(together)})

    assert (answer.status, answer["check_in"]["state"], answer["unpaid"]) == (201, "review", "review")


def test_members_of_both_groups_are_told(street, choir):
    member = street.member(choir, street.resident())
    hosts = [{"group_id": choir.id, "share_percent": 50}]
    street.activity(hosts=hosts, starts_at=now() + timedelta(days=1))

    assert len(street.rows(select(OutboxMessage).where(OutboxMessage.person_id == member.id))) == 1


def test_hosts_are_fixed_once_published_and_copied_with_it(street, choir, together):
    leader, path = street.leader_of(together), f"/activities/{together.id}"
    same = [{"group_id": str(choir.id), "share_percent": 30}]

    assert leader.put(path, {"hosts": same}).status == 200
    assert leader.put(path, {"hosts": []}).code == "fixed_once_published"
    assert [one["share_percent"] for one in leader.post(f"{path}/copy")["hosts"]] == [70, 30]


@pytest.mark.parametrize("shares", [[60, 40], [60, 45], [30, 30]])
def test_shares_that_leave_the_first_group_nothing_or_name_one_twice_are_refused(street, choir, shares):
    leads = street.resident("赵队长")
    group = street.group(leader=leads)
    draft = street.draft(by=leads, group=group)
    other = street.group(leader=street.resident(), name="读书会")
    groups = [choir.id, choir.id if shares == [30, 30] else other.id]
    hosts = [{"group_id": str(each), "share_percent": share} for each, share in zip(groups, shares, strict=False)]

    refused = street.phone(leads).put(f"/activities/{draft.id}", {"hosts": hosts})

    assert (refused.status, list(refused["errors"])) == (422, ["hosts"])


def test_a_group_does_not_dissolve_while_it_holds_something(street, choir, together):
    with street.inside():
        assert street.app.extensions["running_of_group"](choir.id) == 1
