"""The adults elect their head: more than half of all of them, each once, and a worker confirms."""

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from sqlalchemy import select

from backend.foundation.clock import now
from backend.households.election_models import HeadElection
from backend.people.models import Person
from tests.builders.races import at_once, codes, statuses


def nominates(street, by, home, nominee):
    return street.phone(by).post(f"/households/{home.id}/head-elections", {"nominee_id": str(nominee.id)})


def says(street, by, election, decision, **more):
    return street.phone(by).put(f"/head-elections/{election['id']}", {"decision": decision} | more)


def roles(street, home):
    rows = street.rows(select(Person).where(Person.household_id == home.id))
    return {person.id: person.household_role for person in rows}


@pytest.fixture
def adults(street, home, head, spouse):
    """Four adults, the head and the spouse among them, and a minor."""
    street.person("郑小宝", household=home, age_class="14-17")
    return [head, spouse, *(street.person(f"家人{n}", household=home) for n in range(2))]


def test_more_than_half_of_all_adults_elect_and_the_old_head_is_a_member(street, home, adults, worker):
    head, spouse, third, fourth = adults
    election = nominates(street, third, home, spouse)
    assert (election.status, election["state"], election["electors"], election["yes"]) == (201, "open", 4, 1)
    assert says(street, fourth, election, "yes")["state"] == "open", "half of them are not a majority"
    assert says(street, worker, election, "confirmed").code == "not_elected"
    assert says(street, spouse, election, "yes")["state"] == "elected"
    assert roles(street, home)[head.id] == "head", "until a worker confirms"

    confirmed = says(street, worker, election, "confirmed")

    assert (confirmed.status, confirmed["state"], confirmed["nominee"]) == (200, "confirmed", "林*玲")
    assert (roles(street, home)[spouse.id], roles(street, home)[head.id]) == ("head", "member")
    assert list(roles(street, home).values()).count("head") == 1


def test_who_votes_at_once_is_counted_once_each(street, home, head):
    family = [street.person(f"家人{n}", household=home) for n in range(8)]
    election = nominates(street, family[0], home, family[1])

    answers = at_once(*[lambda who=who: says(street, who, election, "yes") for who in [*family[1:5], *family[1:5]]])

    assert set(statuses(answers)) <= {200, 409}
    (row,) = street.rows(select(HeadElection))
    assert (row.yes, row.electors, row.state) == (5, 9, "elected")


def test_a_vote_is_not_taken_back_and_a_minor_has_none(street, home, adults):
    head, spouse, third, fourth = adults
    election = nominates(street, spouse, home, spouse)
    assert says(street, spouse, election, "no").code == "already_voted"
    minor = street.rows(select(Person).where(Person.age_class == "14-17"))[0]
    assert says(street, minor, election, "yes").status == 404
    assert nominates(street, minor, home, spouse).status == 403
    assert nominates(street, third, home, minor).code == "adult_member_needed"
    assert nominates(street, third, home, head).code == "is_head_already"

    assert says(street, head, election, "no")["state"] == "open"
    assert says(street, fourth, election, "no")["state"] == "failed", "no majority is possible any more"
    assert says(street, third, election, "yes").code == "election_over"


def test_one_election_at_a_time_and_it_lapses_after_fourteen_days(street, home, adults):
    _, spouse, third, fourth = adults
    answers = at_once(*[lambda who=who: nominates(street, who, home, spouse) for who in (third, fourth)])
    assert (statuses(answers), codes(answers)) == ({201: 1, 409: 1}, {"election_open": 1})
    election = next(answer for answer in answers if answer.status == 201)

    with time_machine.travel(now() + timedelta(days=14), tick=False):
        assert says(street, spouse, election, "yes").code == "election_over"
        (seen,) = street.phone(third).get("/head-elections", state="lapsed")["items"]
        assert seen["state"] == "lapsed"
        assert nominates(street, third, home, spouse).status == 201


def test_an_adult_without_a_phone_votes_at_the_desk_and_never_through_the_head(street, home, head, worker):
    elder = street.person("冯秀珍", household=home)
    son = street.person("郑文明", household=home)
    election = nominates(street, son, home, elder)
    path, body = f"/head-elections/{election['id']}", {"decision": "yes"}
    for_the_elder = {"X-On-Behalf-Of": str(elder.id)}

    by_head = street.phone(head).send("PUT", path, json=body, headers=for_the_elder | {"X-Channel": "household"})
    assert by_head.status == 403
    at_the_desk = for_the_elder | {"X-Channel": "desk", "X-Reason": quote("没有手机")}
    assert street.phone(worker).send("PUT", path, json=body, headers=at_the_desk)["state"] == "elected"


def test_who_lives_alone_is_elected_by_themselves_and_confirmed_by_a_worker(street, worker):
    alone = street.resident()
    with street.inside():
        home_id = alone.household_id
    election = street.phone(alone).post(f"/households/{home_id}/head-elections", {"nominee_id": str(alone.id)})
    assert election["state"] == "elected"
    assert says(street, alone, election, "confirmed").status == 403

    assert says(street, worker, election, "confirmed").status == 200

    assert street.phone(alone).get("/me")["household"]["role"] == "head"


def test_nobody_confirms_their_own_household_or_sees_anothers(street, worker, home, adults):
    with street.inside():
        own = worker.household_id
    election = street.phone(worker).post(f"/households/{own}/head-elections", {"nominee_id": str(worker.id)})
    assert says(street, worker, election, "confirmed").code == "own_case"
    other = nominates(street, adults[2], home, adults[1])
    assert says(street, street.resident(), other, "yes").status == 404
    assert street.phone(street.resident()).get("/head-elections")["items"] == []
