"""Somebody is gone: what they had in hand ends, their points go on, their record stays."""

from uuid import UUID

import pytest
from sqlalchemy import select

from backend.activities.models import SignUp
from backend.cli.jobs import JOBS
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find
from backend.foundation.errors import NotFound
from backend.ledger.accounts import CHARITY_POOL
from backend.ledger.reading import wallet_of
from backend.merchants.models import Redemption
from backend.people.models import Person
from backend.people.parting_models import Bequest
from backend.places.offices import the_book


def test_points_also_those_on_hold_go_to_the_household_in_one_deed(street):
    home = street.household()
    person = street.person(household=home)
    street.earned(person, 50)
    redemption = street.held(person, street.offer(price_points=20))["id"]

    street.gone(person)

    assert street.wallet(person).available == street.wallet(person).held == 0
    assert street.pot(home).available == 50
    assert street.rows(select(Redemption.state).where(Redemption.id == UUID(redemption))) == ["released"]
    assert street.findings() == set()


def test_who_leaves_for_good_leaves_to_the_charity_pool(street):
    person = street.resident()
    street.earned(person, 30)

    street.gone(person, cause="erasure")

    with street.inside():
        assert wallet_of(the_book(), CHARITY_POOL, today=shanghai_day(now())).available == 30
    assert street.findings() == set()


def test_nobody_goes_twice_and_nothing_is_moved_where_nothing_is(street):
    person = street.resident()

    street.gone(person)

    assert street.rows(select(Bequest)) == []
    with pytest.raises(NotFound):
        street.gone(person)


def test_what_comes_later_goes_the_same_way(street):
    home = street.household()
    person = street.person(household=home)
    street.earned(person, 20)
    merchant = street.merchant()
    clerk = street.phone(street.clerk(merchant))
    bread = street.held(person, street.offer(merchant, price_points=20))
    assert clerk.post("/redemptions/capture", {"code": bread["code"]}).status == 200
    street.gone(person)

    assert clerk.post(f"/redemptions/{bread['id']}/void", {"reason": "家属退货"}).status == 200
    with street.inside():
        assert next(job for job in JOBS if job.name == "carry-over").run() == 1

    assert street.pot(home).available == 20
    assert street.findings() == set()


def test_their_place_is_free_and_their_login_ends(street):
    person, waiting = street.resident(), street.resident("李四")
    phone = street.phone(person)
    assert phone.get("/me").status == 200
    activity = street.activity(capacity=1)
    for each in (person, waiting):
        assert street.phone(each).post(f"/activities/{activity.id}/sign-ups").status == 201

    street.gone(person)

    states = {place.person_id: place.state for place in street.rows(select(SignUp))}
    assert states == {person.id: "withdrawn", waiting.id: "placed"}
    assert phone.get("/me").status == 401
    with street.inside():
        assert find(Person, person.id).household_id is None
