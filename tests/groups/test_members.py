"""People come into a group and go: invited, by a code, leaving, removed with an appeal; and a group changes hands."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.groups.member_models import Invitation
from backend.groups.models import Application, Group, Membership
from backend.people.models import Person
from backend.people.role_models import Role
from backend.people.scopes import over_area, over_group
from tests.builders.races import at_once, codes, statuses


@pytest.fixture
def group(street):
    return street.group()


@pytest.fixture
def leader(street, group):
    return street.phone_of(group.founder_id)


def belongs(street, group):
    """Who is a member now, and how many the group counts."""
    now_there = select(Membership.person_id).where(Membership.group_id == group.id, Membership.left_at.is_(None))
    return set(street.rows(now_there)), street.rows(select(Group.members).where(Group.id == group.id))[0]


def leaders(street, group):
    held = select(Role.person_id).where(
        Role.scope == over_group(group.id, "").path, Role.role == "leader", Role.withdrawn_at.is_(None)
    )
    return street.rows(held)


def invite(phone, group, person):
    return phone.post(f"/groups/{group.id}/invitations", {"person_id": str(person.id)})


def remove(phone, group, person, reason="长期不参加"):
    return phone.post(f"/groups/{group.id}/members/{person.id}/remove", {"reason": reason})


def hand_over(phone, group, person):
    return phone.post(f"/groups/{group.id}/handovers", {"person_id": str(person.id)})


def answer(phone, path, decision, **more):
    return phone.put(path, {"decision": decision} | more)


def test_whoever_is_invited_says_yes_and_belongs_whatever_else_they_had_asked(street, group, leader):
    person = street.resident()
    phone = street.phone(person)
    phone.post(f"/groups/{group.id}/applications", {"note": "想参加"})

    asked = invite(leader, group, person)
    assert (asked.status, invite(leader, group, person).status) == (201, 200)
    assert phone.get("/me/invitations")["items"][0]["group"]["name"] == group.name
    assert answer(phone, f"/invitations/{asked['id']}", "accepted").status == 200

    assert belongs(street, group) == ({group.founder_id, person.id}, 2)
    assert street.rows(select(Application.state)) == ["withdrawn"]
    assert answer(phone, f"/invitations/{asked['id']}", "declined").code == "invitation_over"
    assert invite(leader, group, person).code == "already_member"


def test_an_old_invitation_is_over(street, group, leader):
    person = street.resident()
    asked = invite(leader, group, person)
    street.does(lambda: session().execute(update(Invitation).values(expires_at=now() - timedelta(days=1))))

    assert answer(street.phone(person), f"/invitations/{asked['id']}", "accepted").code == "invitation_over"
    assert invite(leader, group, person).status == 200  # prolongs it
    assert answer(street.phone(person), f"/invitations/{asked['id']}", "accepted").status == 200


def test_of_ten_at_once_a_code_lets_in_as_many_as_it_says(street, group, leader):
    code = leader.post(f"/groups/{group.id}/invitation-codes", {"uses": 3})["code"]
    phones = [street.phone(street.resident()) for _ in range(10)]

    answers = at_once(*[lambda phone=phone: phone.post("/memberships", {"code": code.lower()}) for phone in phones])

    assert (statuses(answers), codes(answers)) == ({201: 3, 409: 7}, {"invitation_code_used_up": 7})
    assert belongs(street, group)[1] == 4
    (again, *_) = (phone for phone, said in zip(phones, answers, strict=True) if said.status == 201)
    assert again.post("/memberships", {"code": code}).status == 200


def test_whoever_leaves_may_come_back_and_is_counted_once(street, group, leader):
    person = street.member(group, street.resident())
    phone = street.phone(person)

    answers = at_once(*[lambda: phone.delete(f"/groups/{group.id}/members/mine")] * 5)

    assert codes(answers) == {"not_a_member": 4}
    assert belongs(street, group) == ({group.founder_id}, 1)
    street.member(group, person)
    assert belongs(street, group) == ({group.founder_id, person.id}, 2)


def test_a_deputy_who_leaves_is_a_deputy_no_longer(street, group):
    deputy = street.gives(street.member(group, street.resident()), "deputy", over_group(group.id, group.name))

    street.phone(deputy).delete(f"/groups/{group.id}/members/mine")

    assert street.phone(deputy).get(f"/groups/{group.id}/applications").status == 403


def test_the_leader_neither_leaves_nor_is_removed(street, group, leader):
    deputy = street.gives(street.member(group, street.resident()), "deputy", over_group(group.id, group.name))
    founder = street.rows(select(Group.founder_id).where(Group.id == group.id))[0]

    assert leader.delete(f"/groups/{group.id}/members/mine").code == "leader_stays"
    refused = street.phone(deputy).post(f"/groups/{group.id}/members/{founder}/remove", {"reason": "不服"})
    assert (refused.status, refused.code) == (409, "leader_stays")


def test_who_is_removed_reads_why_and_an_upheld_appeal_brings_them_back(street, group, leader):
    person = street.member(group, street.resident())
    phone, worker = street.phone(person), street.phone(street.worker())
    removed = remove(leader, group, person)
    assert (removed["left_why"], removed["reason"]) == ("removed", "长期不参加")

    appealed = phone.post(f"/groups/{group.id}/appeals", {"text": "我每次都来"})
    assert (appealed.status, phone.post(f"/groups/{group.id}/appeals", {"text": "再说"}).status) == (201, 200)
    (waiting,) = worker.get("/group-appeals", state="open")["items"]
    assert (waiting["text"], waiting["removal_reason"]) == ("我每次都来", "长期不参加")
    assert leader.get("/group-appeals")["items"] == []
    upheld = answer(worker, f"/group-appeals/{appealed['id']}", "upheld", answer="情况属实")

    assert (upheld.status, belongs(street, group)) == (200, ({group.founder_id, person.id}, 2))
    assert phone.get("/group-appeals")["items"][0]["answer"] == "情况属实"
    assert answer(worker, f"/group-appeals/{appealed['id']}", "rejected", answer="不").code == "appeal_decided"


def test_an_appeal_has_its_time_and_whoever_removed_them_does_not_answer_it(street, group):
    person = street.member(group, street.resident())
    worker = street.worker()
    remove(street.phone(worker), group, person)
    appealed = street.phone(person).post(f"/groups/{group.id}/appeals", {"text": "不对"})
    refused = answer(street.phone(worker), f"/group-appeals/{appealed['id']}", "rejected", answer="对")
    assert (refused.status, refused.code) == (403, "own_removal")

    late = street.member(group, street.resident())
    remove(street.phone(worker), group, late)
    street.does(
        lambda: session().execute(
            update(Membership).where(Membership.person_id == late.id).values(left_at=now() - timedelta(days=16))
        )
    )
    assert street.phone(late).post(f"/groups/{group.id}/appeals", {"text": "不对"}).code == "appeal_too_late"
    assert street.phone(street.resident()).post(f"/groups/{group.id}/appeals", {"text": "不对"}).code == "not_a_member"


def test_a_leader_removes_nobody_of_their_own_household(street):
    home = street.household()
    group = street.group(leader=street.person("赵队长", household=home))
    spouse = street.member(group, street.person("家属", household=home))

    assert remove(street.phone_of(group.founder_id), group, spouse).status == 403


def test_both_confirm_a_hand_over_and_then_the_other_one_leads(street, group, leader):
    heir = street.gives(street.member(group, street.resident()), "deputy", over_group(group.id, group.name))
    phone = street.phone(heir)

    offered = hand_over(leader, group, heir)
    assert (offered.status, hand_over(leader, group, heir).status) == (201, 200)
    assert leaders(street, group) == [group.founder_id]
    assert answer(leader, f"/handovers/{offered['id']}", "accepted").status == 403
    accepted = answer(phone, f"/handovers/{phone.get('/me/handovers')['items'][0]['id']}", "accepted")

    assert (accepted.status, leaders(street, group)) == (200, [heir.id])
    assert [role["role"] for role in phone.get("/me")["roles"]] == ["leader"]
    assert leader.get("/me")["roles"] == []
    assert leader.delete(f"/groups/{group.id}/members/mine").status == 200  # now they may go


def test_a_group_is_offered_to_one_grown_up_resident_member_at_a_time(street, group, leader):
    stranger = street.resident()
    young = street.member(group, street.resident("少年", age_class="14-17"))
    one, other = (street.member(group, street.resident()) for _ in range(2))

    assert hand_over(leader, group, stranger).code == "not_a_member"
    assert hand_over(leader, group, young).code == "adult_needed"
    offered = hand_over(leader, group, one)
    assert hand_over(leader, group, other).code == "handover_waits"
    assert answer(leader, f"/handovers/{offered['id']}", "withdrawn").status == 200
    assert hand_over(leader, group, other).status == 201


def test_a_hand_over_and_a_removal_at_once_leave_one_leader_who_belongs(street, group, leader):
    deputy = street.gives(street.member(group, street.resident()), "deputy", over_group(group.id, group.name))
    for _ in range(3):
        founder = leaders(street, group)[0]
        heir = street.member(group, street.resident())
        offered = hand_over(street.phone_of(founder), group, heir)
        accepted, removed = at_once(
            lambda heir=heir, offered=offered: answer(street.phone(heir), f"/handovers/{offered['id']}", "accepted"),
            lambda heir=heir: remove(street.phone(deputy), group, heir),
        )
        assert sorted([accepted.status, removed.status]) == [200, 409], (accepted.body, removed.body)
        (leads,) = leaders(street, group)
        assert leads == (heir.id if accepted.status == 200 else founder)
        assert leads in belongs(street, group)[0]
        if removed.status == 200:
            assert answer(street.phone_of(founder), f"/handovers/{offered['id']}", "withdrawn").status == 200


def test_a_group_without_a_leader_is_listed_until_a_worker_names_one(street, group, leader):
    worker = street.phone(street.worker())
    (role,) = street.rows(select(Role.id).where(Role.person_id == group.founder_id, Role.role == "leader"))
    assert worker.get("/groups", without_leader="true")["items"] == []
    worker.delete(f"/roles/{role}")
    assert [each["id"] for each in worker.get("/groups", without_leader="true")["items"]] == [str(group.id)]

    scope = {"type": "group", "id": str(group.id)}
    named = {"person_id": str(street.resident().id), "role": "leader", "scope": scope}
    assert worker.post("/roles", named).status == 201

    assert worker.get("/groups", without_leader="true")["items"] == []


def test_whoever_died_belongs_to_nothing_and_their_group_waits_for_a_leader(street, group, leader):
    person = street.member(group, street.resident())
    waiting = street.resident()
    street.phone(waiting).post(f"/groups/{group.id}/applications", {"note": "想参加"})
    with street.inside():
        founder = find(Person, group.founder_id)

    for each in (person, waiting, founder):
        street.gone(each)

    assert belongs(street, group) == (set(), 0)
    assert street.rows(select(Application.state)) == ["withdrawn"]
    assert len(street.phone(street.officer()).get("/groups", without_leader="true")["items"]) == 1


def test_whoever_was_merged_leaves_under_whichever_account_they_joined(street, group):
    old, new = street.person("旧号"), street.resident("新号")
    street.member(group, old)
    street.merged(old, new)

    (first, _) = street.phone(new).get(f"/groups/{group.id}/members")["items"]
    assert first["person_id"] == str(new.id)
    assert street.phone(new).delete(f"/groups/{group.id}/members/mine").status == 200
    assert belongs(street, group) == ({group.founder_id}, 1)


def test_those_who_run_it_find_a_member_by_name_pinyin_and_initials(street, group, leader):
    for name in ("王小英", "李建国"):
        street.member(group, street.resident(name))

    for typed in ("小英", "wangxiao", "wxy", "WXY"):
        assert [each["name"] for each in leader.get(f"/groups/{group.id}/members", q=typed)["items"]] == ["王小英"]
    stranger = street.phone(street.resident())
    assert len(stranger.get(f"/groups/{group.id}/members", q="wxy")["items"]) == 3  # nobody else finds by name


def test_an_applicant_takes_it_back_before_it_is_decided(street, group, leader):
    phone = street.phone(street.resident())
    asked = phone.post(f"/groups/{group.id}/applications", {"note": "想参加"})
    path = f"/groups/{group.id}/applications/{asked['id']}"

    assert answer(leader, path, "withdrawn").status == 403
    assert answer(phone, path, "withdrawn")["state"] == "withdrawn"
    assert answer(leader, path, "approved").code == "application_decided"


def test_a_worker_who_leads_elsewhere_runs_groups_of_their_area_only(street, group):
    away = street.gives(street.resident(), "worker", over_area(street.area()))

    assert invite(street.phone(away), group, street.resident()).status == 403
