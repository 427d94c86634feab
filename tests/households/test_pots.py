"""Spending from the pot: up to the head's limit, above it by approval; and what goes into it by itself."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from backend.cli.jobs import JOBS
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.households.pot_models import SpendingRequest
from backend.households.transfer_models import PotTransfer
from backend.merchants.models import Redemption
from tests.builders.phone import a_key
from tests.builders.races import at_once, codes, statuses


@pytest.fixture
def pot(street, home, head):
    """300 points in the pot."""
    street.gives_points(street.earned(head, 300), 300)
    return home


def redeems(street, person, offer, quantity=1, **more):
    body = {"offer_id": str(offer.id), "quantity": quantity, "wallet": "household"}
    return street.phone(person).post("/redemptions", body, key=a_key(), **more)


def wishes(street, by, **asked):
    return street.phone(by).get("/spending-requests", **asked)["items"]


def run(street, name):
    with street.inside():
        (job,) = [job for job in JOBS if job.name == name]
        return job.run()


@pytest.fixture
def rice(street):
    return street.offer(price_points=50, name="大米")


def test_any_adult_spends_up_to_the_limit_and_what_is_taken_back_returns_to_the_pot(street, pot, spouse, rice):
    bought = redeems(street, spouse, rice, 2)
    assert (bought.status, bought["wallet"], bought["points"]) == (201, "household", 100)
    assert (street.pot(pot).available, street.pot(pot).held) == (200, 100)
    assert street.phone(spouse).delete(f"/redemptions/{bought['id']}").status == 200
    assert street.pot(pot).available == 300
    assert street.findings() == set()


def test_above_the_limit_the_head_approves_and_an_approval_is_good_once(street, pot, head, spouse, rice):
    refused = redeems(street, spouse, rice, 3)
    assert (refused.status, refused.code) == (409, "head_approval_needed")
    assert refused["facts"] == {"limit": 100, "points": 150}
    assert (street.pot(pot).held, street.rows(select(Redemption))) == (0, [])
    (wish,) = wishes(street, head, state="asked")
    assert (wish["person"], wish["label"], wish["points"]) == ("林美玲", "大米×3", 150)
    path = f"/spending-requests/{wish['id']}"
    assert street.phone(spouse).put(path, {"decision": "approved"}).status == 403
    assert redeems(street, spouse, rice, 3).code == "head_approval_needed"
    assert len(wishes(street, head)) == 1, "asked once"

    assert street.phone(head).put(path, {"decision": "approved"})["state"] == "approved"

    answers = at_once(*[lambda: redeems(street, spouse, rice, 3)] * 2)
    assert (statuses(answers), codes(answers)) == ({201: 1, 409: 1}, {"head_approval_needed": 1})
    assert street.pot(pot).held == 150
    assert street.findings() == set()


def test_an_approval_is_for_that_many_points_and_ends(street, pot, head, spouse, rice):
    redeems(street, spouse, rice, 3)
    street.phone(head).put(f"/spending-requests/{wishes(street, head)[0]['id']}", {"decision": "approved"})
    with time_machine.travel(now() + timedelta(days=8)):
        assert redeems(street, spouse, rice, 3).code == "head_approval_needed"
    assert redeems(street, spouse, rice, 4).code == "head_approval_needed"
    assert sorted(street.rows(select(SpendingRequest.state))) == ["asked", "withdrawn", "withdrawn"]


def test_the_head_sets_the_limit_and_needs_nobody(street, pot, head, spouse, rice):
    path = f"/households/{pot.id}"
    assert street.phone(spouse).put(path, {"spend_limit_points": 1000}).status == 403
    assert street.phone(head).put(path, {"spend_limit_points": 40})["spend_limit_points"] == 40
    assert redeems(street, spouse, rice).code == "head_approval_needed"

    assert redeems(street, head, rice, 5).status == 201


def test_without_a_head_nobody_spends_above_the_limit(street, rice):
    home = street.household()
    person = street.person(household=home)
    street.gives_points(street.earned(person, 200), 200)

    assert redeems(street, person, rice, 3).code == "no_head_to_approve"
    assert redeems(street, person, rice, 1).status == 201


def test_who_may_not_spend_the_pot(street, pot, rice):
    teenager = street.person("郑大宝", household=pot, age_class="14-17")
    assert redeems(street, teenager, rice).code == "minor_cannot_spend"
    assert redeems(street, street.person(verified="phone", household=pot), rice).code == "resident_needed"
    assert redeems(street, street.person(), rice).code == "no_household"


def test_whoever_has_left_collects_nothing_with_the_pot(street, pot, spouse):
    merchant = street.merchant()
    code = redeems(street, spouse, street.offer(merchant))["code"]
    street.phone(spouse).delete(f"/households/{pot.id}/members/mine")

    refused = street.phone(street.clerk(merchant)).post("/redemptions/capture", {"code": code})

    assert (refused.status, refused.code) == (409, "left_household")


def test_the_counter_captures_and_voids_into_the_pot(street, pot, spouse):
    merchant = street.merchant()
    clerk = street.phone(street.clerk(merchant))
    bought = redeems(street, spouse, street.offer(merchant))
    assert clerk.post("/redemptions/capture", {"code": bought["code"]}).status == 200
    assert street.pot(pot).available == 290
    assert clerk.post(f"/redemptions/{bought['id']}/void", {}).status == 200
    assert street.pot(pot).available == 300
    assert street.findings() == set()


def test_a_household_may_choose_that_awards_go_to_the_pot(street, pot, head, spouse):
    street.phone(head).put(f"/households/{pot.id}", {"awards_to_pot": True})
    street.earned(spouse, 20)
    street.phone(head).put(f"/households/{pot.id}", {"awards_to_pot": False})
    street.earned(spouse, 5)

    assert (street.pot(pot).available, street.wallet(spouse).available) == (320, 5)
    told = [each["facts"]["what"] for each in street.phone(spouse).get("/me/notices")["items"]]
    assert told == ["awards_to_own", "awards_to_pot"]
    assert street.findings() == set()


def test_what_a_minor_earned_before_there_was_a_pot_is_kept_and_goes_into_it(street, pot, worker):
    teenager = street.earned(street.person("郑大宝", verified="phone", age_class="14-17"), 30)
    assert run(street, "fill-pots") == 0
    assert street.wallet(teenager).available == 30
    body = {"household_id": str(pot.id)}
    assert street.phone(worker).post(f"/people/{teenager.id}/verification", body).status == 200

    assert (run(street, "fill-pots"), run(street, "fill-pots")) == (1, 0)

    assert (street.wallet(teenager).available, street.pot(pot).available) == (0, 330)
    assert street.rows(select(PotTransfer.points)) == [30]
    assert street.findings() == set()


def test_verify_finds_rows_about_pots_that_were_edited(street, pot, spouse, worker, rice):
    teenager = street.earned(street.person("郑大宝", verified="phone", age_class="14-17"), 30)
    street.phone(worker).post(f"/people/{teenager.id}/verification", {"household_id": str(pot.id)})
    run(street, "fill-pots")
    redeems(street, spouse, rice)
    other = street.household().id
    assert street.findings() == set()
    for model, edit, broken in (
        (PotTransfer, {"points": 31}, "amount_is_the_same"),
        (PotTransfer, {"into_id": other}, "account_is_the_same"),
        (Redemption, {"household_id": None}, "account_is_the_same"),
    ):
        (row,) = street.rows(select(model))
        before = {name: getattr(row, name) for name in edit}
        for values, expected in ((edit, {broken}), (before, set())):
            street.does(lambda model=model, values=values: session().execute(update(model).values(**values)))
            assert street.findings() == expected
