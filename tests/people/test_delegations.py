"""Agencies act by delegated, dated rights: lent by two officers, used by whom the manager names, never passed on."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.people.role_models import Delegation, Role
from backend.places.models import Household
from tests.builders.races import at_once, deadlocks_counted, statuses

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


@pytest.fixture
def agency(first):
    answer = first.post("/agencies", {"name": "阳光社工事务所", "kind": "agency"})
    assert answer.status == 201, answer.body
    return answer


@pytest.fixture
def manager(street):
    return street.person("刘主管", verified="phone")


@pytest.fixture
def managing(street, manager):
    return street.phone(manager)


def here(street):
    return {"type": "area", "id": str(street.community.id)}


def ask(street, phone, agency, manager, **more):
    form = {"manager_id": str(manager.id), "role": "worker", "scope": here(street)}
    form["ends_at"] = (now() + timedelta(days=365)).isoformat()
    return phone.post(f"/agencies/{agency['id']}/delegations", form | more)


def decide(phone, asked, decision="approved", **more):
    return phone.put(f"/delegations/{asked['id']}", {"decision": decision} | more)


@pytest.fixture
def delegation(street, first, second, agency, manager):
    """Work over the community, delegated for a year."""
    return decide(second, ask(street, first, agency, manager))


def name_somebody(phone, delegation, person, **more):
    form = {"person_id": str(person.id), "role": delegation["role"], "delegation_id": delegation["id"]}
    scope = {name: value for name, value in delegation["scope"].items() if name != "name" and value}
    return phone.post("/roles", form | {"scope": scope} | more)


def works_here(street, person, group):
    return street.phone(person).get(f"/groups/{group.id}/applications").status == 200


def test_an_agency_is_written_down_once_and_may_do_nothing_yet(street, first, agency):
    again = first.post("/agencies", {"name": "阳光社工事务所", "kind": "federation"})

    assert (again.status, again.code) == (409, "agency_name_taken")
    (shown,) = street.phone(street.resident()).get("/agencies")["items"]
    assert (shown["name"], shown["kind"]) == ("阳光社工事务所", "agency")


def test_a_manager_names_a_worker_who_does_what_a_worker_does_and_shows_for_whom(
    street, delegation, agency, manager, managing
):
    group, social_worker = street.group(), street.person("小周", verified="phone")
    assert not works_here(street, social_worker, group)

    named = name_somebody(managing, delegation, social_worker, reason="驻点社工")

    assert (named.status, named["agency"]) == (201, {"id": agency["id"], "name": "阳光社工事务所"})
    assert (named["granted_by_id"], named["delegation_id"]) == (str(manager.id), delegation["id"])
    assert works_here(street, social_worker, group)
    (mine,) = street.phone(social_worker).get("/me")["roles"]
    assert (mine["role"], mine["agency"]["name"]) == ("worker", "阳光社工事务所")
    assert datetime.fromisoformat(mine["ends_at"]) == datetime.fromisoformat(delegation["ends_at"])


def test_nothing_is_delegated_before_a_second_officer_agrees(street, first, second, agency, manager, managing):
    asked = ask(street, first, agency, manager)
    assert (asked.status, asked["state"], asked["manager"]["name"]) == (201, "requested", "刘主管")
    person = street.resident()

    refused = name_somebody(managing, asked, person)
    assert (refused.status, refused.code) == (409, "delegation_not_in_force")
    for decision in ("approved", "declined"):
        assert decide(first, asked, decision).code == "second_person_needed"

    assert decide(second, asked, reason="合同已签")["state"] == "approved"
    assert name_somebody(managing, asked, person).status == 201


def test_a_declined_delegation_lends_nothing(street, first, second, agency, manager, managing):
    asked = ask(street, first, agency, manager)

    assert decide(second, asked, "declined")["state"] == "declined"
    assert name_somebody(managing, asked, street.resident()).code == "delegation_not_in_force"
    refused = first.delete(f"/delegations/{asked['id']}")
    assert (refused.status, refused.code) == (409, "delegation_decided")


def test_deciding_the_same_again_is_fine_and_otherwise_is_refused(first, second, delegation):
    again = decide(second, delegation)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    refused = decide(second, delegation, "declined")
    assert (refused.status, refused.code, refused["facts"]) == (409, "delegation_decided", {"state": "approved"})
    first.delete(f"/delegations/{delegation['id']}")
    assert decide(second, delegation)["facts"] == {"state": "withdrawn"}


def test_two_officers_who_disagree_at_the_same_moment_are_heard_once(street, first, second, agency):
    third = street.phone(street.officer("王主任"))
    for _ in range(5):
        asked = ask(street, first, agency, street.resident())

        both = at_once(lambda asked=asked: decide(second, asked), lambda asked=asked: decide(third, asked, "declined"))

        assert statuses(both) == {200: 1, 409: 1}


def test_asking_for_the_same_by_many_at_once_is_one_request(street, first, second, agency, manager):
    answers = at_once(*[lambda phone=phone: ask(street, phone, agency, manager) for phone in (first, second) * 5])

    assert statuses(answers) == {201: 1, 200: 9}
    assert len({answer["id"] for answer in answers}) == 1


def test_neither_the_manager_nor_their_family_decide(street, first, agency):
    manager = street.officer("刘主任")
    with street.inside():
        home = find(Household, manager.household_id)
    spouse = street.person("家人", household=home)
    asked = ask(street, first, agency, manager)
    assert decide(street.phone(manager), asked).code == "second_person_needed"
    assert ask(street, street.phone(manager), agency, spouse).code == "own_people"
    assert ask(street, street.phone(manager), agency, manager).code == "own_people"


@pytest.mark.parametrize("role", ["officer", "leader", "helper", "owner", "clerk"])
def test_only_work_and_audit_are_delegated(street, first, agency, manager, role):
    refused = ask(street, first, agency, manager, role=role)

    assert (refused.status, set(refused["errors"])) == (422, {"role"})


def test_a_delegation_has_an_end_at_most_three_years_away(street, first, agency, manager):
    at = now()
    for more in (
        {"ends_at": None},
        {"ends_at": (at + timedelta(days=1097)).isoformat()},
        {"ends_at": (at - timedelta(days=1)).isoformat()},
        {
            "starts_at": (at + timedelta(days=9)).isoformat(),
            "ends_at": (at + timedelta(days=9 + 1097)).isoformat(),
        },
    ):
        refused = ask(street, first, agency, manager, **more)
        assert (refused.status, set(refused["errors"])) == (422, {"ends_at"}), more
    assert ask(street, first, agency, manager, ends_at=(at + timedelta(days=1096)).isoformat()).status == 201


def test_the_database_refuses_a_delegated_role_without_an_end(street, delegation):
    person = street.resident()
    with street.inside():
        lent = find(Delegation, UUID(delegation["id"]))

    def endless():
        facts = {name: getattr(lent, name) for name in ("role", "scope_type", "scope_id", "scope_name", "scope")}
        session().add(Role(**facts, person_id=person.id, granted_at=now(), delegation_id=lent.id))
        session().flush()

    with pytest.raises(IntegrityError, match="delegated_roles_end"):
        street.does(endless)


def test_people_are_named_within_the_role_the_scope_and_the_dates(street, delegation, managing):
    grid = street.area("一网格", kind="grid", parent=street.community)
    elsewhere, late = street.area("安宁社区"), datetime.fromisoformat(delegation["ends_at"]) + timedelta(seconds=1)
    person, group = street.resident(), street.group()
    for more in (
        {"scope": OFFICE},
        {"scope": {"type": "area", "id": str(elsewhere.id)}},
        {"scope": OFFICE, "role": "auditor"},
        {"scope": {"type": "group", "id": str(group.id)}, "role": "leader"},
        {"ends_at": late.isoformat()},
        {"starts_at": (now() - timedelta(days=1)).isoformat()},
    ):
        refused = name_somebody(managing, delegation, person, **more)
        assert (refused.status, refused.code) == (403, "outside_delegation"), more
    assert name_somebody(managing, delegation, person, scope={"type": "area", "id": str(grid.id)}).status == 201


def test_an_audit_may_be_delegated_over_the_office(street, first, second, agency, manager, managing):
    asked = decide(second, ask(street, first, agency, manager, role="auditor", scope=OFFICE))
    auditor = street.resident()

    assert name_somebody(managing, asked, auditor).status == 201
    assert street.phone(auditor).get("/allocations").status == 200
    assert (
        street.phone(auditor).post("/funds", {"name": "资金", "source": "fiscal", "fen_per_100_points": 1}).status
        == 403
    )


def test_a_manager_names_neither_themselves_nor_their_family_and_an_officer_may(street, first, second, agency):
    manager = street.resident("刘主管")
    with street.inside():
        spouse = street.person("家人", household=find(Household, manager.household_id))
    lent = decide(second, ask(street, first, agency, manager))

    for person in (manager, spouse):
        refused = name_somebody(street.phone(manager), lent, person)
        assert (refused.status, refused.code) == (403, "own_people")
    assert name_somebody(first, lent, manager).status == 201


def test_nobody_else_names_anybody_from_a_delegation(street, delegation):
    for phone in (street.phone(street.resident()), street.phone(street.worker())):
        assert name_somebody(phone, delegation, street.resident()).status == 404
    auditor = street.phone(street.auditor())  # who sees it all the same
    assert name_somebody(auditor, delegation, street.resident()).status == 403
    assert auditor.delete(f"/delegations/{delegation['id']}").status == 403


def test_what_is_delegated_is_not_passed_on(street, delegation, managing):
    group, social_worker = street.group(), street.resident()
    name_somebody(managing, delegation, social_worker)
    phone = street.phone(social_worker)

    for role, scope in (
        ("helper", {"type": "group", "id": str(group.id)}),
        ("clerk", {"type": "merchant", "id": str(street.merchant().id)}),
        ("worker", here(street)),
    ):
        refused = phone.post("/roles", {"person_id": str(street.resident().id), "role": role, "scope": scope})
        assert (refused.status, refused.code) == (403, "forbidden")
    assert name_somebody(phone, delegation, street.resident()).status == 404
    assert [item["role"] for item in phone.get("/roles")["items"]] == ["worker"]


def test_the_manager_lists_and_withdraws_whom_they_named_and_no_others(street, delegation, managing):
    named = name_somebody(managing, delegation, street.resident())
    other = street.rows(select(Role).where(Role.person_id == street.worker().id))[0]

    assert [item["id"] for item in managing.get("/roles")["items"]] == [named["id"]]
    assert managing.delete(f"/roles/{other.id}").status == 404
    taken = managing.send("DELETE", f"/roles/{named['id']}", query_string={"reason": "离职"})
    assert (taken.status, taken["withdrawal_reason"]) == (200, "离职")


def test_withdrawing_a_delegation_ends_every_role_that_came_of_it_in_the_same_moment(
    street, first, officer, delegation, managing
):
    group, people = street.group(), [street.resident() for _ in range(3)]
    for person in people:
        assert name_somebody(managing, delegation, person).status == 201
    assert all(works_here(street, person, group) for person in people)

    ended = first.send("DELETE", f"/delegations/{delegation['id']}", query_string={"reason": "合同到期"})

    assert (ended.status, ended["state"], ended["withdrawal_reason"]) == (200, "withdrawn", "合同到期")
    assert not any(works_here(street, person, group) for person in people)
    with street.inside():
        given = session().scalars(select(Role).where(Role.delegation_id.is_not(None)))
        said = {(row.withdrawn_by_id, row.withdrawal_reason) for row in given}
    assert said == {(officer.id, "合同到期")}
    assert name_somebody(managing, delegation, street.resident()).code == "delegation_not_in_force"
    again = first.delete(f"/delegations/{delegation['id']}")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")


def test_whoever_is_named_while_the_delegation_is_withdrawn_does_not_outlive_it(street, first, second, agency):
    for _ in range(5):
        manager = street.resident("刘主管")
        lent = decide(second, ask(street, first, agency, manager))
        people = [street.resident() for _ in range(4)]

        with deadlocks_counted(street.app) as deadlocks:
            at_once(
                lambda lent=lent: first.delete(f"/delegations/{lent['id']}"),
                *[
                    lambda lent=lent, who=manager, to=person: name_somebody(street.phone(who), lent, to)
                    for person in people
                ],
            )

        assert deadlocks == []
        assert (
            street.rows(select(Role).where(Role.delegation_id == UUID(lent["id"]), Role.withdrawn_at.is_(None))) == []
        )


def test_a_delegation_ends_on_its_day_and_begins_on_its_day(street, first, second, agency, manager, managing):
    group, social_worker = street.group(), street.resident()
    with time_machine.travel(now(), tick=False) as clock:
        day = timedelta(days=1)
        lent = decide(
            second,
            ask(
                street,
                first,
                agency,
                manager,
                starts_at=(now() + day).isoformat(),
                ends_at=(now() + 2 * day).isoformat(),
            ),
        )
        assert name_somebody(managing, lent, social_worker).status == 201
        works = [works_here(street, social_worker, group)]
        for _ in range(2):
            clock.shift(day)
            works.append(works_here(street, social_worker, group))

        assert works == [False, True, False]
        assert name_somebody(managing, lent, street.resident()).code == "delegation_not_in_force"


def test_delegations_are_seen_by_their_manager_officers_and_auditors(street, first, delegation, managing):
    def ids(phone):
        return [item["id"] for item in phone.get("/delegations")["items"]]

    assert ids(first) == ids(managing) == ids(street.phone(street.auditor())) == [delegation["id"]]
    assert ids(street.phone(street.resident())) == ids(street.phone(street.worker())) == []
    for phone in (street.phone(street.resident()), street.phone(street.worker())):
        assert phone.delete(f"/delegations/{delegation['id']}").status == 404
        assert phone.post("/agencies", {"name": "别家", "kind": "agency"}).status == 403
        assert decide(phone, delegation).status == 403
    assert managing.delete(f"/delegations/{delegation['id']}").status == 200


def test_another_offices_agency_and_delegation_are_as_missing_as_none(street, other_street, delegation, agency):
    stranger = other_street.phone(other_street.officer())
    manager = other_street.resident()

    foreign, missing = decide(stranger, delegation), decide(stranger, {"id": uuid4()})
    assert foreign.status == missing.status == 404
    assert foreign.body | {"request_id": ""} == missing.body | {"request_id": ""}
    assert ask(other_street, stranger, agency, manager).status == 404
    assert name_somebody(stranger, delegation, manager).status == 404
    assert stranger.delete(f"/delegations/{delegation['id']}").status == 404
    assert stranger.get("/agencies")["items"] == stranger.get("/delegations")["items"] == []
