"""A month's lively groups: computed from what is recorded, agreed to by two officers, awarded once."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from backend.activities.models import CheckIn
from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.group_points import rules
from backend.group_points.measuring import list_of, measure_month
from backend.group_points.models import GroupAward, GroupAwardTurnout, GroupPointRule
from backend.groups.models import Group
from backend.ledger.accounts import group_wallet
from backend.ledger.reading import wallet_of
from backend.people.models import Person
from backend.people.scopes import over_group
from backend.places.models import Household
from backend.places.offices import the_book
from tests.builders.lively import awarded, months_ago, neighbours, noon_in, rule, settled
from tests.builders.races import at_once, statuses

MONTH = months_ago()


@pytest.fixture
def officer(street):
    return street.phone(street.officer())


@pytest.fixture
def second(street):
    return street.phone(street.officer("陈主任"))


@pytest.fixture
def group(street):
    return street.group(name="晨光合唱队")


@pytest.fixture
def lively(street, group):
    """It settled an activity with five neighbours, and there is a rule."""
    settled(street, group, neighbours(street))
    rule(street)
    return group


def asks(phone, fund, **more):
    return phone.post("/group-awards", {"month": MONTH, "fund_id": str(fund.id)} | more)


def decides(phone, run, decision="approved"):
    return phone.put(f"/group-awards/{run['id']}", {"decision": decision})


def has(street, group):
    with street.inside():
        return wallet_of(the_book(), group_wallet(str(group.id)), today=now().date()).available


def becomes(street, group, stage):
    street.does(lambda: session().execute(update(Group).where(Group.id == group.id).values(stage=stage)))


def test_two_officers_award_a_lively_group_from_a_fund(street, officer, second, lively):
    fund = street.fund(500)

    run = asks(officer, fund)
    assert (run.status, run["points"], run["state"]) == (201, 20, "requested")
    (line,) = run["groups"]
    assert (line["group"]["name"], line["activities"], line["counted"]) == ("晨光合唱队", 1, 1)
    assert (line["why"], line["points"]) == ("in", 20)
    assert (line["turnouts"][0]["people"], line["turnouts"][0]["households"]) == (5, 5)
    assert officer.get("/group-awards", state="requested")["items"][0]["id"] == run["id"]
    assert decides(officer, run).code == "second_person_needed"
    assert has(street, lively) == 0

    assert decides(second, run).status == 200

    assert (has(street, lively), street.fund_points(fund)) == (20, 480)
    assert second.get(f"/group-awards/{run['id']}/groups")["items"] == run["groups"]
    assert decides(second, run).headers["Idempotency-Replayed"] == "true"
    assert decides(second, run, "declined").code == "group_run_decided"
    assert street.findings() == set()


def test_a_list_computed_again_is_the_same_and_awards_nothing_new(street, officer, second, lively):
    fund = street.fund(500)
    run = asks(officer, fund)
    again = asks(second, fund)
    assert (again.status, again["id"], again["groups"]) == (200, run["id"], run["groups"])
    with street.inside():
        known = session().scalars(select(GroupPointRule).order_by(GroupPointRule.version.desc())).first()
        assert measure_month(MONTH, known) == list_of(UUID(run["id"]))
    decides(second, run)

    looked = asks(officer, fund, preview=True)

    assert [(line["why"], line["counted"], line["points"]) for line in looked["groups"]] == [("already_awarded", 1, 20)]
    assert (looked.status, looked["id"], looked["points"]) == (200, None, 0)
    assert asks(officer, fund).code == "nothing_to_award"
    assert has(street, lively) == 20


def test_who_is_in_and_who_is_out_is_said_with_the_figures(street, officer):
    rule(street)
    fund, comers = street.fund(500), neighbours(street)
    by_name = {}
    for name, stage in (("备案队", "filed"), ("暂停队", "suspended"), ("小圈子", "circle")):
        by_name[name] = street.group(name=name, leader=street.resident("队长"))
        settled(street, by_name[name], comers)
        becomes(street, by_name[name], stage)
    few = street.group(name="四人队", leader=street.resident("队长"))
    settled(street, few, comers[:4])
    late = street.group(name="下月队", leader=street.resident("队长"))
    settled(street, late, comers, on=now() - timedelta(minutes=5))

    looked = asks(officer, fund, preview=True)

    assert {line["group"]["name"]: (line["why"], line["counted"]) for line in looked["groups"]} == {
        "备案队": ("in", 1),
        "暂停队": ("closed", 1),
        "小圈子": ("not_filed", 1),
        "四人队": ("too_few_activities", 0),
    }
    assert (looked["points"], looked["fund"]["available"]) == (20, 500)
    assert officer.get("/group-awards")["items"] == []


def test_two_accounts_of_one_unverified_ones_and_the_leaders_family_are_no_crowd(street, officer, group):
    rule(street)
    kept, merged = street.resident("梅兰"), street.person("梅兰二号")
    with street.inside():
        home = find(Household, find(Person, group.founder_id).household_id)
    wife = street.person("队长家人", household=home)
    strangers = [street.person("新来的", verified="none") for _ in range(3)]
    settled(street, group, [*neighbours(street, 3), kept, merged, wife, *strangers])
    street.merged(merged, kept)

    (line,) = asks(officer, street.fund(500), preview=True)["groups"]

    assert (line["why"], line["turnouts"][0]["people"], line["turnouts"][0]["households"]) == (
        "too_few_activities",
        4,
        4,
    )


def test_what_waits_in_review_is_nobodys_presence(street, officer, group):
    rule(street)
    activity = settled(street, group, neighbours(street))
    one = street.rows(select(CheckIn.id).where(CheckIn.activity_id == activity.id))[0]
    street.does(lambda: session().execute(update(CheckIn).where(CheckIn.id == one).values(state="review")))

    (line,) = asks(officer, street.fund(500), preview=True)["groups"]

    assert (line["why"], line["turnouts"][0]["people"]) == ("too_few_activities", 4)


def test_a_month_is_one_in_shanghai_and_is_over_before_it_is_measured(street, officer, group):
    rule(street)
    first_hour = noon_in(MONTH).replace(day=1, hour=0) - timedelta(hours=7)  # 01:00 on the first, in Shanghai
    settled(street, group, neighbours(street), on=first_hour)
    fund = street.fund(500)

    assert asks(officer, fund, preview=True)["points"] == 20
    assert asks(officer, fund, month=rules.month_of(now())).code == "month_not_over"


def test_without_a_rule_that_two_officers_agreed_to_nobody_is_awarded(street, officer, second, group):
    settled(street, group, neighbours(street))
    fund = street.fund(500)
    assert street.does(rules.suggest)
    assert not street.does(rules.suggest)
    (suggested,) = officer.get("/group-point-rules")["items"]
    assert (suggested["state"], suggested["version"], suggested["people_needed"]) == ("suggested", 1, 5)
    path = f"/group-point-rules/{suggested['id']}"
    yes = {"decision": "approved"}

    assert officer.put(path, yes)["state"] == "proposed"
    assert officer.put(path, yes).code == "second_person_needed"
    assert asks(officer, fund).code == "no_group_rule"
    assert second.put(path, yes)["state"] == "approved"
    assert second.put(path, {"decision": "declined"}).code == "group_rule_decided"
    assert asks(officer, fund).code == "no_group_rule", "it is valid from this month on"

    later = officer.post("/group-point-rules", {"valid_from": MONTH, "points_each": 30})
    assert (later.status, later["version"], later["state"]) == (201, 2, "proposed")
    assert asks(officer, fund).code == "no_group_rule"
    second.put(f"/group-point-rules/{later['id']}", yes)
    assert asks(officer, fund, preview=True)["points"] == 30
    assert asks(officer, fund, rule_version=1).code == "no_group_rule"


def test_a_fund_without_enough_points_awards_nobody(street, officer, second, lively):
    fund = street.fund(19)
    run = asks(officer, fund)

    refused = decides(second, run)

    assert (refused.status, refused.code) == (409, "budget_exhausted")
    assert refused["facts"] == {"required": 20, "available": 19}
    assert (has(street, lively), street.fund_points(fund)) == (0, 19)
    assert second.get(f"/group-awards/{run['id']}")["state"] == "requested"
    assert decides(second, run, "declined")["state"] == "declined"


def test_what_changed_since_the_list_was_made_is_not_paid(street, officer, second, lively):
    run = asks(officer, street.fund(500))
    becomes(street, lively, "suspended")

    assert decides(second, run).code == "group_list_changed"
    assert has(street, lively) == 0
    assert asks(officer, street.fund(10)).code == "group_run_waiting"


def test_nobody_approves_points_for_a_group_they_lead(street, officer, lively):
    run = asks(officer, street.fund(500))
    leading = street.gives(street.officer("刘主任"), "deputy", over_group(lively.id, lively.name))

    assert decides(street.phone(leading), run).code == "second_person_needed"


def test_two_who_ask_and_two_who_approve_at_once_award_once(street, lively):
    fund = street.fund(500)
    first, *others = [street.phone(street.officer()) for _ in range(5)]
    asked = at_once(*[lambda phone=phone: asks(phone, fund) for phone in [first, *others]])
    assert statuses(asked) == {201: 1, 200: 4}
    assert len({answer["id"] for answer in asked}) == 1
    run = asked[0]
    able = [phone for phone in [first, *others] if str(phone.person_id) != run["requester_id"]]

    decided = at_once(*[lambda phone=phone: decides(phone, run) for phone in able])

    assert statuses(decided) == {200: 4}
    assert sum("Idempotency-Replayed" not in answer.headers for answer in decided) == 1
    assert (has(street, lively), street.fund_points(fund)) == (20, 480)
    assert len(street.rows(select(GroupAward))) == 1
    assert street.findings() == set()


def test_every_group_is_awarded_for_a_month_once_however_often_it_is_run(street, lively):
    fund = street.fund(500)
    awarded(street, fund)
    other = street.group(name="后来者", leader=street.resident("队长"))
    settled(street, other, neighbours(street))  # it was recorded later than the first run

    awarded(street, fund)

    assert (has(street, lively), has(street, other), street.fund_points(fund)) == (20, 20, 460)
    assert street.findings() == set()


def test_more_people_than_were_recorded_are_found_by_verify(street, lively):
    awarded(street, street.fund(500))
    street.does(lambda: session().execute(update(GroupAwardTurnout).values(people=9)))

    assert street.findings() == {"business_fits_itself"}
