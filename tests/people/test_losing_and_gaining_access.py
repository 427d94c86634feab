"""No request asks who its caller is; whoever loses access loses it on every server, and a new role holds at once."""

import secrets
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, event, select, update

from backend.foundation.callers import Grant
from backend.foundation.clock import now
from backend.foundation.db import db, find, session
from backend.people import access_memory, identity
from backend.people.access_feed import reached
from backend.people.access_memory import Memory, memory_of
from backend.people.blocking import block
from backend.people.facts import Facts
from backend.people.models import Person
from backend.people.role_models import Role
from backend.people.roles import grant_role
from backend.people.scopes import over_group, over_office
from backend.people.session_models import AccessChange, AccessFeed
from backend.people.tokens import ACCESS_LASTS, Claims
from backend.web import create_app
from tests.builders.races import at_once, statuses
from tests.builders.street import Street
from tests.conftest import test_config as settings


@contextmanager
def statements_of(app):
    """What the application sends to its database inside the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def logged_in(street, openid=None):
    """The header of somebody who has just logged in, and who that is."""
    body = {"office_id": street.office_id, "code": f"stub:{openid or secrets.token_hex(4)}:{secrets.token_hex(8)}"}
    answer = street.phone().post("/auth/wechat", body)
    assert answer.status == 200, answer.body
    return {"Authorization": f"Bearer {answer['access_token']}"}, answer["person"]["id"]


def asks(street, token, path="/me/code", app=None, **how):
    phone = street.phone()
    phone.app = app or street.app
    return phone.send(how.pop("method", "GET"), path, headers=token, **how)


@pytest.fixture
def another_server(database_urls):
    """The same program in front of the same PostgreSQL, with nothing else in common, as another process would be."""
    made = []

    def start() -> Flask:
        made.append(create_app(settings(database_urls["postgresql"])))
        return made[-1]

    yield start
    for app in made:
        with app.app_context():
            db.engine.dispose()
        app.extensions["wechat"].close()


@pytest.fixture
def on_postgresql(another_server):
    return Street.opened_in(another_server())


@pytest.fixture
def two_seconds_pass():
    """Let what was read from the feeds be two seconds old."""

    def pass_by(app, street):
        with app.app_context():
            memory_of(session(), street.office_id).read_soon()

    return pass_by


# How many statements a request costs


def feed_reads(sent):
    return [statement for statement in sent if "access_" in statement]


def test_fifty_requests_of_one_person_ask_fifty_times_for_what_they_show_and_hardly_who_they_are(street):
    token, _ = logged_in(street)
    with statements_of(street.app) as sent:
        answers = [asks(street, token) for _ in range(50)]  # each needs the person's row, and nothing else

    assert statuses(answers) == {200: 50}
    assert len(sent) - len(feed_reads(sent)) == 50
    assert 1 <= len(feed_reads(sent)) <= 10  # one each two seconds, two the first time, on a busy machine
    assert not any(table in statement for statement in sent for table in ("roles", "devices", "blocks"))


def test_the_first_requests_of_twenty_people_ask_nothing_about_them_either(on_postgresql, another_server):
    """On a server that has never seen them."""
    street, fresh = on_postgresql, another_server()
    tokens = [logged_in(street)[0] for _ in range(20)]
    with statements_of(fresh) as sent:
        answers = [asks(street, token, app=fresh) for token in tokens]

    assert statuses(answers) == {200: 20}
    assert len(sent) - len(feed_reads(sent)) == 20
    assert not any(table in statement for statement in sent for table in ("roles", "devices", "blocks"))


def test_a_request_that_needs_no_row_of_the_person_costs_no_statement_at_all(street):
    token, _ = logged_in(street)
    asks(street, token)
    with statements_of(street.app) as sent:
        assert {asks(street, token, method="POST", path="/groups", json={"nonsense": 1}).status for _ in range(5)} == {
            422
        }

    assert len(sent) == len(feed_reads(sent))


def test_whoever_a_change_names_is_looked_up_once_and_then_remembered(street):
    token, person_id = logged_in(street)
    officer = street.officer()
    asks(street, token)
    street.does(grant_role, person_id_of(person_id), "auditor", over_office(street.office), granted_by_id=officer.id)

    with statements_of(street.app) as sent:
        answers = [asks(street, token) for _ in range(20)]

    assert statuses(answers) == {200: 20}
    assert sum("roles" in statement for statement in sent) == 1
    assert sum("devices" in statement for statement in sent) == 1


def person_id_of(text):
    return UUID(text)


def test_somebody_with_a_great_many_roles_is_looked_up_once(street):
    person = street.resident()
    phone = street.phone(person)
    groups = [over_group(uuid4(), f"第{n}队") for n in range(40)]
    street.does(lambda: [grant_role(person.id, "leader", scope, granted_by_id=None) for scope in groups] and None)

    with statements_of(street.app) as sent:
        phone._headers()
        read_for_the_token = len(sent)
        answers = [phone.get("/funds") for _ in range(10)]

    assert statuses(answers) == {200: 10}  # leaders may see the funds
    assert sum("roles" in statement for statement in sent[read_for_the_token:]) == 1


def test_a_signature_is_checked_once_a_request(street, monkeypatch):
    token, _ = logged_in(street)
    checked = []
    check = identity.read_access_token
    monkeypatch.setattr(identity, "read_access_token", lambda token: checked.append(token) or check(token))

    assert asks(street, token).status == 200
    assert len(checked) == 1
    assert asks(street, {"Authorization": "Bearer nonsense"}).status == 401
    assert len(checked) == 2


# Losing access


def test_a_withdrawn_role_ends_with_the_next_request_of_the_same_server(street):
    officer = street.officer()
    phone = street.phone(officer)
    assert phone.get("/allocations").status == 200

    def withdraw():
        for role in session().scalars(select(Role).where(Role.person_id == officer.id)):
            role.withdrawn_at = now()

    street.does(withdraw)

    assert (phone.get("/allocations").status, phone.get("/allocations").code) == (403, "forbidden")
    assert phone.get("/me").status == 200


def test_a_role_ends_on_its_second_without_any_news(street):
    person = street.resident()
    with time_machine.travel(now(), tick=False) as clock:
        ends = {"ends_at": now() + timedelta(seconds=90)}
        street.does(grant_role, person.id, "officer", over_office(street.office), granted_by_id=None, **ends)
        phone = street.phone(person)
        assert phone.get("/allocations").status == 200
        clock.shift(timedelta(seconds=89))
        assert phone.get("/allocations").status == 200
        clock.shift(timedelta(seconds=1))
        assert phone.get("/allocations").status == 403


def test_another_server_hears_of_it_when_it_reads_the_feed_again(on_postgresql, another_server, two_seconds_pass):
    street, other = on_postgresql, another_server()
    officer, person = street.officer(), street.resident()
    phone, by_officer = street.phone(person), street.caller(officer)
    token = {"Authorization": phone._headers()["Authorization"]}
    assert asks(street, token, app=other).status == 200

    street.does(lambda: block(find(Person, person.id), reason="手机丢失", by=by_officer) and None)

    assert asks(street, token).code == "person_blocked"  # at once where it was done
    assert asks(street, token, app=other).status == 200  # it has read two seconds ago at most
    two_seconds_pass(other, street)
    refused = asks(street, token, app=other)
    assert (refused.status, refused.code) == (401, "person_blocked")


def test_a_server_that_starts_afterwards_knows_it_too(on_postgresql, another_server):
    street = on_postgresql
    token, _ = logged_in(street)
    assert asks(street, token, "/auth/logout-everywhere", method="POST", json={}).status == 200

    assert asks(street, token, app=another_server()).code == "device_ended"


def test_a_token_that_is_newer_than_what_was_read_makes_the_server_read_on(on_postgresql, another_server):
    """It could otherwise be older than a change between the two."""
    street, other = on_postgresql, another_server()
    token, _ = logged_in(street, "mei")
    assert asks(street, token, app=other).status == 200
    street.officer()  # a change of somebody else's
    newer, _ = logged_in(street, "mei")
    asks(street, token, "/auth/logout-everywhere", method="POST", json={})

    assert asks(street, newer, app=other).code == "device_ended"


def test_nobody_is_shut_out_when_the_feed_is_told_of_everybody(street):
    tokens = [logged_in(street)[0] for _ in range(3)]
    street.does(lambda: session().execute(update(Role).values(withdrawn_at=now())))

    assert [asks(street, token).status for token in tokens] == [200] * 3


def test_a_feed_put_back_to_an_earlier_state_is_read_anew(street, two_seconds_pass):
    """After a restore numbers come again; a token of the lost future is looked up instead of believed."""
    street.officer()
    token, person_id = logged_in(street)
    assert asks(street, token).status == 200

    def put_back():
        session().execute(delete(AccessChange))
        session().execute(delete(AccessFeed))

    street.does(put_back)
    two_seconds_pass(street.app, street)
    with statements_of(street.app) as sent:
        assert asks(street, token).status == 200
    assert sum("devices" in statement for statement in sent) == 1
    street.does(lambda: find(Person, person_id_of(person_id)).__setattr__("verified", "resident"))
    with street.inside():
        assert reached() == 1
    assert asks(street, token, "/me").body["verified"] == "resident"


# Gaining access


def test_a_new_role_holds_from_the_next_request_with_the_same_token(on_postgresql, another_server):
    """On another server as well, although that has not heard of it."""
    street, other = on_postgresql, another_server()
    person = street.resident()
    token = {"Authorization": street.phone(person)._headers()["Authorization"]}
    assert asks(street, token, "/allocations", app=other).status == 403

    street.does(grant_role, person.id, "officer", over_office(street.office), granted_by_id=None)

    assert asks(street, token, "/allocations", app=other).status == 200
    with statements_of(other) as sent:
        assert asks(street, token, "/allocations", app=other).status == 200
    assert not any("roles" in statement for statement in sent)


def test_what_a_new_role_lets_somebody_see_is_there_at_once(on_postgresql, another_server):
    """A 404 may be about what they may not see, so it is asked again too."""
    street, other = on_postgresql, another_server()
    leader, deputy = street.resident(), street.resident()
    group = street.group(leader=leader)
    draft = street.draft(by=leader, group=group)
    token = {"Authorization": street.phone(deputy)._headers()["Authorization"]}
    assert asks(street, token, f"/activities/{draft.id}", app=other).status == 404

    street.does(grant_role, deputy.id, "deputy", over_group(group.id, group.name), granted_by_id=leader.id)

    assert asks(street, token, f"/activities/{draft.id}", app=other).status == 200


def test_a_write_that_a_new_role_allows_happens_once(on_postgresql, another_server):
    street, other = on_postgresql, another_server()
    person = street.resident()
    token = {"Authorization": street.phone(person)._headers()["Authorization"]}
    fund = {"name": "公益金", "source": "fiscal", "fen_per_100_points": 50}
    assert asks(street, token, "/funds", app=other, method="POST", json=fund).status == 403
    street.does(grant_role, person.id, "officer", over_office(street.office), granted_by_id=None)

    assert asks(street, token, "/funds", app=other, method="POST", json=fund).status == 201

    assert len(asks(street, token, "/funds").body["items"]) == 1


def test_a_hidden_thing_costs_as_many_questions_as_a_missing_one(street):
    draft = street.draft(by=street.resident())
    phone = street.phone(street.resident())
    phone.get("/me")
    counts = []
    for identifier in (draft.id, uuid4()):
        with statements_of(street.app) as sent:
            assert phone.get(f"/activities/{identifier}").status == 404
        counts.append(sum("roles" in statement for statement in sent))

    assert counts == [1, 1]


def test_whoever_was_blocked_meanwhile_is_told_so_instead_of_forbidden(on_postgresql, another_server):
    street, other = on_postgresql, another_server()
    officer, person = street.officer(), street.resident()
    token = {"Authorization": street.phone(person)._headers()["Authorization"]}
    assert asks(street, token, "/allocations", app=other).code == "forbidden"
    by_officer = street.caller(officer)
    street.does(lambda: block(find(Person, person.id), reason="手机丢失", by=by_officer) and None)

    assert asks(street, token, "/allocations", app=other).code == "person_blocked"


def test_roles_come_and_go_under_many_requests_at_once(street):
    """Whatever the threads do, nobody is refused for another one's change."""
    phones = [street.phone(street.officer()) for _ in range(4)]
    for phone in phones:
        phone.get("/me")
    doing = [lambda phone=phone: phone.get("/allocations") for phone in phones] * 10
    changing = [lambda: street.officer() and None for _ in range(5)]

    answers = [answer for answer in at_once(*doing, *changing) if answer is not None]

    assert statuses(answers) == {200: 40}


# What a process remembers


def claims(person_id=None, version=0):
    facts = Facts(version, None, "resident", frozenset())
    return Claims(1, person_id or uuid4(), uuid4(), version, facts)


def change(number, person_id=None, device_id=None):
    return AccessChange(office_id=1, id=uuid4(), number=number, person_id=person_id, device_id=device_id)


def test_a_change_is_remembered_as_long_as_a_token_made_before_it_lives():
    memory, somebody = Memory(), claims()
    memory._learn([change(1, somebody.person_id), change(2, uuid4(), somebody.device_id), change(3, uuid4())], at=1000)
    assert memory.last_change(somebody) == 2

    memory._drop_old(1000 + ACCESS_LASTS.total_seconds())
    assert memory.last_change(somebody) == 2
    memory._drop_old(1001 + ACCESS_LASTS.total_seconds() + access_memory.MARGIN.total_seconds())
    assert (memory.last_change(somebody), len(memory._changed)) == (0, 0)


def test_a_crowd_of_changes_makes_forgotten_people_be_looked_up_and_never_believed(monkeypatch):
    monkeypatch.setattr(access_memory, "MOST_CHANGES", 10)
    memory, somebody, stranger = Memory(), claims(), claims()
    memory._learn([change(1, somebody.person_id)], at=1000)
    memory._learn([change(number, uuid4()) for number in range(2, 9)], at=1000)
    memory._learn([change(number, uuid4()) for number in range(9, 14)], at=1000)
    memory._drop_old(1000)

    assert len(memory._changed) == 10
    assert memory.last_change(somebody) >= 1
    assert memory.last_change(stranger) == 3  # whoever has a token from before is looked up

    memory._learn([change(number, uuid4()) for number in range(100, 110)], at=1000)  # there may have been more
    assert memory.last_change(stranger) == 100


def test_facts_that_were_read_are_kept_for_so_many_people(monkeypatch):
    monkeypatch.setattr(access_memory, "MOST_FACTS", 3)
    memory, people = Memory(), [claims() for _ in range(4)]
    for person in people:
        memory.keep(person, person.facts)

    assert [memory.kept(person) is not None for person in people] == [False, True, True, True]


def test_a_grant_holds_between_its_dates():
    at = now()
    hour = timedelta(hours=1)

    assert Grant("worker", "/").holds(at=at)
    assert Grant("worker", "/", starts_at=at, ends_at=at + hour).holds(at=at)
    assert not Grant("worker", "/", starts_at=at + hour).holds(at=at)
    assert not Grant("worker", "/", ends_at=at).holds(at=at)
