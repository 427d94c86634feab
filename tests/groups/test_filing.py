"""A circle files: nothing written is lost, what is missing is said, two persons decide, numbers have no gaps."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import session
from backend.groups import deciding_filings
from backend.groups.filing_models import Filing, FilingCounter
from backend.groups.models import Group
from backend.people.models import Person
from backend.people.scopes import over_area
from tests.builders.paperwork import READY, Paperwork
from tests.builders.races import at_once, codes, statuses


def numbers(street):
    return sorted(street.rows(select(Filing.n).where(Filing.n.is_not(None))))


def missing(answer):
    return [each["code"] for each in answer["facts"]["items"]]


@pytest.mark.parametrize("name", ["幸福小区业委会", "阳光家政有限公司"])
def test_what_could_never_be_filed_is_not_even_started(street, name):
    form = {"name": name, "theme": "邻里互助", "category": "service"}
    refused = street.phone(street.resident()).post("/groups", form)

    assert (refused.status, refused.code) == (409, "group_name_refused")


def test_what_is_written_stays_and_what_is_missing_is_said_all_at_once(street):
    papers = Paperwork(street, members=2)
    assert [each["code"] for each in papers.drafts(venue="花园")["missing"]] == ["members", "charter"]

    refused = papers.submits()

    assert (refused.status, refused.code, missing(refused)) == (409, "filing_incomplete", ["members", "charter"])
    assert "还差 1 人" in refused["message"]
    kept = papers.drafts(name="安宁社区居委会", charter_version="2026-1", charter="第十三条 每月浇花两次")
    assert (kept.status, kept["venue"], kept["state"]) == (200, "花园", "draft")
    assert [each["code"] for each in kept["missing"]] == ["name_refused", "members"]


def test_only_adult_residents_count(street):
    papers = Paperwork(street, members=2)
    street.member(papers.group, street.person("有手机的", verified="phone"))
    street.member(papers.group, street.resident("少年", age_class="14-17"))
    papers.drafts(**READY)
    assert missing(papers.submits()) == ["members"]

    street.member(papers.group, street.resident())

    assert papers.submits().status == 200


def test_a_filed_group_has_its_number_and_what_it_was_filed_as(street):
    papers = Paperwork(street)
    papers.drafts(**READY, name="邻里花友会（幸福）", category="governance")
    papers.submits()
    assert papers.now()["stage"] == "forming"
    papers.decides("reviewed", by=papers.worker)

    filed = papers.decides("filed", reason="同意备案")

    year = shanghai_day(now()).year
    number = f"{street.office.name}社备〔{year}〕0001号"
    assert (filed.status, filed["filing_number"], filed["due_on"]) == (200, number, None)
    group = papers.now()
    assert (group["stage"], group["level"], group["filing_number"]) == ("filed", "filed", number)
    assert (group["name"], group["venue"], group["category"]) == ("邻里花友会（幸福）", "社区活动室", "governance")
    assert group["confirm_due_on"] == f"{year + 1}-03-31"
    (role,) = papers.leader.get("/me")["roles"]
    assert role["scope"]["name"] == "邻里花友会（幸福）"
    assert papers.drafts(venue="别处").code == "already_filed"
    changes = papers.officer.get(f"/groups/{papers.group.id}/history")["items"]
    assert ("category", "service", "governance") in {(each["what"], each["before"], each["after"]) for each in changes}
    assert "已完成备案" in papers.leader.get("/me/notices")["items"][0]["text"]


def test_what_is_returned_is_mended_and_handed_in_again(street):
    papers = Paperwork(street).is_handed_in()
    assert papers.decides("returned").status == 422  # without a reason
    papers.decides("returned", by=papers.worker, reason="请写明场所")

    seen = papers.leader.get(f"/filings/{papers.filing_id}")
    assert (seen["state"], seen["reason"], seen["due_on"]) == ("returned", "请写明场所", None)
    papers.drafts(venue="一号楼活动室")
    again = papers.submits()

    assert (again["state"], again["reason"], again["reviewer"]) == ("submitted", None, None)


def test_a_rejected_group_is_a_circle_again_and_may_ask_anew(street):
    papers = Paperwork(street).is_reviewed()

    rejected = papers.decides("rejected", reason="与现有组织重复")

    assert (rejected["state"], papers.now()["stage"]) == ("rejected", "circle")
    assert papers.decides("filed").code == "filing_decided"
    assert papers.drafts(**READY).status == 201
    assert numbers(street) == []


def test_nobody_reviews_their_own_group_or_household(street):
    papers = Paperwork(street).is_handed_in()
    home = street.household()
    member = street.gives(street.member(papers.group, street.resident()), "worker", over_area(street.community))
    spouse = street.gives(street.person("队长家属", household=home), "worker", over_area(street.community))
    (leader,) = street.rows(select(Person).where(Person.id == papers.group.founder_id))
    street.moves(leader, home)

    for own in (member, spouse):
        refused = papers.decides("reviewed", by=street.phone(own))
        assert (refused.status, refused.code) == (403, "own_group")


def test_two_persons_file_a_group_and_the_first_is_not_the_second(street):
    papers = Paperwork(street).is_handed_in()
    assert papers.decides("reviewed").status == 200  # an officer works over every area

    refused = papers.decides("filed")

    assert (refused.status, refused.code) == (403, "second_person_needed")
    assert papers.decides("filed", by=papers.worker).status == 403
    assert papers.decides("filed", by=street.phone(street.officer("陈主任"))).status == 200


def test_whoever_hands_it_in_for_them_does_not_review_it(street):
    papers = Paperwork(street)
    papers.drafts(**READY)
    assert papers.worker.post(f"/filings/{papers.filing_id}/submit").status == 200

    assert papers.decides("reviewed", by=papers.worker).code == "second_person_needed"


def test_a_decision_again_is_fine_and_another_is_refused(street):
    papers = Paperwork(street).is_filed()

    again = papers.decides("filed")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert papers.decides("reviewed", by=papers.worker).code == "filing_decided"
    assert papers.leader.put(f"/filings/{papers.filing_id}", {"decision": "withdrawn"}).code == "filing_decided"


def test_what_has_gone_missing_since_is_noticed_and_the_number_given_back(street):
    papers = Paperwork(street, members=2)
    member = street.member(papers.group, street.resident())
    papers.is_reviewed()
    assert street.phone(member).delete(f"/groups/{papers.group.id}/members/mine").status == 200

    assert missing(papers.decides("filed")) == ["members"]

    assert street.rows(select(FilingCounter)) == []


def test_what_waits_is_listed_the_most_urgent_first_and_says_what_is_late(street):
    early, late = (Paperwork(street, name=name).is_handed_in() for name in ("早", "晚队"))
    street.does(
        lambda: session().execute(
            update(Filing)
            .where(Filing.group_id == late.group.id)
            .values(due_on=shanghai_day(now()) - timedelta(days=1))
        )
    )

    items = early.worker.get("/filings")["items"]

    assert [(item["id"], item["is_overdue"]) for item in items] == [(late.filing_id, True), (early.filing_id, False)]
    assert [item["id"] for item in early.worker.get("/filings", overdue="true")["items"]] == [late.filing_id]
    assert [item["id"] for item in early.leader.get("/filings")["items"]] == [early.filing_id]
    first = early.worker.get("/filings", limit=1)
    assert early.worker.get("/filings", cursor=first["next"])["items"][0]["id"] == early.filing_id


def test_groups_filed_at_the_same_moment_have_numbers_without_a_gap(street):
    papers = [Paperwork(street, name=f"第{n}花友会").is_reviewed() for n in range(4)]
    officers = [street.phone(street.officer(f"主任{n}")) for n in range(4)]

    answers = at_once(*[lambda p=p, o=o: p.decides("filed", by=o) for p, o in zip(papers, officers, strict=True)])

    assert statuses(answers) == {200: 4}
    assert numbers(street) == [1, 2, 3, 4]


def test_a_filing_that_fails_gives_its_number_back(street, monkeypatch):
    broken, whole = (Paperwork(street, name=name).is_reviewed() for name in ("甲花友会", "乙花友会"))

    def fails(*_):
        raise RuntimeError("the last line of the deed")

    monkeypatch.setattr(deciding_filings, "_tell", fails)
    assert broken.decides("filed").status == 500
    monkeypatch.undo()

    assert whole.decides("filed")["filing_number"].endswith("0001号")
    assert broken.decides("filed")["filing_number"].endswith("0002号")


def test_two_officers_decide_one_filing_once(street):
    papers = Paperwork(street).is_reviewed()
    other = street.phone(street.officer("陈主任"))

    both = at_once(lambda: papers.decides("filed"), lambda: papers.decides("returned", by=other, reason="材料不全"))

    assert statuses(both) == {200: 1, 409: 1}
    assert codes(both) == {"filing_decided": 1}


def test_of_two_groups_of_one_name_filed_at_once_one_has_it(street):
    papers = [Paperwork(street, name="邻里花友会").is_reviewed() for _ in range(2)]

    both = at_once(*[lambda p=p: p.decides("filed") for p in papers])

    assert codes(both) == {"filing_incomplete": 1}
    assert (numbers(street), len(street.rows(select(Group).where(Group.stage == "filed")))) == ([1], 1)


def test_an_officer_says_what_a_group_needs_here(street):
    papers = Paperwork(street)
    assert papers.officer.put("/office/group-policy", {"members_at_least": 30, "review_days": 3})["review_days"] == 3
    assert papers.leader.get("/office/group-policy")["members_at_least"] == 30
    papers.drafts(**READY)

    assert missing(papers.submits()) == ["members"]
