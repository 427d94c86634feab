"""Roles over HTTP: nobody grants above their own, to themselves or their family; all may step down, but the last."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.people.role_models import Role
from backend.people.roles import grant_role, holders_of, withdraw_role
from backend.people.scopes import over_group, over_merchant, over_office
from backend.places.models import Household
from tests.builders.races import at_once, deadlocks_counted, statuses


def of(kind, row):
    return {"type": kind, "id": str(row.id)}


def give(phone, person, role, scope, **more):
    return phone.post("/roles", {"person_id": str(person.id), "role": role, "scope": scope} | more)


def held(street, person):
    return [(role["role"], role["scope"]["type"]) for role in street.phone(person).get("/me")["roles"]]


@pytest.fixture
def leader(street):
    return street.resident("赵队长")


@pytest.fixture
def group(street, leader):
    return street.group(leader=leader)


def family_of(street, person, **facts):
    with street.inside():
        home = find(Household, person.household_id)
    return street.person("家人", household=home, **facts)


def test_a_leader_makes_a_helper_who_stands_at_the_door_from_the_next_request(street, group, leader):
    helper, activity = street.resident("小李"), street.activity(leader=leader, group=group)
    phone = street.phone(helper)
    assert phone.get(f"/activities/{activity.id}/code").status == 403

    given = give(street.phone(leader), helper, "helper", of("group", group), reason="帮忙签到")

    assert given.status == 201
    assert (given["role"], given["scope"]["name"], given["reason"]) == ("helper", group.name, "帮忙签到")
    assert (given["granted_by_id"], given["agency"], given["withdrawn_at"]) == (str(leader.id), None, None)
    assert given["person"] == {"id": str(helper.id), "name": "小*"}
    assert phone.get(f"/activities/{activity.id}/code").status == 200


def test_asking_for_what_somebody_has_answers_what_they_have(street, group, leader):
    helper = street.resident()
    first = give(street.phone(leader), helper, "helper", of("group", group))

    again = give(street.phone(leader), helper, "helper", of("group", group), reason="再一次")

    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.body == first.body
    assert len(street.rows(select(Role).where(Role.person_id == helper.id))) == 1


def test_the_same_grant_twenty_times_at_once_is_one_role(street, group, leader):
    helper, phone = street.resident(), street.phone(leader)
    until = {"ends_at": (now() + timedelta(days=9)).isoformat()}

    for more in ({}, until):
        someone = street.resident() if more else helper
        with deadlocks_counted(street.app) as deadlocks:
            answers = at_once(
                *[lambda to=someone, more=more: give(phone, to, "helper", of("group", group), **more)] * 20
            )
        assert (statuses(answers), deadlocks) == ({201: 1, 200: 19}, [])
        assert len(street.rows(select(Role).where(Role.person_id == someone.id))) == 1


def test_the_database_refuses_the_same_endless_role_twice_too(street):
    person = street.officer()
    once = street.rows(select(Role).where(Role.person_id == person.id))[0]

    def twice():
        same = {name: getattr(once, name) for name in ("person_id", "role", "scope_type", "scope_name", "scope")}
        session().add(Role(**same, granted_at=now()))
        session().flush()

    with pytest.raises(IntegrityError):
        street.does(twice)


@pytest.mark.parametrize(
    ("kind", "role"),
    [("group", "officer"), ("merchant", "leader"), ("area", "auditor"), ("office", "helper"), ("area", "officer")],
)
def test_a_role_fits_its_scope(street, kind, role):
    scope = {"type": kind, **({} if kind == "office" else {"id": str(uuid4())})}

    refused = give(street.phone(street.officer()), street.resident(), role, scope)

    assert (refused.status, set(refused["errors"])) == (422, {"role"})


def test_the_database_refuses_a_role_over_what_it_does_not_fit(street):
    person, group = street.resident(), street.group()

    with pytest.raises(IntegrityError, match="role_fits_its_scope"):
        street.gives(person, "officer", over_group(group.id, group.name))


@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"type": "group"},
        {"type": "office", "id": "67a76b86-c1e8-43e7-898a-c20b3aa9e760"},
        {"type": "city"},
        {"type": "group", "id": "x"},
        [],
    ],
    ids=str,
)
def test_a_scope_is_named_by_its_type_and_id(street, scope):
    refused = give(street.phone(street.officer()), street.resident(), "helper", scope)

    assert refused.status == 422
    assert all(field.partition(".")[0] == "scope" for field in refused["errors"]), refused["errors"]


@pytest.mark.parametrize("field", ["granted_by_id", "granted_at", "withdrawn_at", "scope_name", "office_id", "id"])
def test_nobody_writes_what_the_row_says_by_itself(street, field):
    refused = give(street.phone(street.officer()), street.resident(), "auditor", {"type": "office"}, **{field: "x"})

    assert (refused.status, set(refused["errors"])) == (422, {field})


def test_nobody_gives_a_role_to_themselves_or_their_family(street, group, leader):
    officer, spouse = street.officer(), family_of(street, leader)

    for phone, person in ((street.phone(leader), leader), (street.phone(leader), spouse)):
        refused = give(phone, person, "helper", of("group", group))
        assert (refused.status, refused.code) == (403, "own_people")
    for person in (officer, family_of(street, officer)):
        assert give(street.phone(officer), person, "auditor", {"type": "office"}).code == "own_people"
    assert give(street.phone(street.worker()), spouse, "helper", of("group", group)).status == 201


def test_nobody_gives_a_role_above_their_own_or_elsewhere(street, group, leader):
    other, shop = street.group(), street.merchant()
    owner, worker = street.clerk(shop, "owner"), street.worker()
    deputy = street.gives(street.resident(), "deputy", over_group(group.id, group.name))
    somebody = street.resident()
    for giver, role, scope in (
        (leader, "leader", of("group", group)),
        (leader, "helper", of("group", other)),
        (leader, "clerk", of("merchant", shop)),
        (deputy, "deputy", of("group", group)),
        (deputy, "helper", of("group", other)),
        (owner, "owner", of("merchant", shop)),
        (owner, "clerk", of("merchant", street.merchant())),
        (worker, "worker", of("area", street.community)),
        (worker, "auditor", {"type": "office"}),
        (worker, "officer", {"type": "office"}),
        (street.clerk(shop), "clerk", of("merchant", shop)),
        (street.helper(group), "helper", of("group", group)),
        (street.auditor(), "helper", of("group", group)),
        (street.resident(), "helper", of("group", group)),
    ):
        refused = give(street.phone(giver), somebody, role, scope)
        assert (refused.status, refused.code) == (403, "forbidden"), (role, scope)
    assert held(street, somebody) == []


def test_a_worker_gives_roles_in_the_area_and_below_it_and_not_in_the_next(street):
    elsewhere = street.area("安宁社区")
    grid = street.area("一网格", kind="grid", parent=street.community)
    there, here, over_the_grid = street.worker(elsewhere), street.worker(), street.worker(grid)
    group, shop = street.group(), street.merchant()

    for scope, role in ((of("group", group), "leader"), (of("merchant", shop), "owner")):
        assert give(street.phone(there), street.resident(), role, scope).status == 403
        assert give(street.phone(over_the_grid), street.resident(), role, scope).status == 403
        assert give(street.phone(here), street.resident(), role, scope).status == 201


def test_who_can_give_nothing_learns_nothing_about_what_there_is(street, group):
    phone, somebody = street.phone(street.resident()), street.resident()

    answers = [
        give(phone, somebody, "helper", of("group", group)),
        phone.post("/roles", {"person_id": str(uuid4()), "role": "helper", "scope": of("group", group)}),
        phone.post(
            "/roles", {"person_id": str(somebody.id), "role": "helper", "scope": {"type": "group", "id": str(uuid4())}}
        ),
    ]

    assert {(answer.status, answer.code) for answer in answers} == {(403, "forbidden")}


def test_another_offices_person_and_group_are_as_missing_as_none(street, other_street, group):
    phone = street.phone(street.officer())
    foreign, missing = (
        give(phone, other_street.resident(), "helper", of("group", group)),
        phone.post("/roles", {"person_id": str(uuid4()), "role": "helper", "scope": of("group", group)}),
    )
    assert foreign.status == missing.status == 404
    assert foreign.body | {"request_id": ""} == missing.body | {"request_id": ""}
    assert give(phone, street.resident(), "helper", of("group", other_street.group())).status == 404


@pytest.mark.parametrize(
    ("role", "needed"),
    [("leader", "resident"), ("deputy", "resident"), ("helper", "phone"), ("worker", "phone"), ("auditor", "phone")],
)
def test_who_is_given_a_role_is_known_well_enough_for_it(street, group, role, needed):
    phone = street.phone(street.officer())
    scope = {"type": "office"} if role in ("worker", "auditor") else of("group", group)
    for verified in ("none", "phone", "resident"):
        answer = give(phone, street.person(verified=verified), role, scope)
        is_enough = verified in (needed, "resident")
        assert answer.status == (201 if is_enough else 409), (verified, answer.body)
        if not is_enough:
            assert answer.code == "verification_needed"
            assert ("居民认证" if needed == "resident" else "手机号验证") in answer["message"]


@pytest.mark.parametrize("role", ["clerk", "owner"])
def test_who_serves_at_a_counter_is_a_resident(street, role):
    shop = of("merchant", street.merchant())
    phone = street.phone(street.officer())

    assert give(phone, street.person(verified="phone"), role, shop).code == "verification_needed"
    assert give(phone, street.resident(), role, shop).status == 201


@pytest.mark.parametrize("age_class", ["14-17", "under_14"])
def test_nobody_under_eighteen_gets_a_role_from_anybody(street, group, leader, age_class):
    child = street.resident(age_class=age_class)

    assert give(street.phone(leader), child, "helper", of("group", group)).code == "adult_needed"
    assert give(street.phone(street.officer()), child, "officer", {"type": "office"}).code == "adult_needed"
    started = street.phone(child).post(
        "/groups", {"name": "小小队", "theme": "玩", "category": "culture_sports", "area_id": str(street.community.id)}
    )
    assert (started.status, started.code) == (409, "adult_needed")
    done = street.app.test_cli_runner().invoke(args=["roles", "grant", str(street.office_id), str(child.id), "officer"])
    assert done.exit_code == 1
    assert held(street, child) == []


# dates


def test_a_role_holds_from_its_start_to_its_end_and_is_listed_before(street, group, leader):
    helper, activity = street.resident(), street.activity(leader=leader, group=group)
    phone, leads = street.phone(helper), street.phone(leader)
    with time_machine.travel(now(), tick=False) as clock:
        day = timedelta(days=1)
        given = give(
            leads,
            helper,
            "helper",
            of("group", group),
            starts_at=(now() + day).isoformat(),
            ends_at=(now() + 2 * day).isoformat(),
        )
        assert given.status == 201
        listed = [leads.get("/roles", person_id=str(helper.id))["items"]]
        door = [phone.get(f"/activities/{activity.id}/code").status]
        shown = [held(street, helper)]
        for _ in range(2):
            clock.shift(day)
            listed.append(leads.get("/roles", person_id=str(helper.id))["items"])
            door.append(phone.get(f"/activities/{activity.id}/code").status)
            shown.append(held(street, helper))

        assert door == [403, 200, 403]
        assert shown == [[], [("helper", "group")], []]
        assert [len(items) for items in listed] == [1, 1, 0]
        ended = leads.get("/roles", person_id=str(helper.id), state="ended")["items"]
        assert [item["id"] for item in ended] == [given["id"]]


def test_a_role_over_its_end_may_be_given_again_and_one_for_next_year_already_today(street, group, leader):
    helper, phone = street.resident(), street.phone(leader)
    with time_machine.travel(now(), tick=False) as clock:
        day = timedelta(days=1)
        until = (now() + day).isoformat()
        assert give(phone, helper, "helper", of("group", group), ends_at=until).status == 201
        later = {"starts_at": until, "ends_at": (now() + 3 * day).isoformat()}
        assert give(phone, helper, "helper", of("group", group), **later).status == 201
        assert give(phone, helper, "helper", of("group", group), **later).status == 200
        clock.shift(4 * day)
        assert give(phone, helper, "helper", of("group", group)).status == 201


def test_two_periods_of_one_role_do_not_overlap(street, group, leader):
    helper, phone = street.resident(), street.phone(leader)
    until = now() + timedelta(days=5)
    give(phone, helper, "helper", of("group", group), ends_at=until.isoformat())

    for more in (
        {},
        {"ends_at": (until + timedelta(days=1)).isoformat()},
        {"starts_at": (until - timedelta(days=1)).isoformat()},
    ):
        refused = give(phone, helper, "helper", of("group", group), **more)
        assert (refused.status, refused.code) == (409, "role_held_otherwise")
        assert datetime.fromisoformat(refused["facts"]["ends_at"]) == until


def test_an_end_that_has_passed_or_lies_before_the_start_is_422(street, group, leader):
    phone, helper, at = street.phone(leader), street.resident(), now()
    for more in (
        {"ends_at": (at - timedelta(seconds=1)).isoformat()},
        {"starts_at": (at + timedelta(days=2)).isoformat(), "ends_at": (at + timedelta(days=1)).isoformat()},
    ):
        refused = give(phone, helper, "helper", of("group", group), **more)
        assert (refused.status, set(refused["errors"])) == (422, {"ends_at"})


def test_a_role_that_has_not_begun_gives_nothing_and_is_no_holder(street, group, leader):
    future = now() + timedelta(days=1)
    person = street.resident()
    street.does(grant_role, person.id, "leader", over_group(group.id, group.name), granted_by_id=None, starts_at=future)

    assert give(street.phone(person), street.resident(), "helper", of("group", group)).status == 403
    with street.inside():
        assert set(holders_of(over_group(group.id, group.name), "leader")) == {leader.id}


# withdrawing and stepping down


def a_role_of(street, person):
    return street.rows(select(Role).where(Role.person_id == person.id, Role.withdrawn_at.is_(None)))[0]


def take(phone, role, **query):
    return phone.send("DELETE", f"/roles/{role.id}", query_string=query)


def test_a_withdrawn_role_says_who_when_and_why_and_ends_at_once(street, group, leader):
    helper, activity = street.helper(group), street.activity(leader=leader, group=group)
    role = a_role_of(street, helper)
    assert street.phone(helper).get(f"/activities/{activity.id}/code").status == 200

    taken = take(street.phone(leader), role, reason="搬走了")

    assert (taken.status, taken["withdrawn_by_id"], taken["withdrawal_reason"]) == (200, str(leader.id), "搬走了")
    assert street.phone(helper).get(f"/activities/{activity.id}/code").status == 403
    again = take(street.phone(leader), role, reason="另一个理由")
    assert (again.status, again.headers["Idempotency-Replayed"], again.body) == (200, "true", taken.body)


def test_whoever_may_give_a_role_may_withdraw_it_and_nobody_else(street, group, leader):
    helper = street.helper(group)
    role = a_role_of(street, helper)
    for phone, status in (
        (street.phone(street.resident()), 404),
        (street.phone_of(street.group().founder_id), 404),
        (street.phone(street.helper(group)), 404),
        (street.phone(street.worker(street.area())), 404),
        (street.phone(street.clerk(street.merchant(), "owner")), 404),
        (street.phone(street.auditor()), 403),
    ):
        assert take(phone, role).status == status
    deputy = street.gives(street.resident(), "deputy", over_group(group.id, group.name))
    assert take(street.phone(deputy), a_role_of(street, leader)).status == 403
    assert take(street.phone(leader), a_role_of(street, leader)).status == 409
    assert take(street.phone(deputy), role).status == 200


def test_a_withdrawal_at_once_by_many_happens_once(street, group, leader):
    role = a_role_of(street, street.helper(group))
    phones = (street.phone(leader), street.phone(street.worker()))

    answers = at_once(*[lambda phone=phone: take(phone, role) for phone in phones * 5])

    assert statuses(answers) == {200: 10}
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert len({answer["withdrawn_by_id"] for answer in answers}) == 1


def test_everybody_may_give_up_a_role_of_their_own(street, group):
    shop = street.merchant()
    for person in (street.helper(group), street.clerk(shop), street.worker(), street.auditor()):
        assert take(street.phone(person), a_role_of(street, person), reason="不做了").status == 200
        assert held(street, person) == []


def test_the_last_leader_hands_over_first(street, group, leader):
    phone = street.phone(leader)
    refused = take(phone, a_role_of(street, leader))
    assert (refused.status, refused.code) == (409, "last_leader")

    successor = street.resident()
    assert give(street.phone(street.worker()), successor, "leader", of("group", group)).status == 201

    assert take(phone, a_role_of(street, leader)).status == 200
    assert take(street.phone(successor), a_role_of(street, successor)).code == "last_leader"


def test_a_leader_who_has_not_begun_is_nobody_to_hand_over_to(street, group, leader):
    later = (now() + timedelta(days=3)).isoformat()
    give(street.phone(street.worker()), street.resident(), "leader", of("group", group), starts_at=later)

    assert take(street.phone(leader), a_role_of(street, leader)).code == "last_leader"


def test_a_worker_may_withdraw_the_last_leader(street, group, leader):
    assert take(street.phone(street.worker()), a_role_of(street, leader), reason="失联").status == 200
    assert held(street, leader) == []


def test_two_leaders_who_leave_at_once_leave_one(street):
    for _ in range(5):
        first, second = street.resident(), street.resident()
        group = street.group(leader=first)
        street.gives(second, "leader", over_group(group.id, group.name))
        roles = [a_role_of(street, person) for person in (first, second)]

        with deadlocks_counted(street.app) as deadlocks:
            answers = at_once(
                *[
                    lambda who=who, role=role: take(street.phone(who), role)
                    for who, role in zip((first, second), roles, strict=True)
                ]
            )

        assert (statuses(answers), deadlocks) == ({200: 1, 409: 1}, [])
        with street.inside():
            assert len(holders_of(over_group(group.id, group.name), "leader")) == 1


def test_the_last_officer_stays_however_they_are_asked(street):
    officer = street.officer()

    refused = take(street.phone(officer), a_role_of(street, officer))

    assert (refused.status, refused.code) == (409, "last_officer")
    role = a_role_of(street, officer)
    with pytest.raises(Exception, match="last_officer"):
        street.does(lambda: withdraw_role(find(Role, role.id), withdrawn_by_id=None))


def test_an_officer_whose_time_is_up_does_not_count_as_another(street):
    officer, other = street.officer(), street.resident()
    with time_machine.travel(now(), tick=False) as clock:
        ends = now() + timedelta(days=1)
        street.does(grant_role, other.id, "officer", over_office(street.office), granted_by_id=None, ends_at=ends)
        clock.shift(timedelta(days=2))
        assert take(street.phone(officer), a_role_of(street, officer)).code == "last_officer"


def test_of_the_last_two_officers_who_leave_at_once_one_remains(street):
    for _ in range(5):
        two = [street.officer(), street.officer("陈主任")]
        # Those of the round before, so that these are the last.
        street.does(
            lambda two=two: session().execute(
                update(Role).where(Role.person_id.not_in([each.id for each in two])).values(withdrawn_at=now())
            )
        )
        roles = [a_role_of(street, person) for person in two]

        with deadlocks_counted(street.app) as deadlocks:
            answers = at_once(
                *[
                    lambda who=who, role=role: take(street.phone(who), role)
                    for who, role in zip(two, roles, strict=True)
                ]
            )

        assert (statuses(answers), deadlocks) == ({200: 1, 409: 1}, [])
        with street.inside():
            assert len(holders_of(over_office(street.office), "officer")) == 1


def test_an_officer_who_lost_the_role_a_moment_ago_gives_nothing_with_it(street, group):
    officer = street.officer()
    street.officer("陈主任")
    assert give(street.phone(officer), street.resident(), "auditor", {"type": "office"}).status == 201

    take(street.phone(officer), a_role_of(street, officer))

    assert give(street.phone(officer), street.resident(), "auditor", {"type": "office"}).status == 403


# lists


def listed(phone, **asked):
    return {(item["role"], item["person"]["id"]) for item in phone.get("/roles", **asked)["items"]}


def test_what_somebody_may_give_or_withdraw_they_can_list(street, group, leader):
    shop = street.merchant()
    helper, clerk = street.helper(group), street.clerk(shop)
    owner, deputy = street.clerk(shop, "owner"), street.resident()
    street.gives(deputy, "deputy", over_group(group.id, group.name))
    worker, auditor = street.worker(), street.auditor()
    other = street.group()
    of_the_group = {("leader", str(leader.id)), ("deputy", str(deputy.id)), ("helper", str(helper.id))}
    of_the_shop = {("owner", str(owner.id)), ("clerk", str(clerk.id))}
    of_the_other = {("leader", str(other.founder_id))}
    staff = {("worker", str(worker.id)), ("auditor", str(auditor.id))}

    assert listed(street.phone(leader)) == listed(street.phone(deputy)) == of_the_group
    assert listed(street.phone(owner)) == of_the_shop
    assert listed(street.phone(worker)) == of_the_group | of_the_shop | of_the_other | {("worker", str(worker.id))}
    assert listed(street.phone(street.worker(street.area())), role="leader") == set()
    assert listed(street.phone(auditor)) >= of_the_group | of_the_shop | of_the_other | staff
    assert listed(street.phone(helper)) == {("helper", str(helper.id))}
    assert listed(street.phone(clerk)) == {("clerk", str(clerk.id))}
    assert listed(street.phone(street.resident())) == set()


def test_a_list_of_roles_is_filtered_and_paged(street, group):
    officer, helpers = street.officer(), {street.helper(group).id for _ in range(3)}
    phone = street.phone(officer)

    first = phone.get("/roles", scope_type="group", scope_id=str(group.id), role="helper", limit=2)
    rest = phone.get("/roles", scope_type="group", scope_id=str(group.id), role="helper", limit=2, cursor=first["next"])

    assert {item["person"]["id"] for item in first["items"] + rest["items"]} == {str(each) for each in helpers}
    assert rest["next"] is None
    assert listed(phone, person_id=str(officer.id)) == {("officer", str(officer.id))}
    assert phone.get("/roles", role="king").status == phone.get("/roles", scope_id="x").status == 422


def test_names_are_read_in_full_by_workers_and_officers_only(street, group, leader):
    street.gives(street.resident("欧阳小英"), "helper", over_group(group.id, group.name))

    def name(phone):
        return phone.get("/roles", role="helper")["items"][0]["person"]["name"]

    assert name(street.phone(leader)) == name(street.phone(street.auditor())) == "欧**英"
    assert name(street.phone(street.officer())) == name(street.phone(street.worker())) == "欧阳小英"


def test_a_role_is_no_key_to_another_office(street, other_street):
    role = a_role_of(street, street.worker())
    phone = other_street.phone(other_street.officer())

    assert phone.get("/roles", person_id=str(role.person_id))["items"] == []
    foreign, missing = take(phone, role), phone.delete(f"/roles/{uuid4()}")
    assert foreign.status == missing.status == 404
    assert foreign.body | {"request_id": ""} == missing.body | {"request_id": ""}


def test_a_resident_is_verified_and_holds_no_role_for_it(street):
    me = street.phone(street.resident()).get("/me")

    assert (me["verified"], me["roles"]) == ("resident", [])


def test_a_scope_that_only_begins_alike_is_not_covered(street):
    shop = street.merchant()
    owner = street.caller(street.clerk(shop, "owner"))
    path = over_merchant(shop.id, shop.name).path

    assert owner.holds("owner", over=path)
    assert not owner.holds("owner", over=path + "0")
