"""Points come into being when two different officers agree, once, and are paid for by a fund."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.foundation.clock import now
from backend.foundation.db import add, find
from backend.funds.models import Allocation, Fund
from backend.people.scopes import over_office
from backend.places.models import Household
from tests.builders.phone import a_key
from tests.builders.races import at_once, deadlocks_counted, statuses

FORM = {"name": "社区基金", "source": "foundation", "fen_per_100_points": 50}


@pytest.fixture
def first(street):
    return street.phone(street.officer("李主任"))


@pytest.fixture
def second(street):
    return street.phone(street.officer("陈主任"))


@pytest.fixture
def fund(first):
    answer = first.post("/funds", FORM)
    assert answer.status == 201, answer.body
    return answer


def ask(phone, fund, points=1000, key=None):
    return phone.post(f"/funds/{fund['id']}/allocations", {"points": points}, key=key or a_key())


def decide(phone, asked, decision="approved", **more):
    return phone.put(f"/allocations/{asked['id']}", {"decision": decision} | more)


def available(phone, fund):
    return next(item["available"] for item in phone.get("/funds")["items"] if item["id"] == fund["id"])


def test_a_new_fund_has_a_rate_and_no_points(fund):
    shown = {name: fund[name] for name in (*FORM, "area", "leader_limit_points", "available")}

    assert shown == FORM | {"area": None, "leader_limit_points": None, "available": 0}


def test_a_fund_may_belong_to_an_area_and_limit_leaders(street, first):
    fund = first.post("/funds", FORM | {"area_id": str(street.community.id), "leader_limit_points": 500})

    assert fund["area"] == {"id": str(street.community.id), "name": "幸福社区"}
    assert fund["leader_limit_points"] == 500


def test_a_funds_name_is_taken_once(first, fund):
    refused = first.post("/funds", FORM)

    assert (refused.status, refused.code) == (409, "fund_name_taken")


@pytest.mark.parametrize(
    "facts",
    [
        {"source": "lottery"},
        {"fen_per_100_points": -1},
        {"fen_per_100_points": 1.0},
        {"fen_per_100_points": "50"},
        {"name": "金"},
        {"available": 5},
    ],
    ids=str,
)
def test_a_fund_of_a_wrong_shape_is_422(street, first, facts):
    refused = first.post("/funds", FORM | facts)

    assert (refused.status, set(refused["errors"])) == (422, set(facts))
    assert street.rows(select(Fund)) == []


def test_two_officers_put_points_into_a_fund(first, second, fund):
    asked = ask(first, fund, 1000)
    assert (asked.status, asked["state"], asked["points"]) == (201, "requested", 1000)
    assert available(first, fund) == 0

    approved = decide(second, asked, reason="已到账")

    assert (approved.status, approved["state"], approved["reason"]) == (200, "approved", "已到账")
    assert available(first, fund) == 1000


@pytest.mark.parametrize("decision", ["approved", "declined"])
def test_whoever_asked_does_not_decide(street, first, fund, decision):
    asked = ask(first, fund)

    refused = decide(first, asked, decision)

    assert (refused.status, refused.code) == (403, "second_person_needed")
    assert street.rows(select(Allocation.state)) == ["requested"]
    assert available(first, fund) == 0


def test_the_database_refuses_one_person_as_both_too(street, fund):
    officer = street.officer()

    def both():
        add(
            Allocation(
                fund_id=street.rows(select(Fund.id))[0],
                points=10,
                requester_id=officer.id,
                request_key="k",
                request_fingerprint=b"x" * 32,
                requested_at=now(),
                state="declined",
                decider_id=officer.id,
                decided_at=now(),
            )
        )

    with pytest.raises(IntegrityError, match="two_persons"):
        street.does(both)


def test_a_declined_allocation_issues_nothing(first, second, fund):
    declined = decide(second, ask(first, fund), "declined", reason="金额有误")

    assert (declined["state"], declined["reason"]) == ("declined", "金额有误")
    assert available(first, fund) == 0


@pytest.mark.parametrize(("said", "then"), [("approved", "declined"), ("declined", "approved")])
def test_deciding_the_same_again_is_fine_and_otherwise_is_refused(first, second, fund, said, then):
    asked = ask(first, fund, 70)
    decided = decide(second, asked, said)

    assert decide(second, asked, said).body == decided.body
    refused = decide(second, asked, then)

    assert (refused.status, refused.code, refused["facts"]) == (409, "allocation_decided", {"state": said})
    assert available(first, fund) == (70 if said == "approved" else 0)


def test_twenty_approvals_at_once_issue_once(street, first, second, fund):
    asked = ask(first, fund, 100)
    third = street.phone(street.officer("王主任"))

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda phone=phone: decide(phone, asked) for phone in (second, third) * 10])

    assert (statuses(answers), deadlocks) == ({200: 20}, [])
    assert len({answer["decider_id"] for answer in answers}) == 1
    assert available(first, fund) == 100


def test_an_approval_and_a_refusal_at_once_are_decided_once(first, second, fund):
    approved = 0
    for _ in range(5):
        asked = ask(first, fund, 10)
        both = at_once(lambda asked=asked: decide(second, asked), lambda asked=asked: decide(second, asked, "declined"))
        assert statuses(both) == {200: 1, 409: 1}
        approved += both[0].status == 200
    assert available(first, fund) == 10 * approved


def test_without_a_key_nothing_is_asked(street, first, fund):
    refused = first.post(f"/funds/{fund['id']}/allocations", {"points": 5})

    assert (refused.status, refused.code) == (400, "idempotency_key_required")
    assert street.rows(select(Allocation)) == []


@pytest.mark.parametrize("key", ["k" * 121, "a b", "键".encode().decode("latin-1")])
def test_a_key_has_at_most_120_visible_characters(first, fund, key):
    assert ask(first, fund, key=key).code == "idempotency_key_invalid"


def test_the_same_key_answers_the_same_allocation_as_it_is_now(first, second, fund):
    key = "k" * 120
    asked = ask(first, fund, 10, key=key)
    decide(second, asked)

    again = ask(first, fund, 10, key=key)

    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert (again["id"], again["points"], again["state"]) == (asked["id"], 10, "approved")
    assert "Idempotency-Replayed" not in asked.headers
    assert available(first, fund) == 10


def test_the_same_key_with_other_figures_is_refused(street, first, fund):
    other = first.post("/funds", FORM | {"name": "另一笔资金"})
    ask(first, fund, 10, key="mine")

    for refused in (ask(first, fund, 11, key="mine"), ask(first, other, 10, key="mine")):
        assert (refused.status, refused.code) == (422, "key_reused")
    assert len(street.rows(select(Allocation))) == 1


def test_a_key_belongs_to_one_person(first, second, fund):
    assert ask(first, fund, 10, key="mine").status == ask(second, fund, 20, key="mine").status == 201


def test_twenty_taps_with_one_key_ask_once(street, first, fund):
    answers = at_once(*[lambda: ask(first, fund, 10, key="tap")] * 20)

    assert statuses(answers) == {201: 1, 200: 19}
    assert len({answer["id"] for answer in answers}) == 1


@pytest.mark.parametrize("points", [0, -1, 1.5, "10", True, None, 10**12 + 1, 2**63])
def test_only_a_whole_sane_number_of_points_is_asked_for(first, fund, points):
    refused = ask(first, fund, points)

    assert (refused.status, set(refused["errors"])) == (422, {"points"})


def test_the_shape_comes_before_the_key_and_the_key_before_the_fund(first, fund):
    nowhere = f"/funds/{uuid4()}/allocations"

    assert first.post(nowhere, {"points": 0}).status == 422
    assert first.post(nowhere, {"points": 1}).status == 400
    assert first.post(nowhere, {"points": 1}, key="k").status == 404


def test_what_waits_for_a_second_officer_can_be_listed(street, first, second, fund):
    waiting, done = ask(first, fund, 1), ask(first, fund, 2)
    decide(second, done)

    listed = second.get("/allocations", state="requested")["items"]

    assert [item["id"] for item in listed] == [waiting["id"]]
    assert [item["points"] for item in second.get("/allocations", fund_id=fund["id"])["items"]] == [2, 1]


def test_only_officers_open_ask_and_decide(street, first, fund):
    asked = ask(first, fund)
    leader = street.phone_of(street.group().founder_id)
    for phone in (
        street.phone(street.resident()),
        leader,
        street.phone(street.worker()),
        street.phone(street.auditor()),
    ):
        assert phone.post("/funds", FORM | {"name": "我的资金"}).status == 403
        assert ask(phone, fund).status == 403
        assert decide(phone, asked).status == 403


def test_leaders_see_what_a_fund_has_and_not_what_a_point_is_worth(street, first, fund):
    leader = street.phone_of(street.group().founder_id)

    def rate(phone):
        return phone.get("/funds")["items"][0]["fen_per_100_points"]

    assert rate(leader) is rate(street.phone(street.worker())) is None
    assert rate(first) == rate(street.phone(street.auditor())) == 50
    assert leader.get("/allocations").status == 403
    assert street.phone(street.resident()).get("/funds").status == 403


def test_another_offices_fund_and_allocation_are_as_missing_as_none(street, other_street, first, second):
    fund = first.post("/funds", FORM)
    asked = ask(first, fund)
    stranger = other_street.phone(other_street.officer())

    foreign, missing = decide(stranger, asked), decide(stranger, {"id": uuid4()})

    assert foreign.status == missing.status == 404
    assert foreign.body | {"request_id": ""} == missing.body | {"request_id": ""}
    assert ask(stranger, fund).status == 404
    assert stranger.get("/funds")["items"] == stranger.get("/allocations")["items"] == []
    assert stranger.post("/funds", FORM | {"area_id": str(street.community.id)}).status == 404
    assert decide(second, asked).status == 200


def test_an_officer_whose_role_was_withdrawn_decides_nothing_any_more(street, first, fund):
    asked = ask(first, fund)
    retired = street.resident()
    assert decide(street.phone(retired), asked).status == 403
    street.gives(retired, "officer", over_office(street.office))
    assert decide(street.phone(retired), asked).status == 200


def test_nobody_of_the_same_household_is_the_second_officer(street, fund):
    first = street.officer()
    with street.inside():
        home = find(Household, first.household_id)
    spouse = street.gives(street.person("家人", household=home), "officer", over_office(street.office))
    wish = street.phone(first).post(f"/funds/{fund['id']}/allocations", {"points": 10}, key=a_key())

    refused = street.phone(spouse).put(f"/allocations/{wish['id']}", {"decision": "approved"})

    assert (refused.status, refused.code) == (403, "second_person_needed")
