"""The years after: confirmed each year, suspended and resumed, another category, registered, and dissolved at last."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from backend.foundation.clock import as_of, now
from backend.foundation.db import session
from backend.foundation.ids import uuid7
from backend.groups.life_models import Dissolution, GroupChange
from backend.groups.models import Group, Membership
from backend.ledger.accounts import CHARITY_POOL, fund_account, group_wallet
from backend.ledger.drafts import Told, award
from backend.ledger.posting import post
from backend.ledger.reading import wallet_of
from backend.people.models import Person
from backend.places.offices import the_book
from tests.builders.paperwork import Paperwork
from tests.builders.races import at_once, codes, statuses

NEXT_FEBRUARY = datetime(2027, 2, 10, 2, tzinfo=UTC)
NEXT_APRIL = datetime(2027, 4, 10, 2, tzinfo=UTC)


@pytest.fixture
def filed(street):
    with as_of(datetime(2026, 11, 26, 2, tzinfo=UTC)):
        return Paperwork(street).is_filed()


def report(papers, activities=4):
    return papers.leader.post(f"/groups/{papers.group.id}/confirmations", {"activities": activities, "changes": "无"})


def confirm(phone, said, decision="confirmed", **more):
    return phone.put(f"/confirmations/{said['id']}", {"decision": decision} | more)


def suspend(papers):
    return papers.worker.post(f"/groups/{papers.group.id}/suspend", {"reason": "未按期确认"})


def resume(papers):
    return papers.worker.post(f"/groups/{papers.group.id}/resume", {"reason": "已整改"})


def dissolve(papers, by=None, **more):
    return (by or papers.leader).post(f"/groups/{papers.group.id}/dissolutions", {"reason": "成员搬迁"} | more)


def approve(phone, asked, decision="approved"):
    return phone.put(f"/dissolutions/{asked['id']}", {"decision": decision})


def earned(street, group, points):
    """Points in the group's wallet, straight from a fund: no feature gives groups any yet."""
    fund = street.fund(points)
    told = Told("队伍奖励", "system:test", f"test:{uuid7()}", now())

    def give():
        draft = award(
            fund=str(fund.id),
            payer=fund_account(str(fund.id)),
            wallet=group_wallet(str(group.id)),
            points=points,
            origin=str(uuid7()),
            undone=0,
            told=told,
            entry_id=uuid7(),
        )
        post(the_book(), draft)

    street.does(give)


def has(street, account):
    with street.inside():
        return wallet_of(the_book(), account, today=now().date()).available


def test_a_year_is_reported_by_the_leader_and_confirmed_by_a_worker(street, filed):
    refused = report(filed)
    assert (refused.code, refused["facts"]) == ("confirmation_not_open", {"opens_on": "2027-01-01"})

    with as_of(NEXT_FEBRUARY):
        assert len(filed.worker.get("/groups", confirmation="due")["items"]) == 1
        said = report(filed, activities=3)
        mended = report(filed)
        assert (said.status, mended.status, mended["year"], mended["activities"]) == (201, 200, 2026, 4)
        assert confirm(filed.leader, said).status == 403
        returned = confirm(filed.worker, said, "returned", reason="请补充场所变化")
        assert (returned["state"], report(filed)["state"]) == ("returned", "reported")
        confirmed = confirm(filed.worker, said)

        assert (confirmed["state"], filed.now()["confirm_due_on"]) == ("confirmed", "2028-03-31")
        assert report(filed).code == "confirmation_not_open"
        assert filed.worker.get("/groups", confirmation="due")["items"] == []


def test_two_workers_confirm_one_year_once(street, filed):
    with as_of(NEXT_FEBRUARY):
        said = report(filed)
    other = street.phone(street.worker())

    both = at_once(lambda: confirm(filed.worker, said), lambda: confirm(other, said, "returned", reason="不全"))

    assert (statuses(both), codes(both)) == ({200: 1, 409: 1}, {"confirmation_decided": 1})


def test_whoever_did_not_confirm_is_listed_suspended_and_resumed_once_nothing_is_missing(street, filed):
    with as_of(NEXT_APRIL):
        assert len(filed.worker.get("/groups", confirmation="overdue")["items"]) == 1
        assert suspend(filed)["stage"] == "suspended"
        blocked = resume(filed)
        assert (blocked.status, blocked.code) == (409, "resuming_blocked")
        assert "2026 年度确认" in blocked["message"]

        confirm(filed.worker, report(filed))

        assert resume(filed)["stage"] == "filed"
        assert resume(filed).code == "not_suspended"


def test_a_suspended_group_begins_nothing_and_what_is_published_goes_on(street, filed):
    fund = street.fund()
    running = street.activity(leader=street.rows(founder(filed))[0], group=filed.group, fund=fund)
    draft = street.draft(by=street.rows(founder(filed))[0], group=filed.group)
    suspend(filed)

    form = {"kind": "meeting", "title": "碰头会", "place": "活动室", "capacity": 9, "check_in": "self"}
    at = now() + timedelta(days=1)
    form["sessions"] = [{"starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=1)).isoformat()}]
    for phone in (filed.leader, filed.worker):
        assert phone.post(f"/activities/{draft.id}/publish").code == "group_closed"
        assert phone.post("/activities", form | {"group_id": str(filed.group.id)}).code == "group_closed"
    resident = street.phone(street.resident())
    assert resident.post(f"/groups/{filed.group.id}/applications", {"note": ""}).code == "group_closed"
    assert resident.post("/check-ins", {"code": street.door_code(running)})["points"] == 20
    assert filed.leader.put(f"/activities/{running.id}", {"budget_points": 9999}).code == "top_up_needs_worker"


def founder(papers):
    return select(Person).where(Person.id == papers.group.founder_id)


def test_a_category_and_a_legal_level_are_kept_with_their_dates(street, filed):
    path = f"/groups/{filed.group.id}"
    assert filed.worker.put(f"{path}/category", {"category": "governance"})["category"] == "governance"
    assert filed.worker.put(f"{path}/category", {"category": "governance"}).code == "nothing_changed"
    legal = {"registration_number": "52110112MJ01234567", "registered_on": "2026-11-20"}
    assert filed.officer.put(f"{path}/registration", legal)["level"] == "registered"
    assert filed.officer.put(f"{path}/registration", legal).code == "nothing_changed"

    changes = filed.leader.get(f"{path}/history")["items"]

    said = [(each["what"], each["before"], each["after"]) for each in changes]
    assert said == [
        ("level", "filed", "registered"),
        ("category", "service", "governance"),
        ("stage", "forming", "filed"),
        ("level", "emerging", "filed"),
        ("stage", "circle", "forming"),
        ("stage", None, "circle"),
    ]
    assert all(each["changed_at"] for each in changes)


def test_a_group_ends_by_two_persons_with_its_points_given_on_and_its_history_kept(street, filed):
    member = street.member(filed.group, street.resident())
    earned(street, filed.group, 70)
    before, number = street.findings(), filed.now()["filing_number"]
    second = street.phone(street.officer("陈主任"))

    asked = dissolve(filed)
    assert (asked.status, asked["is_ordered"], dissolve(filed).status) == (201, False, 200)
    ended = approve(second, asked)

    assert (ended["state"], ended["points"], approve(second, asked).status) == ("approved", 70, 200)
    assert (has(street, group_wallet(str(filed.group.id))), has(street, CHARITY_POOL)) == (0, 70)
    assert street.findings() == before
    group = filed.now()
    assert (group["stage"], group["members"], group["filing_number"]) == ("dissolved", 0, number)
    ends = select(Membership.left_why).where(Membership.group_id == filed.group.id)
    assert street.rows(ends) == ["dissolved", "dissolved"]
    assert filed.leader.get("/me")["roles"] == []
    assert filed.officer.get("/groups")["items"] == []
    assert [each["id"] for each in filed.officer.get("/groups", stage="dissolved")["items"]] == [str(filed.group.id)]
    assert street.phone(member).get(f"/groups/{filed.group.id}/history")["items"][0]["after"] == "dissolved"
    assert street.phone(member).post(f"/groups/{filed.group.id}/applications", {"note": ""}).code == "group_closed"
    assert Paperwork(street, name="后来的花友会").is_filed().now()["filing_number"].endswith("0002号")


def test_points_of_a_group_may_go_to_another_one_that_goes_on(street, filed):
    other = Paperwork(street, name="结对花友会")
    earned(street, filed.group, 30)
    before = street.findings()
    assert dissolve(filed, to_group_id=str(filed.group.id)).code == "destination_closed"

    ended = approve(filed.officer, dissolve(filed, to_group_id=str(other.group.id)))

    assert (ended["points"], has(street, group_wallet(str(other.group.id)))) == (30, 30)
    assert street.findings() == before


def test_a_disposal_of_a_group_that_goes_on_is_found(street, filed):
    earned(street, filed.group, 30)
    approve(filed.officer, dissolve(filed))
    undo = update(Group).where(Group.id == filed.group.id).values(stage="filed")
    street.does(lambda: session().execute(undo))

    assert "business_fits_itself" in street.findings()


def test_everything_that_has_to_be_settled_before_is_said_at_once(street, filed):
    leader = street.rows(founder(filed))[0]
    running = street.activity(leader=leader, group=filed.group)

    refused = dissolve(filed)

    assert (refused.status, refused.code) == (409, "dissolution_blocked")
    assert "1 项活动" in refused["message"]
    assert filed.leader.post(f"/activities/{running.id}/cancel", {}).status == 200
    asked = dissolve(filed)
    street.activity(leader=leader, group=filed.group)  # published meanwhile
    assert approve(filed.officer, asked).code == "dissolution_blocked"
    assert filed.now()["stage"] == "filed"
    assert street.rows(select(Dissolution.state)) == ["requested"]


def test_an_officer_orders_an_end_and_another_one_decides(street, filed):
    ordered = dissolve(filed, by=filed.officer)
    assert ordered["is_ordered"]

    refused = approve(filed.officer, ordered)
    assert (refused.status, refused.code) == (403, "second_person_needed")
    declined = approve(street.phone(street.officer("陈主任")), ordered, "declined")

    assert (declined["state"], filed.now()["stage"]) == ("declined", "filed")
    assert approve(street.phone(street.officer("王主任")), ordered).code == "dissolution_decided"


def test_an_end_and_an_announcement_at_once_never_leave_a_running_activity_of_no_group(street, filed):
    draft = street.draft(by=street.rows(founder(filed))[0], group=filed.group)
    asked = dissolve(filed)

    ended, published = at_once(
        lambda: approve(filed.officer, asked), lambda: filed.worker.post(f"/activities/{draft.id}/publish")
    )

    assert sorted([ended.status, published.status]) == [200, 409], (ended.body, published.body)
    assert {ended.status: "dissolution_blocked", published.status: "group_closed"}[409] in (
        ended.body.get("code"),
        published.body.get("code"),
    )


def test_an_end_and_a_new_member_at_once_leave_nobody_in_a_dissolved_group(street, filed):
    asked = filed.leader.post(f"/groups/{filed.group.id}/invitations", {"person_id": str(street.resident().id)})
    person = asked["person"]["id"]
    ends = dissolve(filed)

    at_once(
        lambda: approve(filed.officer, ends),
        lambda: street.phone_of(person).put(f"/invitations/{asked['id']}", {"decision": "accepted"}),
    )

    still = select(Membership.id).where(Membership.group_id == filed.group.id, Membership.left_at.is_(None))
    assert (filed.now()["stage"], filed.now()["members"], street.rows(still)) == ("dissolved", 0, [])


def test_nobody_decides_about_a_group_they_belong_to(street, filed):
    officer = street.officer("陈主任")
    street.member(filed.group, officer)
    phone = street.phone(officer)

    for refused in (
        phone.post(f"/groups/{filed.group.id}/suspend", {"reason": "整改"}),
        phone.put(f"/groups/{filed.group.id}/category", {"category": "governance"}),
        approve(phone, dissolve(filed)),
    ):
        assert (refused.status, refused.code) == (403, "own_group")
    assert street.rows(select(GroupChange.id).where(GroupChange.to_text == "suspended")) == []
