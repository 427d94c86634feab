"""Whatever changes what somebody may do is told in the same transaction, in order, and nothing else is."""

import re
from collections import defaultdict
from functools import cache

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from backend.foundation.clock import now
from backend.foundation.db import add, find, insert_once, session
from backend.foundation.errors import Conflict
from backend.people import log_in as logging_in
from backend.people.access_feed import access_changed, changes_after, reached
from backend.people.devices import begin_device, end_devices_of
from backend.people.models import Person
from backend.people.role_models import Role
from backend.people.roles import grant_role
from backend.people.scopes import over_office
from backend.people.session_models import AccessChange, Block, Device
from backend.people.standing import move_in
from tests.builders.races import at_once
from tests.builders.street import Street
from tests.test_access import ROWS, Stage, asked, braces, works


def told_by(street, deed):
    """Whom the feed names because of a deed: (person, device)."""
    with street.inside():
        before = reached()
    street.does(deed)
    with street.inside():
        return [(change.person_id, change.device_id) for change in changes_after(before, at_most=1000)]


def changed(model, identifier, **values):
    def change():
        row = find(model, identifier)
        for name, value in values.items():
            setattr(row, name, value)

    return change


def test_a_new_role_names_its_holder(street):
    person = street.resident()

    grant = told_by(street, lambda: grant_role(person.id, "officer", over_office(street.office), granted_by_id=None))

    assert grant == [(person.id, None)]


@pytest.mark.parametrize("name", ["withdrawn_at", "ends_at"])
def test_a_role_that_ends_names_its_holder(street, name):
    officer = street.officer()
    (role,) = street.rows(select(Role))

    assert told_by(street, changed(Role, role.id, **{name: now()})) == [(officer.id, None)]


def test_whoever_moves_or_is_verified_is_named(street):
    person, home = street.person(verified="phone"), street.household()

    def moves():
        move_in(find(Person, person.id), home.id, role="member", at=now())

    assert told_by(street, moves) == [(person.id, None)]
    assert told_by(street, changed(Person, person.id, verified="resident")) == [(person.id, None)]


def test_a_device_that_ends_is_named_and_no_other_one(street):
    person = street.resident()
    first, _ = (street.does(begin_device, person.id, name=None, installation_id=None).id for _ in range(2))

    assert told_by(street, changed(Device, first, ended_at=now(), end_reason="removed")) == [(person.id, first)]


def test_what_concerns_no_access_is_not_told(street):
    person = street.resident()
    login = street.does(logging_in.log_in, "mei", office_id=street.office_id)

    assert told_by(street, changed(Person, person.id, elder_mode=True)) == []
    assert told_by(street, changed(Person, person.id, verified="resident")) == []  # as before
    assert told_by(street, lambda: setattr(find(Person, person.id), "name", "李雷")) == []
    assert told_by(street, lambda: logging_in.log_in("new", office_id=street.office_id)) == []
    assert told_by(street, lambda: logging_in.refresh(login.refresh_token)) == []
    assert told_by(street, lambda: session().execute(update(Person).values(elder_mode=True))) == []


def test_a_statement_that_says_for_whom_names_them(street):
    person = street.person(verified="none")

    def verify():
        statement = update(Person).where(Person.id == person.id, Person.verified == "none")
        session().execute(statement.values(verified="phone"))
        access_changed(person.id)

    assert told_by(street, verify) == [(person.id, None)]


@pytest.mark.parametrize(
    "forgetful",
    [
        lambda person: update(Person).where(Person.id == person.id).values(verified="phone"),
        lambda person: update(Person).where(Person.id == person.id).values({Person.verified: "phone"}),
        lambda person: update(Role).where(Role.person_id == person.id).values(withdrawn_at=now()),
        lambda person: update(Device).values(ended_at=now(), end_reason="removed"),
    ],
)
def test_a_statement_that_does_not_is_told_to_everybody(street, forgetful):
    """Slow, because everybody is looked up once, but never wrong."""
    person = street.officer()

    assert told_by(street, lambda: session().execute(forgetful(person))) == [(None, None)]


def test_a_role_inserted_by_statement_is_told(street):
    person = street.resident()
    role = {"person_id": person.id, "role": "worker", "scope_type": "office", "scope_name": "x", "scope": "/"}

    assert told_by(street, lambda: insert_once(Role, **role, granted_at=now())) == [(None, None)]


def test_ending_no_device_tells_nobody(street):
    person = street.resident()

    assert told_by(street, lambda: end_devices_of(person.id, reason="removed")) == []


def test_what_is_rolled_back_is_not_told_and_leaves_no_gap(street):
    officer = street.officer()
    (role,) = street.rows(select(Role))

    def withdraw_and_fail():
        find(Role, role.id).withdrawn_at = now()
        session().flush()
        raise Conflict()

    with pytest.raises(Conflict):
        told_by(street, withdraw_and_fail)
    with street.inside():
        before = reached()
    assert told_by(street, changed(Person, officer.id, verified="phone")) == [(officer.id, None)]
    with street.inside():
        assert reached() == before + 1


def test_a_refusal_that_is_recorded_is_told(street):
    person = street.resident()

    class Recorded(Conflict):
        is_recorded = True

    def change_and_refuse():
        find(Person, person.id).verified = "none"
        raise Recorded()

    with pytest.raises(Recorded):
        street.does(change_and_refuse)

    (newest,) = street.rows(select(AccessChange).order_by(AccessChange.number.desc()).limit(1))
    assert newest.person_id == person.id


def test_numbers_follow_the_commits_without_a_gap_however_many_change_at_once(street):
    people = [street.resident() for _ in range(20)]
    with street.inside():
        before = reached()

    def grant(person):
        return street.does(grant_role, person.id, "auditor", over_office(street.office), granted_by_id=None)

    at_once(*[lambda person=person: grant(person) for person in people])

    changes = street.rows(select(AccessChange).where(AccessChange.number > before).order_by(AccessChange.number))
    assert [change.number for change in changes] == list(range(before + 1, before + 21))
    assert {change.person_id for change in changes} == {person.id for person in people}


def test_a_deed_whose_telling_fails_for_a_moment_runs_again_as_a_whole(street):
    """A serialisation failure or a lock that did not come, at the very end of the deed."""
    person = street.resident()
    failures = []

    def fail_once(_connection, _cursor, statement, *_):
        if statement.startswith("INSERT INTO access_feeds") and not failures:
            failures.append(statement)
            raise OperationalError(statement, {}, Exception("database is locked"))

    with street.inside():
        engine = session().get_bind()
    event.listen(engine, "before_cursor_execute", fail_once)
    try:
        told = told_by(street, changed(Person, person.id, verified="phone"))
    finally:
        event.remove(engine, "before_cursor_execute", fail_once)

    assert len(failures) == 1
    assert told == [(person.id, None)]
    assert street.rows(select(Person.verified).where(Person.id == person.id)) == ["phone"]


def test_offices_have_feeds_of_their_own(street, other_street):
    with other_street.inside():
        before = reached()

    street.officer()

    with other_street.inside():
        assert reached() == before


def what_everybody_may_do(street):
    """Person → what a caller is made of, read from the tables themselves; and devices that have ended."""
    held = defaultdict(set)
    for role in street.rows(select(Role).where(Role.withdrawn_at.is_(None))):
        held[role.person_id].add((role.role, role.scope, role.ends_at))
    blocked = {block.person_id for block in street.rows(select(Block).where(Block.lifted_at.is_(None)))}
    people = {
        person.id: (person.household_id, person.verified, frozenset(held[person.id]), person.id in blocked)
        for person in street.rows(select(Person))
    }
    ended = {device.id for device in street.rows(select(Device).where(Device.ended_at.is_not(None)))}
    return people, ended


def test_no_endpoint_changes_what_somebody_may_do_without_telling(app):
    """Every row of the table of access; whoever was there before and is another caller after it is named, alone."""
    street = Street.opened_in(app)
    stage = Stage(street)
    changing = set()
    for row in ROWS:
        case, caller = works(row)
        filled = cache(stage.filler(case, caller))
        for brace in braces(row):
            filled(brace)
        people, ended = what_everybody_may_do(street)
        with street.inside():
            before = reached()

        answer = asked(row, stage.phones[caller], filled)

        assert answer.status == ROWS[row][case].statuses[caller], (row, answer.body)
        people_after, ended_after = what_everybody_may_do(street)
        with street.inside():
            changes = changes_after(before, at_most=1000)
        others = {person_id for person_id, facts in people.items() if people_after.get(person_id) != facts}
        assert {change.person_id for change in changes if change.device_id is None} == others, row
        assert {change.device_id for change in changes} - {None} == ended_after - ended, row
        if changes:
            changing.add(re.sub(r"\s+", " ", row))
        stage.used_up(braces(row))

    assert {
        *("POST /auth/logout", "DELETE /me/devices/{device}", "POST /groups"),
        *("POST /people/{somebody}/block", "POST /people/{blocked}/unblock"),
    } <= changing


def test_a_device_row_alone_is_no_change(street):
    person = street.resident()

    assert told_by(street, lambda: begin_device(person.id, name="手机", installation_id=None)) == []
    assert told_by(street, lambda: add(Person(name_sealed=b"", code_token="x" * 12, joined_at=now()))) == []
