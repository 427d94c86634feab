"""A circle starts, people apply, the leader decides; nobody decides for themselves."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.foundation.clock import now
from backend.foundation.db import add, find, session
from backend.groups.models import Application, Group, Membership
from backend.people.scopes import over_group
from tests.builders.races import at_once, statuses


def start(phone, **facts):
    form = {"name": "晨光合唱队", "theme": "老歌新唱", "category": "culture_sports"} | facts
    return phone.post("/groups", form)


def apply(street, group, person, note="想参加"):
    return street.phone(person).post(f"/groups/{group.id}/applications", {"note": note})


def decide(street, group, application, decision="approved", *, by=None, **more):
    phone = street.phone(by) if by else street.phone_of(group.founder_id)
    return phone.put(f"/groups/{group.id}/applications/{application['id']}", {"decision": decision} | more)


def dissolve(street, group, stage="dissolved"):
    def close():
        find(Group, group.id).stage = stage
        session().flush()

    street.does(close)


def test_whoever_starts_a_circle_leads_it_and_is_its_first_member(street):
    founder = street.resident()
    phone = street.phone(founder)

    circle = start(phone)

    assert circle.status == 201
    assert (circle["stage"], circle["members"], circle["area_id"]) == ("circle", 1, str(street.community.id))
    (role,) = phone.get("/me")["roles"]
    assert (role["role"], role["scope"]) == ("leader", {"type": "group", "id": circle["id"], "name": "晨光合唱队"})
    (member,) = phone.get(f"/groups/{circle['id']}/members")["items"]
    assert member["person_id"] == str(founder.id)


def test_a_circle_needs_an_area_its_founders_or_a_named_one(street):
    homeless = street.phone(street.person(verified="resident"))

    refused = start(homeless)
    assert (refused.status, refused.code) == (409, "area_needed")
    assert start(homeless, area_id=str(street.community.id)).status == 201


@pytest.mark.parametrize("verified", ["none", "phone"])
def test_only_a_resident_may_lead_and_so_start_a_circle(street, verified):
    newcomer = street.phone(street.person(verified=verified))

    refused = start(newcomer, area_id=str(street.community.id))

    assert (refused.status, refused.code) == (403, "resident_needed")


def test_another_offices_area_is_not_found(street, other_street):
    assert start(street.phone(street.resident()), area_id=str(other_street.community.id)).status == 404


@pytest.mark.parametrize(
    "facts", [{"name": "队"}, {"name": "长" * 41}, {"category": "party"}, {"theme": ""}, {"stage": "filed"}], ids=str
)
def test_a_circle_of_a_wrong_shape_is_422(street, facts):
    refused = start(street.phone(street.resident()), **facts)

    assert (refused.status, set(refused["errors"])) == (422, set(facts))
    assert street.rows(select(Group)) == []


def test_an_approved_applicant_is_a_member_and_is_counted(street):
    group, applicant = street.group(), street.resident("王小英")

    asked = apply(street, group, applicant)
    assert (asked.status, asked["state"], asked["note"]) == (201, "applied", "想参加")
    approved = decide(street, group, asked, reason="欢迎")

    assert (approved.status, approved["state"], approved["reason"]) == (200, "approved", "欢迎")
    assert street.phone(applicant).get(f"/groups/{group.id}")["members"] == 2
    assert street.phone(applicant).get(f"/groups/{group.id}/members").status == 200


def test_applying_again_answers_the_open_application(street):
    group, applicant = street.group(), street.resident()
    first = apply(street, group, applicant)

    again = apply(street, group, applicant, note="再问一次")

    assert (again.status, again.body) == (200, first.body)


def test_twenty_taps_are_one_application(street):
    group, applicant = street.group(), street.resident()

    answers = at_once(*[lambda: apply(street, group, applicant)] * 20)

    assert statuses(answers) == {201: 1, 200: 19}
    assert len(street.rows(select(Application))) == 1


def test_who_was_declined_may_ask_again(street):
    group, applicant = street.group(), street.resident()
    declined = decide(street, group, apply(street, group, applicant), "declined", reason="本队已满")
    assert declined["state"] == "declined"

    again = apply(street, group, applicant)

    assert (again.status, again["id"] == declined["id"]) == (201, False)
    assert street.phone(applicant).get(f"/groups/{group.id}")["members"] == 1


def test_a_member_does_not_apply(street):
    group = street.group()
    member = street.member(group, street.resident())

    refused = apply(street, group, member)

    assert (refused.status, refused.code) == (409, "already_member")


def test_a_closed_group_takes_nobody(street):
    group = street.group()
    for stage in ("suspended", "dissolved"):
        dissolve(street, group, stage)
        refused = apply(street, group, street.resident())
        assert (refused.status, refused.code) == (409, "group_closed")


def test_deciding_the_same_twice_is_fine_and_otherwise_is_refused(street):
    group = street.group()
    asked = apply(street, group, street.resident())
    first = decide(street, group, asked)

    assert decide(street, group, asked).body == first.body
    refused = decide(street, group, asked, "declined")

    assert (refused.status, refused.code, refused["facts"]) == (409, "application_decided", {"state": "approved"})
    assert street.phone_of(group.founder_id).get(f"/groups/{group.id}")["members"] == 2


def test_twenty_approvals_at_once_count_one_member(street):
    group = street.group()
    asked = apply(street, group, street.resident())

    assert statuses(at_once(*[lambda: decide(street, group, asked)] * 20)) == {200: 20}
    assert street.phone_of(group.founder_id).get(f"/groups/{group.id}")["members"] == 2
    assert len(street.rows(select(Membership).where(Membership.group_id == group.id))) == 2


def test_an_approval_and_a_refusal_at_once_are_decided_once(street):
    group = street.group()
    for _ in range(5):
        asked = apply(street, group, street.resident())
        both = at_once(
            lambda asked=asked: decide(street, group, asked),
            lambda asked=asked: decide(street, group, asked, "declined"),
        )
        assert statuses(both) == {200: 1, 409: 1}


@pytest.mark.parametrize("who", ["stranger", "member", "helper", "leader of another group", "applicant"])
def test_only_those_who_run_the_group_decide(street, who):
    group, applicant = street.group(), street.resident()
    asked = apply(street, group, applicant)
    person = {
        "stranger": street.resident,
        "member": lambda: street.member(group, street.resident()),
        "helper": lambda: street.helper(group),
        "leader of another group": lambda: street.phone_of(street.group(name="别的队").founder_id).person_id,
        "applicant": lambda: applicant,
    }[who]()
    phone = street.phone_of(getattr(person, "id", person))

    refused = phone.put(f"/groups/{group.id}/applications/{asked['id']}", {"decision": "approved"})

    # Somebody else's application does not exist for them; one's own does, but is not one's own to decide.
    assert refused.status == (403 if who == "applicant" else 404)
    assert phone.get(f"/groups/{group.id}/applications").status == 403
    assert street.rows(select(Application.state)) == ["applied"]


def test_nobody_approves_themselves_whatever_their_role(street):
    group = street.group()
    worker = street.worker()
    asked = apply(street, group, worker)

    refused = decide(street, group, asked, by=worker)

    assert (refused.status, refused.code) == (403, "forbidden")
    assert decide(street, group, asked).status == 200


def test_the_database_refuses_an_approval_of_oneself_too(street):
    group, person = street.group(), street.resident()

    def approve_myself():
        add(
            Application(
                group_id=group.id,
                person_id=person.id,
                state="approved",
                applied_at=now(),
                decider_id=person.id,
                decided_at=now(),
            )
        )

    with pytest.raises(IntegrityError, match="nobody_approves_themselves"):
        street.does(approve_myself)


def test_a_worker_of_the_community_decides_too(street):
    group = street.group()

    assert decide(street, group, apply(street, group, street.resident()), by=street.worker()).status == 200


def test_what_can_be_decided_can_be_listed_newest_first(street):
    group = street.group()
    asked = [apply(street, group, street.resident(name), note=name)["id"] for name in ("甲某", "乙某", "丙某")]
    phone = street.phone_of(group.founder_id)

    page = phone.get(f"/groups/{group.id}/applications", limit=2)
    rest = phone.get(f"/groups/{group.id}/applications", cursor=page["next"])

    assert [item["id"] for item in page["items"] + rest["items"]] == asked[::-1]
    assert (page["items"][0]["name"], rest["next"]) == ("丙某", None)


def test_an_application_is_not_found_under_another_group(street):
    group, other = street.group(), street.group(name="别的队")
    asked = apply(street, group, street.resident())

    misplaced = street.phone(street.worker()).put(
        f"/groups/{other.id}/applications/{asked['id']}", {"decision": "approved"}
    )

    assert misplaced.status == 404


def test_everybody_sees_masked_names_and_leaders_whole_ones(street):
    group = street.group(leader=street.resident("赵队长"))
    member = street.member(group, street.resident("王小英"))

    def names(phone):
        return {item["name"] for item in phone.get(f"/groups/{group.id}/members")["items"]}

    assert names(street.phone(member)) == names(street.phone(street.resident())) == {"赵*长", "王*英"}
    assert names(street.phone_of(group.founder_id)) == {"赵队长", "王小英"}


@pytest.mark.parametrize("name", ["赵", "赵云", "欧阳小小"])
def test_a_mask_never_shows_a_whole_name(street, name):
    group = street.group()
    street.member(group, street.resident(name))
    looking = street.member(group, street.resident("看的人"))

    names = {item["name"] for item in street.phone(looking).get(f"/groups/{group.id}/members")["items"]}

    assert name not in names
    assert any(shown.startswith(name[0]) and "*" in shown for shown in names)


def test_a_deputy_decides_like_the_leader(street):
    group = street.group()
    deputy = street.gives(street.resident(), "deputy", over_group(group.id, group.name))

    assert decide(street, group, apply(street, group, street.resident()), by=deputy).status == 200


@pytest.mark.parametrize("typed", ["舞蹈", "wudao", "WuDao", "wdd", "夕阳", "wu dao", "邻里和睦", "linli"])
def test_a_group_is_found_by_chinese_pinyin_and_initials(street, typed):
    phone = street.phone(street.resident())
    start(phone, name="夕阳红舞蹈队", theme="邻里和睦")
    start(phone, name="晨练小组", theme="强身健体")

    assert [item["name"] for item in phone.get("/groups", q=typed)["items"]] == ["夕阳红舞蹈队"]


@pytest.mark.parametrize("typed", ["太极", "%", "_", "\\"])
def test_what_is_in_no_name_finds_nothing(street, typed):
    phone = street.phone(street.resident())
    start(phone, name="夕阳红舞蹈队")

    assert phone.get("/groups", q=typed)["items"] == []


def test_groups_are_listed_by_area_and_category_without_dissolved_ones(street):
    phone = street.phone(street.resident())
    there = street.area("安宁社区")
    here = start(phone, name="合唱队")["id"]
    start(phone, name="巡逻队", category="governance")
    start(phone, name="远方队", area_id=str(there.id))
    gone = street.group(name="解散队")
    dissolve(street, gone)

    def names(**asked):
        return [item["name"] for item in phone.get("/groups", **asked)["items"]]

    assert names() == ["远方队", "巡逻队", "合唱队"]
    assert names(area_id=str(there.id)) == ["远方队"]
    assert names(category="culture_sports", area_id=str(street.community.id)) == ["合唱队"]
    assert phone.get(f"/groups/{here}")["name"] == "合唱队"


def test_another_offices_group_is_as_missing_as_none(street, other_street):
    foreign, stranger = other_street.group(), street.phone(street.officer())
    asked = apply(other_street, foreign, other_street.resident())
    own = street.group()

    for there, nowhere in (
        (f"/groups/{foreign.id}", f"/groups/{uuid4()}"),
        (f"/groups/{foreign.id}/members", f"/groups/{uuid4()}/members"),
        (f"/groups/{foreign.id}/applications", f"/groups/{uuid4()}/applications"),
    ):
        assert said(stranger.get(there)) == said(stranger.get(nowhere)) == (404, "not_found")
    body = {"note": "你好"}
    assert stranger.post(f"/groups/{foreign.id}/applications", body).status == 404
    yes = {"decision": "approved"}
    assert stranger.put(f"/groups/{foreign.id}/applications/{asked['id']}", yes).status == 404
    assert stranger.put(f"/groups/{own.id}/applications/{asked['id']}", yes).status == 404
    assert stranger.get("/groups")["items"][0]["id"] == str(own.id)


def said(answer):
    assert set(answer.body) == {"code", "message", "facts", "request_id"}
    return answer.status, answer.code
