"""Two households become one: both heads want it, a worker confirms, people and points are in one place."""

import pytest
from sqlalchemy import select

from backend.cli.jobs import JOBS
from backend.foundation.db import find
from backend.households.merge_models import HouseholdMerge
from backend.people.scopes import over_area
from backend.places.models import Household
from tests.builders.phone import a_key
from tests.builders.races import at_once, statuses


@pytest.fixture
def other(street):
    return street.household("7号楼701")


@pytest.fixture
def other_head(street, other):
    return street.person("周建国", household=other, role="head")


def asks(street, by, home, into):
    return street.phone(by).post(f"/households/{home.id}/merges", {"into_id": str(into.id)})


def says(street, by, merge, decision, **more):
    return street.phone(by).put(f"/household-merges/{merge['id']}", {"decision": decision} | more)


def test_members_move_pots_add_and_one_head_stays(street, home, head, spouse, other, other_head, worker):
    for giver, points in ((head, 30), (other_head, 20)):
        street.gives_points(street.earned(giver, points), points)
    merge = asks(street, head, home, other)
    assert says(street, worker, merge, "confirmed").code == "other_head_needed"
    assert says(street, head, merge, "agreed").status == 403
    assert says(street, other_head, merge, "agreed")["state"] == "agreed"

    assert says(street, worker, merge, "confirmed", reason="结婚")["state"] == "confirmed"

    shown = street.phone(spouse).get(f"/households/{home.id}")
    assert shown["id"] == str(other.id), "the old id leads to the new household"
    assert {(each["name"], each["role"]) for each in shown["members"]} == {
        *(("周建国", "head"), ("郑文华", "member"), ("林美玲", "member"))
    }
    assert (street.pot(home).available, street.pot(other).available) == (0, 50)
    assert street.phone(spouse).get(f"/households/{other.id}/wallet")["points"]["available"] == 50
    assert street.findings() == set()


def test_what_the_old_pot_still_gets_goes_the_same_way(street, home, head, other, other_head, worker):
    street.gives_points(street.earned(head, 30), 30)
    body = {"offer_id": str(street.offer().id), "wallet": "household"}
    held = street.phone(head).post("/redemptions", body, key=a_key())
    merge = asks(street, head, home, other)
    says(street, other_head, merge, "agreed")
    says(street, worker, merge, "confirmed")
    assert street.pot(other).available == 20

    street.phone(head).delete(f"/redemptions/{held['id']}")
    with street.inside():
        (job,) = [job for job in JOBS if job.name == "fill-pots"]
        job.run()

    assert (street.pot(home).available, street.pot(other).available) == (0, 30)
    assert street.findings() == set()


def test_nobody_follows_two_steps(street, home, head, other, other_head, worker):
    third = street.household()
    third_head = street.person(household=third, role="head")
    for by, of, into, agrees in ((head, home, other, other_head), (other_head, other, third, third_head)):
        merge = asks(street, by, of, into)
        says(street, agrees, merge, "agreed")
        assert says(street, worker, merge, "confirmed").status == 200

    with street.inside():
        assert {find(Household, each.id).merged_into_id for each in (home, other)} == {third.id}
    newcomer = street.person(verified="none")
    body = {"household_id": str(home.id)}
    assert street.phone(worker).post(f"/people/{newcomer.id}/verification", body)["household"]["id"] == str(third.id)


def test_twelve_in_all_at_most_and_one_merge_at_a_time(street, home, head, other, other_head):
    answers = at_once(*[lambda: asks(street, head, home, other)] * 4)
    assert statuses(answers) == {201: 1, 409: 3}
    says(street, head, next(answer for answer in answers if answer.status == 201), "withdrawn")
    for _ in range(11):
        street.person(household=other)
    assert asks(street, head, home, other).code == "household_full"


def test_only_heads_want_and_only_a_worker_of_neither_household_confirms(street, home, head, spouse, other, other_head):
    assert asks(street, spouse, home, other).status == 403
    assert asks(street, head, home, street.household()).code == "other_head_needed"
    merge = asks(street, head, home, other)
    says(street, other_head, merge, "agreed")
    assert says(street, street.resident(), merge, "confirmed").status == 404
    assert says(street, street.worker(street.area()), merge, "confirmed").status == 404
    insider = street.gives(spouse, "worker", over_area(street.community))
    assert says(street, insider, merge, "confirmed").code == "own_case"
    assert street.rows(select(HouseholdMerge.state)) == ["agreed"]
