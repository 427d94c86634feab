"""Somebody claims a door; a worker or the head says whether that is so, and nobody else learns who lives there."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.db import find
from backend.foundation.trail import TrailRow
from backend.households.claim_models import HouseholdClaim
from backend.people.models import Person
from backend.people.persons import person_code
from backend.people.verification_models import Verification
from backend.places.models import Household
from tests.builders.races import at_once, codes, statuses


def claims(street, person, door="5号楼502", **more):
    body = {"area_id": str(street.community.id), "door": door} | more
    return street.phone(person).post("/households", body)


def decides(street, by, claim, decision="confirmed", **more):
    return street.phone(by).put(f"/household-claims/{claim['id']}", {"decision": decision} | more)


def me(street, person):
    return street.phone(person).get("/me")


def told(street, person):
    return [each["facts"]["what"] for each in street.phone(person).get("/me/notices")["items"]]


@pytest.fixture
def newcomer(street):
    return street.person("新来的", verified="phone")


def test_a_claim_waits_and_a_worker_confirms_it(street, home, worker, newcomer):
    claim = claims(street, newcomer, "５号楼５０２室", note="刚搬来")
    assert (claim.status, claim["state"], claim["household_id"]) == (201, "waiting", None)
    assert me(street, newcomer)["household"] is None
    (queued,) = street.phone(worker).get("/household-claims", state="waiting")["items"]
    assert (queued["person"]["name"], queued["household_id"], queued["note"]) == ("新*的", str(home.id), "刚搬来")

    confirmed = decides(street, worker, claim)

    assert (confirmed.status, confirmed["state"], confirmed["decided_as"]) == (200, "confirmed", "worker")
    mine = me(street, newcomer)
    assert (mine["verified"], mine["household"]["id"]) == ("resident", str(home.id))
    assert told(street, newcomer) == ["claim_confirmed"]
    assert decides(street, worker, claim).body == confirmed.body
    assert len(street.rows(select(Verification))) == 1


def test_the_head_confirms_whoever_claimed_by_themselves_without_a_code(street, home, head, newcomer):
    claim = claims(street, newcomer)

    (seen,) = street.phone(head).get("/household-claims", state="waiting")["items"]
    assert decides(street, head, claim).status == 200

    assert seen["id"] == claim["id"]
    assert me(street, newcomer)["household"]["role"] == "member"
    assert street.rows(select(Verification.verified_as)) == ["head"]


def test_a_member_and_the_claimant_themselves_decide_nothing(street, home, head, spouse, newcomer):
    claim = claims(street, newcomer)

    assert decides(street, spouse, claim).status == 404
    refused = decides(street, newcomer, claim)
    assert (refused.status, refused.code) == (403, "own_case")


def test_a_door_is_written_down_when_its_first_claim_is_confirmed(street, worker, newcomer):
    claim = claims(street, newcomer, "9号楼901")
    assert street.rows(select(Household.id).where(Household.area_id == street.community.id)) == [
        street.rows(select(Person.household_id).where(Person.id == worker.id))[0]
    ]

    decides(street, worker, claim, role="head")

    assert me(street, newcomer)["household"]["name"] == "9号楼901"
    assert me(street, newcomer)["household"]["role"] == "head"


def test_what_a_claimant_is_answered_does_not_tell_whether_anybody_lives_there(street, head, newcomer):
    """A door with people, one without and one that is on no list look alike, before and after a refusal."""
    street.household("5号楼503")
    seen = []
    for door in ("5号楼502", "5号楼503", "没有的门"):
        stranger = street.person("陌生人", verified="phone")
        claim = claims(street, stranger, door)
        if door == "5号楼502":
            decides(street, head, claim, "declined", reason="不认识")
        else:
            decides(street, street.worker(), claim, "declined", reason="不认识")
        (shown,) = street.phone(stranger).get("/household-claims")["items"]
        hidden = ("id", "door", "claimed_at", "decided_at", "decided_as", "person")
        seen.append(({**claim.body, **dict.fromkeys(hidden)}, {**shown, **dict.fromkeys(hidden)}))

    assert seen[0] == seen[1] == seen[2]


def test_somebody_has_one_open_claim_and_may_take_it_back(street, home, newcomer):
    first = claims(street, newcomer)
    assert (claims(street, newcomer).status, claims(street, newcomer)["id"]) == (200, first["id"])
    assert claims(street, newcomer, "7号楼701").code == "claim_open"

    assert decides(street, newcomer, first, "withdrawn")["state"] == "withdrawn"

    assert claims(street, newcomer, "7号楼701").status == 201


def test_two_taps_at_once_are_one_claim(street, home, newcomer):
    answers = at_once(*[lambda: claims(street, newcomer)] * 8)

    assert statuses(answers) == {201: 1, 200: 7}


def test_two_who_decide_otherwise_at_once_decide_once(street, home, head, worker, newcomer):
    claim = claims(street, newcomer)

    answers = at_once(
        lambda: decides(street, head, claim, "declined", reason="不认识"), lambda: decides(street, worker, claim)
    )

    assert statuses(answers) == {200: 1, 409: 1}
    assert codes(answers) == {"claim_decided": 1}


def test_a_claim_needs_a_phone_number_and_a_refusal_a_reason(street, home, worker, newcomer):
    assert claims(street, street.person(verified="none")).code == "claim_needs_phone"
    claim = claims(street, newcomer)
    assert decides(street, worker, claim, "declined").status == 422

    declined = decides(street, worker, claim, "declined", reason="门牌不符")

    assert (declined.status, declined["reason"]) == (200, "门牌不符")
    assert told(street, newcomer) == ["claim_declined"]
    (row,) = street.rows(select(TrailRow).where(TrailRow.act == "household_claims.decline"))
    assert (row.beneficiary_id, row.reason_sealed is not None) == (newcomer.id, True)


def test_a_worker_decides_nothing_about_their_own_household(street, worker, newcomer):
    with street.inside():
        own = find(Household, find(Person, worker.id).household_id)
        door = own.door
    claim = claims(street, newcomer, door)

    assert decides(street, worker, claim).code == "own_case"
    assert decides(street, street.worker(street.area()), claim).status == 404


def test_leaving_first_makes_no_move_sooner(street, home, worker, newcomer):
    """Else points of others could be collected from door to door; see product.md, "household"."""
    with time_machine.travel(now(), tick=False) as clock:
        decides(street, worker, claims(street, newcomer))
        left = street.phone(newcomer).delete(f"/households/{home.id}/members/mine")
        assert (left.status, me(street, newcomer)["household"]) == (200, None)
        again = claims(street, newcomer, "7号楼701")
        assert decides(street, worker, again).code == "move_too_soon"
        clock.shift(timedelta(days=90))
        assert decides(street, worker, again).status == 200


def test_the_rules_of_a_household_hold_for_a_claim_too(street, home, head, worker, newcomer):
    for _ in range(11):
        street.person(household=home)

    assert decides(street, worker, claims(street, newcomer)).code == "household_full"
    elsewhere = claims(street, street.resident())
    assert decides(street, head, elsewhere).code == "lives_elsewhere"
    assert claims(street, head).code == "lives_there"


def test_nothing_typed_lies_open_in_the_database(street, home, newcomer):
    claims(street, newcomer, "9号楼901", note="我姓王")

    (row,) = street.rows(select(HouseholdClaim))
    raw = b"".join(value for value in vars(row).values() if isinstance(value, bytes))
    assert not any(text.encode() in raw for text in ("9号楼901", "我姓王"))
    with street.inside():
        assert (row.door, row.note) == ("9号楼901", "我姓王")


def test_an_unknown_area_is_404_and_a_code_still_serves_the_head(street, home, head, newcomer):
    assert street.phone(newcomer).post("/households", {"area_id": str(uuid4()), "door": "1"}).status == 404
    with street.inside():
        code = person_code(newcomer)[0]
    body = {"household_id": str(home.id), "person_code": code}
    assert street.phone(head).post(f"/people/{newcomer.id}/verification", body).status == 200
