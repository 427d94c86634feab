"""Somebody died: a worker records it, the household is told, and what was theirs goes on."""

from datetime import timedelta

from sqlalchemy import select

from backend.foundation.clock import now, shanghai_day
from backend.households.claim_models import HouseholdClaim
from backend.people.parting_models import Parting
from backend.people.scopes import over_area


def records(street, by, person, **more):
    body = {"died_on": str(shanghai_day(now())), "reason": "家属带死亡证明到服务台"} | more
    return street.phone(by).post(f"/people/{person.id}/death", body)


def test_the_wallet_goes_to_the_pot_and_an_election_follows(street, home, head, spouse, worker):
    street.earned(head, 40)
    street.held(head, street.offer(price_points=10))

    recorded = records(street, worker, head)

    assert (recorded.status, recorded["household_id"]) == (201, str(home.id))
    assert (street.pot(home).available, street.wallet(head).held) == (40, 0)
    assert [each["facts"]["what"] for each in street.phone(spouse).get("/me/notices")["items"]] == ["death_of_head"]
    (left,) = street.phone(spouse).get(f"/households/{home.id}")["members"]
    assert (left["name"], left["role"]) == ("林美玲", "member"), "nobody is head until an election or a worker says so"
    election = street.phone(spouse).post(f"/households/{home.id}/head-elections", {"nominee_id": str(spouse.id)})
    assert election["state"] == "elected"
    assert records(street, worker, head).status == 404, "nobody dies twice"
    assert street.findings() == set()


def test_who_may_record_it_and_when(street, home, head, spouse, worker):
    assert records(street, spouse, head).status == 403
    assert records(street, street.worker(street.area()), head).status == 404
    assert records(street, street.gives(spouse, "worker", over_area(street.community)), head).code == "own_case"
    tomorrow = str(shanghai_day(now()) + timedelta(days=1))
    assert records(street, worker, head, died_on=tomorrow).status == 422
    assert street.rows(select(Parting)) == []


def test_what_they_had_in_hand_in_the_household_ends(street, home, head, spouse, worker):
    third = street.person("郑文明", household=home)
    election = street.phone(third).post(f"/households/{home.id}/head-elections", {"nominee_id": str(spouse.id)})
    claim = {"area_id": str(street.community.id), "door": "9号楼901"}
    assert street.phone(spouse).post("/households", claim).status == 201

    assert records(street, worker, spouse).status == 201

    (seen,) = street.phone(third).get("/head-elections")["items"]
    assert (seen["id"], seen["state"]) == (election["id"], "withdrawn")
    assert street.rows(select(HouseholdClaim.state)) == ["withdrawn"]
