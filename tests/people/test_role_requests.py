"""Officers by two: one asks, another decides, and only then is there an officer more, or less."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.foundation.clock import now
from backend.foundation.db import add, find
from backend.people.role_models import Role, RoleRequest
from backend.people.roles import holders_of
from backend.people.scopes import over_office
from backend.places.models import Household
from tests.builders.races import at_once, codes, deadlocks_counted, statuses

OFFICE = {"type": "office"}


@pytest.fixture
def officer(street):
    return street.officer("李主任")


@pytest.fixture
def first(street, officer):
    return street.phone(officer)


@pytest.fixture
def second(street):
    return street.phone(street.officer("陈主任"))


def ask(phone, person, **more):
    return phone.post("/roles", {"person_id": str(person.id), "role": "officer", "scope": OFFICE} | more)


def decide(phone, asked, decision="approved", **more):
    return phone.put(f"/role-requests/{asked['id']}", {"decision": decision} | more)


def is_officer(street, person):
    return street.phone(person).get("/allocations").status == 200


def role_of(street, person):
    return street.rows(select(Role).where(Role.person_id == person.id, Role.withdrawn_at.is_(None)))[0]


def of_the_family_of(street, person):
    with street.inside():
        return street.person("家人", household=find(Household, person.household_id))


def test_an_officer_asks_a_second_one_decides_and_only_then_there_is_an_officer_more(street, first, second):
    person = street.resident("王主任")

    asked = ask(first, person, reason="新到任")
    assert (asked.status, asked["state"], asked["action"], asked["role_id"]) == (202, "requested", "grant", None)
    assert asked["person"] == {"id": str(person.id), "name": "王主任"}
    assert not is_officer(street, person)

    approved = decide(second, asked, reason="同意")

    assert (approved.status, approved["state"], approved["decision_reason"]) == (200, "approved", "同意")
    assert is_officer(street, person)
    (role,) = street.phone(person).get("/me")["roles"]
    assert role["id"] == approved["role_id"]
    given = second.get("/roles", person_id=str(person.id))["items"][0]
    assert (given["granted_by_id"], given["reason"]) == (str(second.person_id), "新到任")


def test_the_dates_asked_for_are_the_dates_given(street, first, second):
    person, ends_at = street.resident(), now() + timedelta(days=30)

    decide(second, ask(first, person, ends_at=ends_at.isoformat()))

    assert role_of(street, person).ends_at == ends_at


@pytest.mark.parametrize("decision", ["approved", "declined"])
def test_whoever_asked_does_not_decide(street, first, decision):
    person = street.resident()

    refused = decide(first, ask(first, person), decision)

    assert (refused.status, refused.code) == (403, "second_person_needed")
    assert not is_officer(street, person)


def test_nor_do_those_it_is_about_and_the_households_of_both(street, officer, first, second):
    person = street.resident()
    asked = ask(first, person)
    for relative in (of_the_family_of(street, officer), of_the_family_of(street, person)):
        street.gives(relative, "officer", over_office(street.office))
        refused = decide(street.phone(relative), asked)
        assert (refused.status, refused.code) == (403, "second_person_needed")
    leaving = street.officer("王主任")
    about_them = first.delete(f"/roles/{role_of(street, leaving).id}")
    assert decide(street.phone(leaving), about_them).code == "second_person_needed"
    assert decide(second, about_them).status == 200


def test_the_database_refuses_one_person_as_both_too(street, officer):
    person = street.resident()
    facts = {"action": "grant", "person_id": person.id, "requested_at": now(), "state": "declined", "decided_at": now()}

    for more, name in (
        ({"requester_id": officer.id, "decider_id": officer.id}, "two_persons"),
        ({"requester_id": person.id, "decider_id": officer.id}, "nobody_asks_for_themselves"),
        ({"requester_id": officer.id, "decider_id": person.id}, "nobody_decides_about_themselves"),
    ):
        with pytest.raises(IntegrityError, match=name):
            street.does(lambda more=more: add(RoleRequest(**facts, **more)))


def test_a_declined_request_makes_no_officer_and_may_be_made_again(street, first, second):
    person = street.resident()
    asked = ask(first, person)

    assert decide(second, asked, "declined", reason="再议")["decision_reason"] == "再议"
    assert not is_officer(street, person)
    assert ask(first, person)["id"] != asked["id"]


@pytest.mark.parametrize(("said", "then"), [("approved", "declined"), ("declined", "approved")])
def test_deciding_the_same_again_is_fine_and_otherwise_is_refused(street, first, second, said, then):
    asked = ask(first, street.resident())
    decided = decide(second, asked, said)

    again = decide(second, asked, said)
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (200, decided.body, "true")
    refused = decide(second, asked, then)
    assert (refused.status, refused.code, refused["facts"]) == (409, "request_decided", {"state": said})


def test_twenty_decisions_at_once_make_one_officer(street, first, second):
    person = street.resident()
    asked = ask(first, person)
    third = street.phone(street.officer("王主任"))

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda phone=phone: decide(phone, asked) for phone in (second, third) * 10])

    assert (statuses(answers), deadlocks) == ({200: 20}, [])
    assert len({answer["decider_id"] for answer in answers}) == 1
    assert len(street.rows(select(Role).where(Role.person_id == person.id))) == 1


def test_two_officers_who_disagree_at_the_same_moment_are_heard_once(street, first, second):
    third = street.phone(street.officer("王主任"))
    for _ in range(5):
        person = street.resident()
        asked = ask(first, person)

        both = at_once(lambda asked=asked: decide(second, asked), lambda asked=asked: decide(third, asked, "declined"))

        assert (statuses(both), codes(both)) == ({200: 1, 409: 1}, {"request_decided": 1})
        assert is_officer(street, person) == (both[0].status == 200)


def test_asking_again_or_by_many_at_once_is_one_request(street, first, second):
    person = street.resident()

    answers = at_once(*[lambda phone=phone: ask(phone, person) for phone in (first, second) * 5])

    assert statuses(answers) == {202: 10}
    assert len({answer["id"] for answer in answers}) == 1
    assert ask(second, person).headers["Idempotency-Replayed"] == "true"


def test_whoever_is_an_officer_already_answers_with_that(street, first):
    person = street.officer("王主任")

    answer = ask(first, person)

    assert (answer.status, answer["role"], answer["person"]["id"]) == (200, "officer", str(person.id))
    until = ask(first, person, ends_at=(now() + timedelta(days=1)).isoformat())
    assert (until.status, until.code) == (409, "role_held_otherwise")
    assert street.rows(select(RoleRequest)) == []


def test_an_officer_is_withdrawn_by_two_others(street, first, second):
    leaving = street.officer("王主任")

    asked = first.send("DELETE", f"/roles/{role_of(street, leaving).id}", query_string={"reason": "调离"})
    assert (asked.status, asked["action"], asked["state"]) == (202, "withdrawal", "requested")
    assert is_officer(street, leaving)

    assert decide(second, asked).status == 200
    assert not is_officer(street, leaving)
    (ended,) = first.get("/roles", person_id=str(leaving.id), state="ended")["items"]
    assert (ended["withdrawn_by_id"], ended["withdrawal_reason"]) == (str(second.person_id), "调离")


def test_who_steps_down_meanwhile_is_withdrawn_once(street, first, second):
    leaving = street.officer("王主任")
    role = role_of(street, leaving)
    asked = first.delete(f"/roles/{role.id}")
    assert street.phone(leaving).delete(f"/roles/{role.id}").status == 200

    assert decide(second, asked).status == 200
    (ended,) = first.get("/roles", person_id=str(leaving.id), state="ended")["items"]
    assert ended["withdrawn_by_id"] == str(leaving.id)


def test_a_request_of_somebody_who_is_no_officer_any_more_has_one_officer_only(street, officer, first, second):
    person = street.resident()
    asked = ask(first, person)
    street.officer("王主任")
    assert first.delete(f"/roles/{role_of(street, officer).id}").status == 200

    refused = decide(second, asked)

    assert (refused.status, refused.code) == (409, "requester_no_officer")
    assert not is_officer(street, person)
    assert second.get("/role-requests", state="requested")["items"][0]["id"] == asked["id"]
    assert decide(second, asked, "declined").status == 200


def test_two_requests_carried_out_at_once_leave_an_officer(street):
    """Each of two withdrawals is right by itself; both together would leave one, never none."""
    a, b, c = (street.officer(name) for name in ("李主任", "陈主任", "王主任"))
    about_b = street.phone(a).delete(f"/roles/{role_of(street, b).id}")
    about_a = street.phone(b).delete(f"/roles/{role_of(street, a).id}")

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(
            lambda: decide(street.phone(c), about_b),
            lambda: decide(street.phone(c), about_a),
            lambda: street.phone(c).delete(f"/roles/{role_of(street, c).id}"),
        )

    assert deadlocks == []
    assert {answer.status for answer in answers} <= {200, 403, 409}
    with street.inside():
        assert len(holders_of(over_office(street.office), "officer")) >= 1


def test_what_waits_for_a_second_officer_can_be_listed(street, first, second):
    waiting, done = ask(first, street.resident()), ask(first, street.resident())
    decide(second, done)

    listed = second.get("/role-requests", state="requested")["items"]
    assert [item["id"] for item in listed] == [waiting["id"]]
    assert [item["id"] for item in street.phone(street.auditor()).get("/role-requests")["items"]] == [
        done["id"],
        waiting["id"],
    ]


def test_only_officers_ask_and_decide_and_officers_and_auditors_look(street, first):
    asked = ask(first, street.resident())
    for phone in (
        street.phone(street.resident()),
        street.phone(street.worker()),
        street.phone_of(street.group().founder_id),
    ):
        assert ask(phone, street.resident()).status == 403
        assert decide(phone, asked).status == 403
        assert phone.get("/role-requests").status == 403
    assert decide(street.phone(street.auditor()), asked).status == 403


def test_another_offices_request_is_as_missing_as_none(street, other_street, first):
    asked = ask(first, street.resident())
    stranger = other_street.phone(other_street.officer())

    foreign, missing = decide(stranger, asked), decide(stranger, {"id": uuid4()})

    assert foreign.status == missing.status == 404
    assert foreign.body | {"request_id": ""} == missing.body | {"request_id": ""}
    assert stranger.get("/role-requests")["items"] == []


def test_the_command_line_makes_the_first_officers_and_says_so_once(street):
    person = street.resident()

    def on_the_command_line(*more):
        return street.app.test_cli_runner().invoke(
            args=["roles", "grant", str(street.office_id), str(person.id), "officer", *more]
        )

    assert "held already" not in on_the_command_line("--reason", "首任").output
    assert is_officer(street, person)
    assert "held already" in on_the_command_line().output
    assert len(street.rows(select(Role).where(Role.person_id == person.id))) == 1
    assert on_the_command_line("--until", "2020-01-01").exit_code == 2


def test_the_command_line_may_give_a_last_day(street):
    person = street.resident()

    done = street.app.test_cli_runner().invoke(
        args=["roles", "grant", str(street.office_id), str(person.id), "auditor", "--until", "2098-12-31"]
    )

    assert done.exit_code == 0, done.output
    assert role_of(street, person).ends_at == datetime.fromisoformat("2099-01-01T00:00:00+08:00")
