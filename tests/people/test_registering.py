"""A worker enters somebody without a phone: a resident by this act, of a household or of the worker's area."""

import pytest
from sqlalchemy import select

from backend.people.assisted_models import Registration
from backend.people.models import Person
from backend.people.scopes import over_office
from backend.places.areas import open_household


def enters(street, worker, **more):
    form = {"name": "冯秀珍", "age_class": "adult", "reason": "独居，没有手机"}
    form |= {"consent": {"purposes": ["service"], "paper": True}} | more
    return street.phone(worker).post("/people", form)


@pytest.fixture
def worker(street):
    return street.worker()


def test_whoever_is_entered_is_a_resident(street, worker):
    entered = enters(street, worker)

    assert (entered.status, entered["name"], entered["verified"]) == (201, "冯*珍", "resident")
    assert (entered["age_class"], entered["household"]) == ("adult", None)
    (row,) = street.rows(select(Registration))
    assert (str(row.person_id), row.area_id, row.registrar_id) == (entered["id"], street.community.id, worker.id)
    with street.inside():
        assert row.reason == "独居，没有手机"
    assert "独居".encode() not in row.reason_sealed


def test_they_may_move_in_by_the_same_act(street, worker):
    home = street.household("5号楼502")

    entered = enters(street, worker, household_id=str(home.id))

    assert (entered.status, entered["household"]["name"], entered["household"]["role"]) == (201, "5号楼502", "member")


def test_the_worker_who_entered_them_gives_them_a_card(street, worker):
    entered = enters(street, worker)
    card = {"person_id": entered["id"], "pin": "2468"}

    assert street.phone(street.worker(street.area())).post("/cards", card).status == 404
    assert street.phone(worker).post("/cards", card).status == 201


def test_a_worker_of_the_whole_office_enters_them_anywhere(street):
    anywhere = street.gives(street.resident(), "worker", over_office(street.office))
    area = street.area()

    assert enters(street, anywhere).status == 201
    assert enters(street, anywhere, area_id=str(area.id)).status == 201
    assert (
        street.phone(street.worker(area))
        .post("/cards", {"person_id": enters(street, anywhere, area_id=str(area.id))["id"], "pin": "2468"})
        .status
        == 201
    )


def test_a_worker_enters_nobody_elsewhere(street, worker):
    area = street.area()

    assert enters(street, worker, area_id=str(area.id)).status == 403
    door = street.does(open_household, "9号楼1单元101", area=area)
    assert enters(street, worker, household_id=str(door.id)).status == 403
    assert street.rows(select(Registration)) == []


def test_nobody_is_entered_into_the_own_household(street, worker):
    refused = enters(street, worker, household_id=str(worker.household_id))

    assert (refused.status, refused.code) == (403, "own_desk")


def test_a_child_under_fourteen_is_not_entered_here(street, worker):
    refused = enters(street, worker, age_class="under_14")

    assert (refused.status, refused.code) == (409, "under_fourteen")
    assert street.rows(select(Person).where(Person.verified == "resident", Person.household_id.is_(None))) == []


def test_a_full_household_takes_nobody(street, worker):
    home = street.household()
    for _ in range(12):
        street.person(household=home)

    refused = enters(street, worker, household_id=str(home.id))

    assert (refused.status, refused.code) == (409, "household_full")
    assert street.rows(select(Registration)) == []
