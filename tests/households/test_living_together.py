"""Dependants, guardians, leaving and being taken out."""

import pytest
from sqlalchemy import select

from backend.foundation.db import db
from backend.households.claim_models import HouseholdClaim
from backend.households.guardian_models import GuardianConsent
from backend.people.models import Person
from tests.builders.races import at_once, statuses

CONSENT = {"policy_version": "child-1"}


def enters(street, by, home, name="郑小宝", **more):
    return street.phone(by).post(f"/households/{home.id}/members", {"name": name, "age_class": "under_14"} | more)


def decides(street, by, claim, decision="confirmed", **more):
    return street.phone(by).put(f"/household-claims/{claim['id']}", {"decision": decision} | more)


def members(street, by, home):
    return {each["name"]: each for each in street.phone(by).get(f"/households/{home.id}")["members"]}


@pytest.fixture
def child(street, home, head, worker):
    """A child whom the head entered as their guardian, and a worker confirmed."""
    confirmed = decides(street, worker, enters(street, head, home, relation="child", consent=CONSENT))
    assert confirmed.status == 200, confirmed.body
    return street.rows(select(Person).where(Person.age_class == "under_14"))[0]


# who is entered


def test_what_the_head_enters_counts_once_a_worker_confirms_it(street, home, head, worker):
    claim = enters(street, head, home, "冯秀珍", age_class="adult", relation="parent")
    assert (claim.status, claim["state"], claim["is_dependant"]) == (201, "waiting", True)
    assert set(members(street, head, home)) == {"郑文华"}
    assert decides(street, head, claim).code == "own_case"

    assert decides(street, worker, claim)["state"] == "confirmed"

    elder = members(street, head, home)["冯秀珍"]
    assert (elder["role"], elder["age_class"], elder["is_dependant"]) == ("member", "adult", True)
    assert street.rows(select(Person.verified).where(Person.age_class == "adult", Person.household_id == home.id)) == [
        "resident",
        "resident",
    ]


def test_a_name_nobody_confirmed_is_gone(street, home, head, worker):
    claim = enters(street, head, home, consent=CONSENT)
    assert enters(street, head, home, consent=CONSENT).status == 200  # tapped twice

    decides(street, worker, claim, "declined", reason="查无此人")

    (row,) = street.rows(select(HouseholdClaim))
    assert (row.name_sealed, row.name_index, row.person_id) == (None, None, None)


def test_a_worker_enters_somebody_at_once_and_nobody_at_home(street, home, head, worker):
    entered = enters(street, worker, home, "冯秀珍", age_class="adult", reason="没有手机")
    assert (entered.status, entered["state"]) == (201, "confirmed")
    assert enters(street, worker, home, "冯秀珍", age_class="adult", reason="没有手机").code == "member_exists"
    with street.inside():
        own = street.rows(select(Person.household_id).where(Person.id == worker.id))[0]
    body = {"name": "自家人", "age_class": "adult", "reason": "没有手机"}
    assert street.phone(worker).post(f"/households/{own}/members", body).code == "own_case"


def test_nobody_else_sees_who_lives_there(street, home, head, child, worker):
    assert set(members(street, head, home)) == {"郑文华", "郑小宝"}
    assert set(members(street, worker, home)) == {"郑*华", None}, "no minor by name outside the household"
    assert street.phone(street.resident()).get(f"/households/{home.id}").status == 404
    assert street.phone(street.worker(street.area())).get(f"/households/{home.id}").status == 404


# guardians


def test_no_child_is_entered_without_a_guardian_who_consents(street, home, head, spouse, worker):
    assert enters(street, head, home).code == "under_fourteen"
    assert enters(street, head, home, consent={"policy_version": "old"}).code == "child_policy_changed"
    for_somebody_else = CONSENT | {"guardian_id": str(spouse.id)}
    assert enters(street, head, home, consent=for_somebody_else).code == "guardian_speaks"
    stranger = CONSENT | {"guardian_id": str(street.resident().id)}
    assert enters(street, worker, home, reason="家长在场", consent=stranger).code == "guardian_speaks"

    entered = enters(street, worker, home, reason="家长在场", consent=for_somebody_else)

    assert entered["state"] == "confirmed"
    (consent,) = street.rows(select(GuardianConsent))
    assert (consent.guardian_id, consent.recorder_id, consent.channel) == (spouse.id, worker.id, "desk")
    assert (consent.said, consent.policy_version) == ("given", "child-1")


def test_without_consent_a_child_takes_no_place_and_is_recorded_as_present_only(street, home, head, child):
    fund = street.fund(2000)
    held, other = (street.activity(fund=fund, kind="service") for _ in range(2))
    path = f"/households/{home.id}/members/{child.id}/consents"

    def comes(activity):
        body = {"activity_id": str(activity.id), "person_id": str(child.id), "reason": "没有手机"}
        return street.leader_of(activity).post("/check-ins", body)

    assert comes(held)["points"] == 20
    assert street.pot(home).available == 20, "a minor earns into the pot"
    assert street.phone(head).delete(path)["said"] == "withdrawn"

    helped = {"X-On-Behalf-Of": str(child.id), "X-Channel": "household"}
    refused = street.phone(head).post(f"/activities/{other.id}/sign-ups", headers=helped)
    assert (refused.status, refused.code) == (409, "guardian_consent_needed")
    present = comes(other)
    assert (present.status, present["points"], present["check_in"]["state"]) == (201, 0, "recorded")
    assert street.phone(head).post(path, CONSENT).status == 201
    assert street.phone(head).post(f"/activities/{other.id}/sign-ups", headers=helped).status == 201
    assert street.rows(select(GuardianConsent.said).order_by(GuardianConsent.id)) == ["given", "withdrawn", "given"]
    assert street.findings() == set()


def test_only_an_adult_of_the_household_speaks_for_a_child(street, home, head, child):
    path = f"/households/{home.id}/members/{child.id}/consents"
    teenager = street.person("郑大宝", household=home, age_class="14-17")
    assert street.phone(teenager).post(path, CONSENT).code == "guardian_speaks"
    assert street.phone(street.resident()).post(path, CONSENT).status == 404
    own = f"/households/{home.id}/members/{teenager.id}/consents"
    assert street.phone(head).post(own, CONSENT).code == "not_under_fourteen"


def test_what_a_guardian_said_is_never_edited(street, child):
    with (
        street.inside(),
        pytest.raises(Exception, match="append-only"),
        db.engine.begin() as connection,
    ):
        connection.exec_driver_sql("UPDATE guardian_consents SET said = 'withdrawn'")


def test_a_child_moves_along_by_a_worker_with_a_new_consent(street, home, head, child, worker):
    new_home = street.household("7号楼701")
    aunt = street.person("姑姑", household=new_home, role="head")
    body = {"person_id": str(child.id), "age_class": "under_14", "reason": "随姑姑生活"}
    path = f"/households/{new_home.id}/members"
    assert street.phone(worker).post(path, body).code == "under_fourteen"

    moved = street.phone(worker).post(path, body | {"consent": CONSENT | {"guardian_id": str(aunt.id)}})

    assert (moved.status, moved["state"]) == (201, "confirmed")
    assert set(members(street, aunt, new_home)) == {"姑姑", "郑小宝"}


# leaving


def test_whoever_leaves_takes_their_own_wallet_and_the_pot_stays(street, home, head, spouse):
    street.earned(spouse, 50)
    street.gives_points(spouse, 20)

    assert street.phone(spouse).delete(f"/households/{home.id}/members/mine").status == 200

    assert (street.wallet(spouse).available, street.pot(home).available) == (30, 20)
    assert street.phone(spouse).get(f"/households/{home.id}/wallet").status == 404
    assert street.phone(head).delete(f"/households/{home.id}/members/mine").status == 200, "the last one may go"
    assert street.pot(home).available == 20
    assert street.findings() == set()


def test_the_head_stays_while_others_are_there(street, home, head, spouse):
    assert street.phone(head).delete(f"/households/{home.id}/members/mine").code == "head_stays"


def test_the_head_takes_somebody_out_and_they_are_told(street, home, head, spouse):
    path = f"/households/{home.id}/members/{spouse.id}"
    assert (
        street.phone(spouse).put(f"/households/{home.id}/members/{head.id}", {"removed": True, "reason": "x"}).status
        == 403
    )

    assert street.phone(head).put(path, {"removed": True, "reason": "已搬走"})["household_id"] is None

    assert street.phone(spouse).get("/me")["household"] is None
    assert [each["facts"]["what"] for each in street.phone(spouse).get("/me/notices")["items"]] == ["removed"]
    assert street.phone(head).put(path, {"removed": True, "reason": "已搬走"}).status == 404


def test_a_class_of_age_is_a_workers_to_change(street, home, head, child, worker):
    path = f"/households/{home.id}/members/{child.id}"
    assert street.phone(head).put(path, {"age_class": "14-17", "reason": "满十四岁"}).status == 403

    assert street.phone(worker).put(path, {"age_class": "14-17", "reason": "满十四岁"})["age_class"] == "14-17"

    assert members(street, head, home)["郑小宝"]["guardian_consents"] is None
    assert (
        street.phone(worker)
        .put(f"/households/{home.id}/members/{head.id}", {"age_class": "14-17", "reason": "错了"})
        .code
        == "head_stays"
    )


def test_twelve_at_most_also_of_those_who_wait(street, home, head):
    for _ in range(9):
        street.person(household=home)
    names = [f"家人{n}" for n in range(6)]

    answers = at_once(*[lambda name=name: enters(street, head, home, name, age_class="14-17") for name in names])

    assert statuses(answers) == {201: 2, 409: 4}
