"""A worker, or the head with the other one's code, confirms the door: somebody is a resident."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.db import session
from backend.people.models import Person
from backend.people.persons import person_code
from backend.people.scopes import over_area
from backend.people.verification_models import Verification
from tests.builders.races import at_once, codes, statuses


def verifies(street, verifier, person, household, **more):
    return street.phone(verifier).post(f"/people/{person.id}/verification", {"household_id": str(household.id)} | more)


def code_of(street, person):
    with street.inside():
        return person_code(person)[0]


def looks_up(street, asker, person):
    return street.phone(asker).post("/people/lookup", {"person_code": code_of(street, person)})


def me(street, person):
    return street.phone(person).get("/me")


@pytest.fixture
def newcomer(street):
    return street.person("新来的", verified="none")


@pytest.fixture
def home(street):
    return street.household("5号楼502")


@pytest.fixture
def head(street, home):
    return street.person("郑文华", household=home, role="head")


# who may


def test_a_worker_of_the_area_confirms_the_door(street, newcomer, home):
    answer = verifies(street, street.worker(), newcomer, home)

    assert (answer.status, answer["verified"], answer["name"]) == (200, "resident", "新*的")
    assert me(street, newcomer)["household"] == {"id": str(home.id), "name": "5号楼502", "role": "member"}
    assert me(street, newcomer)["verified"] == "resident"


def test_so_does_an_officer(street, newcomer, home):
    assert verifies(street, street.officer(), newcomer, home).status == 200


def test_a_worker_of_another_area_does_not(street, newcomer, home):
    refused = verifies(street, street.worker(street.area()), newcomer, home)

    assert (refused.status, refused.code) == (403, "forbidden")
    assert me(street, newcomer)["verified"] == "none"


def test_it_is_written_down_who_confirmed_what_and_why(street, newcomer, home):
    worker = street.worker()
    verifies(street, worker, newcomer, home, role="head", age_class="adult", reason="上门核实")

    with street.inside():
        (written,) = session().scalars(select(Verification))
        assert (written.person_id, written.household_id, written.verifier_id) == (newcomer.id, home.id, worker.id)
        assert (written.household_role, written.verified_as, written.reason) == ("head", "worker", "上门核实")


def test_the_same_again_changes_nothing_and_is_fine(street, newcomer, home):
    worker = street.worker()
    first = verifies(street, worker, newcomer, home)

    assert verifies(street, worker, newcomer, home).body == first.body
    assert len(street.rows(select(Verification))) == 1


def test_nobody_confirms_themselves(street, home):
    worker = street.gives(street.person("社工", verified="none"), "worker", over_area(street.community))

    refused = verifies(street, worker, worker, home)

    assert (refused.status, refused.code) == (403, "own_case")


def test_a_worker_confirms_nobody_for_their_own_household(street, newcomer):
    worker = street.worker()
    with street.inside():
        own = select(Person).where(Person.id == worker.id)
    home_id = street.rows(own)[0].household_id

    refused = street.phone(worker).post(f"/people/{newcomer.id}/verification", {"household_id": str(home_id)})

    assert (refused.status, refused.code) == (403, "own_case")


def test_the_head_takes_in_who_shows_their_code(street, newcomer, home, head):
    answer = verifies(street, head, newcomer, home, person_code=code_of(street, newcomer))

    assert (answer.status, answer["verified"], answer["household"]["role"]) == (200, "resident", "member")
    assert street.rows(select(Verification.verified_as)) == ["head"]


def test_an_id_alone_is_nobodys_consent(street, newcomer, home, head):
    """Else a stranger's points could be made to arrive in somebody's pot."""
    other_code = code_of(street, street.person(verified="none"))
    for more in ({}, {"person_code": other_code}, {"age_class": "14-17"}):
        refused = verifies(street, head, newcomer, home, **more)
        assert (refused.status, set(refused["errors"])) == (422, {"person_code"})
    assert me(street, newcomer)["household"] is None


def test_a_head_makes_nobody_head_and_takes_nobody_into_another_household(street, newcomer, home, head):
    code = code_of(street, newcomer)

    assert verifies(street, head, newcomer, home, role="head", person_code=code).status == 403
    assert verifies(street, head, newcomer, street.household("别人家"), person_code=code).status == 403


def test_a_member_confirms_nobody(street, newcomer, home, head):
    member = street.person("林美玲", household=home)

    refused = verifies(street, member, newcomer, home, person_code=code_of(street, newcomer))

    assert (refused.status, refused.code) == (403, "forbidden")


def test_a_head_does_not_take_anybody_out_of_another_household(street, home, head):
    neighbour = street.resident("周建国")

    refused = verifies(street, head, neighbour, home, person_code=code_of(street, neighbour))

    assert (refused.status, refused.code) == (409, "lives_elsewhere")


def test_a_missing_person_and_a_missing_door_are_404(street, other_street, newcomer, home):
    worker = street.worker()

    assert verifies(street, worker, other_street.person(), home).status == 404
    assert verifies(street, worker, newcomer, other_street.household()).status == 404


# what holds


def test_a_household_has_twelve_people_at_most(street, newcomer, home):
    for _ in range(12):
        street.person(household=home)

    refused = verifies(street, street.worker(), newcomer, home)

    assert (refused.status, refused.code, refused["facts"]) == (409, "household_full", {"most": 12})


def test_two_at_once_do_not_both_take_the_last_place(street, home):
    for _ in range(9):
        street.person(household=home)
    worker = street.worker()
    newcomers = [street.person(verified="none") for _ in range(10)]

    answers = at_once(*[lambda who=who: verifies(street, worker, who, home) for who in newcomers])

    assert statuses(answers) == {200: 3, 409: 7}
    assert codes(answers) == {"household_full": 7}
    assert len(street.rows(select(Person.id).where(Person.household_id == home.id))) == 12


def test_a_household_has_one_head(street, newcomer, home, head):
    refused = verifies(street, street.worker(), newcomer, home, role="head")

    assert (refused.status, refused.code) == (409, "household_has_head")


def test_a_worker_makes_somebody_head_of_a_household_without_one(street, newcomer, home):
    worker = street.worker()
    verifies(street, worker, newcomer, home)

    assert verifies(street, worker, newcomer, home, role="head")["household"]["role"] == "head"


def test_who_lives_there_keeps_their_part_when_confirmed(street, home):
    head = street.person("郑文华", verified="phone", household=home, role="head")

    assert verifies(street, street.worker(), head, home)["household"]["role"] == "head"


def test_somebody_moves_every_ninety_days_unless_a_worker_says_why(street, newcomer, home):
    worker = street.worker()
    other = street.household("7号楼701")
    with time_machine.travel(now(), tick=False) as clock:
        verifies(street, worker, newcomer, home)
        refused = verifies(street, worker, newcomer, other)
        assert (refused.status, refused.code, refused["facts"]["days"]) == (409, "move_too_soon", 90)
        assert verifies(street, worker, newcomer, other, reason="结婚迁入").status == 200
        assert verifies(street, worker, newcomer, home).code == "move_too_soon"
        clock.shift(timedelta(days=90))
        assert verifies(street, worker, newcomer, home).status == 200


def test_a_household_is_not_left_without_its_head(street, home, head):
    street.person("林美玲", household=home)

    refused = verifies(street, street.worker(), head, street.household(), reason="搬家")

    assert (refused.status, refused.code) == (409, "head_stays")


def test_a_head_who_lives_alone_may_move(street, home, head):
    assert verifies(street, street.worker(), head, street.household(), reason="搬家").status == 200


@pytest.mark.parametrize("recorded", [True, False])
def test_nobody_under_fourteen_is_confirmed_by_themselves(street, home, recorded):
    child = street.person("郑小宝", verified="none", age_class="under_14" if recorded else "adult")

    refused = verifies(street, street.worker(), child, home, **({} if recorded else {"age_class": "under_14"}))

    assert (refused.status, refused.code) == (409, "under_fourteen")
    assert me(street, child)["verified"] == "none"


def test_the_class_of_age_is_recorded_and_counts_from_then_on(street, home):
    minor = street.person("郑小宝", verified="none")

    verifies(street, street.worker(), minor, home, age_class="14-17")

    assert street.gives_points(minor, 1).code == "minor_cannot_give"


def test_who_has_moved_in_waits_thirty_days_before_giving_to_the_pot(street, newcomer, home):
    street.earned(newcomer, 10)
    verifies(street, street.worker(), newcomer, home)

    assert street.gives_points(newcomer, 5).code == "gift_too_early"


# looking somebody up


def test_a_code_tells_a_worker_who_shows_it(street, newcomer):
    assert looks_up(street, street.worker(), newcomer).body == {
        "id": str(newcomer.id),
        "name": "新*的",
        "verified": "none",
        "age_class": "adult",
        "has_household": False,
        "household": None,
    }


def test_a_door_is_shown_to_those_who_work_over_it_only(street, head, home):
    neighbour = street.person("周建国", household=street.household("9号楼909"))

    assert looks_up(street, street.worker(), neighbour)["household"]["name"] == "9号楼909"
    for other in (street.worker(street.area()), head):
        seen = looks_up(street, other, neighbour)
        assert (seen.status, seen["has_household"], seen["household"]) == (200, True, None)


def test_nobody_else_looks_anybody_up(street, newcomer):
    for asker in (street.resident(), street.clerk(street.merchant()), street.auditor()):
        assert looks_up(street, asker, newcomer).status == 403


def test_an_old_code_and_one_that_is_none_are_refused(street, newcomer):
    phone = street.phone(street.worker())
    with time_machine.travel(now() - timedelta(minutes=5), tick=False):
        old = code_of(street, newcomer)

    assert phone.post("/people/lookup", {"person_code": old}).code == "code_expired"
    assert phone.post("/people/lookup", {"person_code": "nonsense"}).code == "code_invalid"


def test_a_code_of_another_office_is_refused_with_its_name(street, other_street):
    refused = street.phone(street.worker()).post(
        "/people/lookup", {"person_code": code_of(other_street, other_street.person())}
    )

    assert (refused.status, refused.code) == (409, "code_other_office")
