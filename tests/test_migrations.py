"""Migrations make the database that the models describe, there and back again, on both databases."""

import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import check, current, downgrade, upgrade
from sqlalchemy import DateTime, Engine, Uuid, bindparam, column, create_engine, select, table, text

from backend.foundation.crypto import seal
from backend.foundation.db import db, session
from backend.foundation.tables import Base, UtcDateTime
from backend.foundation.tenancy import acting_in
from backend.foundation.trail import TrailRow
from backend.people.consent_models import PolicyVersion
from backend.people.models import Card, WeChatAccount
from backend.people.policy_texts import FIRST
from backend.people.session_models import Device
from backend.places.models import Area, Household, Office, index_of_door
from backend.web import MIGRATIONS, create_app
from tests.builders.street import Street
from tests.conftest import test_config as settings
from tests.servers import new_postgresql

# What PostgreSQL says about everything it made, by name; SQLite keeps the text itself.
POSTGRESQL_SAYS = {
    "columns": """
        SELECT table_name || '.' || column_name, concat_ws(' ', data_type, character_maximum_length, is_nullable,
               column_default)
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'""",
    "indexes": """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)""",
    "triggers": """
        SELECT tgname, pg_get_triggerdef(oid) || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal""",
    "functions": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request, worker_id, tmp_path) -> Iterator[Flask]:
    """An application on an empty database."""
    address = (
        f"sqlite:///{tmp_path / 'fresh.sqlite3'}"
        if request.param == "sqlite"
        else new_postgresql(f"{worker_id}_{uuid4().hex[:8]}")
    )
    app = create_app(settings(address))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    app.extensions["wechat"].close()


@pytest.fixture
def created(fresh, worker_id, tmp_path) -> Iterator[Engine]:
    """Another database of that kind, as `create_all` makes it."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    address = (
        f"sqlite:///{tmp_path / 'created.sqlite3'}" if is_sqlite else new_postgresql(f"{worker_id}_{uuid4().hex[:8]}")
    )
    engine = create_engine(address)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def described(engine: Engine) -> dict[str, str]:
    """Everything in the database → how the database itself would write it."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            found = {
                f"{kind} {name}": said
                for kind, query in POSTGRESQL_SAYS.items()
                for name, said in connection.execute(text(query)).all()
            }
        else:
            rows = connection.execute(text("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
            found = {f"{kind} {name}": plain(sql) for kind, name, sql in rows}
    return {name: said for name, said in found.items() if "alembic_version" not in name}


def plain(sql: str) -> str:
    """DDL with its clauses in one order, so that only what it says is compared and not how it is laid out."""
    sql = " ".join(sql.replace('"', "").split())
    if not sql.startswith("CREATE TABLE"):
        return sql
    head, body = sql.split("(", 1)
    clauses, depth, start = [], 0, 0
    for n, letter in enumerate(body):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if (letter == "," and depth == 0) or depth < 0:
            clauses.append(body[start:n].strip())
            start = n + 1
    return f"{head.strip()} ({', '.join(sorted(clauses))})"


def test_there_is_one_head_and_one_beginning():
    said = AlembicConfig()
    said.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(said)

    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1


def test_every_migration_writes_to_the_person_deploying():
    for path in (MIGRATIONS / "versions").glob("*.py"):
        letter = path.read_text().split('"""')[1]
        assert len(letter) > 80, path.name
        assert re.fullmatch(r"\d{8}_\d{4}_[a-z0-9_]+\.py", path.name), path.name


def test_up_and_down_and_up_again_leaves_the_same(fresh):
    upgrade()
    first = described(db.engine)
    downgrade(revision="base")
    assert described(db.engine) == {}

    upgrade()

    assert described(db.engine) == first
    assert Street.opened_in(fresh).resident().verified == "resident"


def test_a_second_upgrade_does_nothing(fresh, capsys):
    upgrade()
    before = described(db.engine)

    upgrade()

    assert described(db.engine) == before
    current()


def test_models_and_migrations_do_not_differ(fresh):
    upgrade()

    check()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "include_object": is_ours}
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert compare_metadata(context, Base.metadata) == []


def is_ours(_object, name, kind, *_):
    return not (kind == "table" and name == "alembic_version")


def test_a_migrated_database_is_what_the_models_create_to_the_letter(fresh, created):
    """Alembic's comparison is blind to CHECKs, conditions of indexes, server defaults and triggers; this is not."""
    upgrade()

    migrated, modelled = described(db.engine), described(created)

    assert sum("ck_" in name or "CONSTRAINT ck_" in said for name, said in migrated.items()) > 10
    assert any("WHERE" in said for said in migrated.values())
    assert any("TRIGGER" in said for said in migrated.values())
    assert {name: (migrated.get(name), modelled.get(name)) for name in migrated.keys() ^ modelled.keys()} == {}
    assert {name: (migrated[name], modelled[name]) for name in migrated if migrated[name] != modelled[name]} == {}


def test_a_role_that_the_command_line_gave_twice_is_held_once_after_migrating(fresh):
    """Its older row stays in force and other roles are untouched; going back withdraws what has not begun."""
    upgrade(revision="20261123_2")
    rows = [(1, "officer", "office", None, "/"), (2, "officer", "office", None, "/"), (3, "worker", "area", 7, "/a/")]
    at = "2026-11-20 10:00:00.000000+00:00" if db.engine.dialect.name == "postgresql" else "2026-11-20 10:00:00.000000"

    def key(number):
        return str(UUID(int=number)) if db.engine.dialect.name == "postgresql" else UUID(int=number).hex

    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO offices (id, name) VALUES (1, '街道')"))
        connection.execute(
            text(
                "INSERT INTO people"
                " (office_id, id, name_sealed, verified, age_class, elder_mode, code_token, joined_at)"
                " VALUES (1, :id, :name, 'none', 'adult', :no, 'x', :at)"
            ),
            {"id": key(9), "name": b"x", "no": False, "at": at},
        )
        for number, role, scope_type, scope_id, scope in rows:
            connection.execute(
                text(
                    "INSERT INTO roles"
                    " (office_id, id, person_id, role, scope_type, scope_id, scope_name, scope, granted_at)"
                    " VALUES (1, :id, :person, :role, :type, :scope_id, 'x', :scope, :at)"
                ),
                {
                    **{"id": key(number), "person": key(9), "role": role, "type": scope_type, "at": at},
                    **{"scope_id": scope_id and key(scope_id), "scope": scope},
                },
            )
    db.session.remove()

    upgrade()

    def in_force():
        with db.engine.connect() as connection:
            found = connection.execute(text("SELECT id FROM roles WHERE withdrawn_at IS NULL ORDER BY id"))
            return [UUID(str(row[0])).int for row in found]

    assert in_force() == [1, 3]
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE roles SET starts_at = '2099-01-01 00:00:00+00:00' WHERE role = 'worker'"))
    downgrade(revision="20261123_2")
    assert in_force() == [1]


def test_whoever_was_logged_in_stays_so_and_has_a_device(fresh):
    """Before the devices: two families of one person, one of them logged out."""
    upgrade(revision="20261123_2")
    person, living, gone = (uuid4() for _ in range(3))
    days = [datetime(2026, 11, 20 + n, 10, tzinfo=UTC) for n in range(10)]
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO offices (id, name) VALUES (1, '示范街道')"))
        whose = {"name_sealed": b"", "verified": "none", "age_class": "adult", "elder_mode": False, "code_token": "abc"}
        insert_row(connection, "people", id=person, joined_at=days[1], **whose)
        for n, (family, revoked_at) in enumerate([(living, days[5]), (living, None), (gone, days[5])]):
            token = {"family_id": family, "issued_at": days[n], "expires_at": days[9], "revoked_at": revoked_at}
            insert_row(connection, "refresh_tokens", id=uuid4(), person_id=person, fingerprint=bytes([n]), **token)

    upgrade()

    with acting_in(1):
        devices = {device.id: device for device in db.session.query(Device)}
    assert set(devices) == {living, gone}
    assert (devices[living].first_used_at, devices[living].last_used_at) == (days[0], days[1])
    assert [devices[each].end_reason for each in (living, gone)] == [None, "logged_out"]
    db.session.remove()
    downgrade(revision="20261123_2")
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM refresh_tokens")).scalar() == 3


def test_territory_that_was_there_is_told_apart_and_found(fresh):
    """Before the territory: two areas of one name, and two households behind one door."""
    upgrade(revision="20261123_2")
    ids = {name: uuid4() for name in ("community", "twin", "grid", "first", "second")}
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO offices (id, name) VALUES (1, '示范街道')"))
        for name, kind, called in (
            *(("community", "community", "幸福社区"), ("twin", "community", "幸福社区")),
            ("grid", "grid", "１网格"),
        ):
            above = ids["community"] if kind == "grid" else None
            values = {"id": ids[name], "kind": kind, "name": called, "path": f"/{name}/", "parent_id": above}
            insert_row(connection, "areas", **values)
        for name, door in (("first", "301室"), ("second", "３０１")):
            sealed = seal(door, place=f"households.door:1:{ids[name]}")
            insert_row(connection, "households", id=ids[name], area_id=ids["grid"], door_sealed=sealed)

    upgrade()

    with acting_in(1):
        areas = {area.id: area for area in session().scalars(select(Area))}
        doors = {home.id: home for home in session().scalars(select(Household))}
        assert session().scalars(select(Office.kind)).one() == "sub_district"
    assert sorted(area.name for area in areas.values()) == ["1网格", "幸福社区", "幸福社区 (2)"]
    assert (areas[ids["grid"]].parent_kind, areas[ids["grid"]].nature) == ("community", None)
    assert {areas[ids[name]].nature for name in ("community", "twin")} == {"urban"}
    assert {home.door for home in doors.values()} in ({"301室", "３０１ (2)"}, {"３０１", "301室 (2)"})
    assert index_of_door("301", office_id=1) in {home.door_index for home in doors.values()}
    session().rollback()
    downgrade(revision="20261123_2")
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM households")).scalar() == 2


def test_whoever_had_several_cards_keeps_the_newest(fresh):
    upgrade(revision="20261125_safety")
    person, other = uuid4(), uuid4()
    at = datetime(2026, 11, 20, 10, tzinfo=UTC)
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO offices (id, name) VALUES (1, '示范街道')"))
        whose = {"name_sealed": b"", "verified": "resident", "age_class": "adult", "elder_mode": False}
        for each, token in ((person, "abc"), (other, "def")):
            insert_row(connection, "people", id=each, joined_at=at, code_token=token, **whose)
        for n, holder, blocked in ((1, person, None), (2, person, None), (3, person, at), (4, other, None)):
            card = {"fingerprint": bytes([n]), "pin_hash": "x", "issued_at": at}
            insert_row(connection, "cards", id=UUID(int=n), person_id=holder, blocked_at=blocked, **card)

    upgrade()

    with acting_in(1):
        cards = session().scalars(select(Card).order_by(Card.id)).all()
    assert [(card.id.int, card.is_blocked, card.wrong_pins) for card in cards] == [
        *((1, True, 0), (2, False, 0), (3, True, 0), (4, False, 0))
    ]
    db.session.remove()
    downgrade(revision="20261125_safety")


def test_what_stood_in_the_clear_is_sealed_and_reads_as_before_and_back_again(fresh):
    upgrade(revision="20261126_undoings")
    person, at = uuid4(), datetime(2026, 11, 20, 10, tzinfo=UTC)
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO offices (id, name, kind) VALUES (1, '示范街道', 'sub_district')"))
        whose = {"name_sealed": b"", "verified": "none", "age_class": "adult", "elder_mode": False, "code_token": "abc"}
        insert_row(connection, "people", id=person, joined_at=at, **whose)
        used = {"first_used_at": at, "last_used_at": at}
        for n, name in ((1, "王小英的手机"), (2, None)):
            insert_row(connection, "devices", id=UUID(int=n), person_id=person, name=name, **used)

    upgrade()

    with acting_in(1):
        phone, nameless = session().scalars(select(Device).order_by(Device.id))
        assert (phone.name, nameless.name) == ("王小英的手机", None)
        assert "王小英".encode() not in (phone.name_sealed or b"")
    db.session.remove()
    downgrade(revision="20261126_undoings")
    with db.engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM devices ORDER BY id")).scalars().all()
    assert names == ["王小英的手机", None]


def test_what_was_done_for_somebody_goes_into_the_trail_with_its_reason(fresh):
    """A sale against a personal code is there already; what only looked is about the person."""
    upgrade(revision="20261126_desk")
    helper, elder, place = (uuid4() for _ in range(3))
    at = datetime(2026, 11, 20, 10, tzinfo=UTC)
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO offices (id, name, kind) VALUES (1, '示范街道', 'sub_district')"))
        whose = {"name_sealed": b"", "verified": "resident", "age_class": "adult", "elder_mode": False}
        for each, token in ((helper, "abc"), (elder, "def")):
            insert_row(connection, "people", id=each, joined_at=at, code_token=token, **whose)
        for n, (act, channel, subject) in enumerate(
            [("sign_up", "desk", place), ("read_wallet", "desk", None), ("capture", "code", uuid4())], start=1
        ):
            sealed = seal("没有手机", place=f"assisted_acts.reason:1:{UUID(int=n)}") if channel == "desk" else None
            values = {"id": UUID(int=n), "actor_id": helper, "beneficiary_id": elder, "act": act, "points": 0}
            values |= {"channel": channel, "done_at": at, "reason_sealed": sealed} | (
                {"subject_id": subject} if subject else {}
            )
            insert_row(connection, "assisted_acts", **values)

    upgrade()

    with acting_in(1):
        rows = session().scalars(select(TrailRow).order_by(TrailRow.id)).all()
        assert [(row.act, row.subject_type, row.subject_id, row.channel, row.reason) for row in rows] == [
            ("assisted.sign_up", "sign_ups", place, "desk", "没有手机"),
            ("assisted.read_wallet", "people", elder, "desk", "没有手机"),
        ]
        assert {row.purpose for row in session().scalars(select(PolicyVersion))} == FIRST.keys()
    db.session.remove()
    downgrade(revision="20261126_desk")


def insert_row(connection, into, /, **values):
    """A row as it was written before; values tell the types of their columns."""
    kinds = {UUID: Uuid(), datetime: UtcDateTime()}
    columns = [column(each, kinds.get(type(value))) for each, value in values.items()]
    connection.execute(table(into, column("office_id"), *columns).insert().values(office_id=1, **values))


def test_migrating_on_sqlite_leaves_foreign_keys_in_force(fresh):
    upgrade()
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_the_ledger_cannot_be_edited_in_a_migrated_database(fresh):
    upgrade()
    street = Street.opened_in(fresh)
    street.fund(100)
    for statement in ("UPDATE ledger_entries SET reason = 'x'", "DELETE FROM ledger_postings"):
        with pytest.raises(Exception, match="append-only"), db.engine.begin() as connection:
            connection.execute(text(statement))


def test_who_logged_in_before_accounts_were_kept_is_found_by_them_and_back_again(fresh):
    upgrade(revision="20261123_2")
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO offices (id, name) VALUES (1, '示范街道')"))
        for number, openid_index in enumerate((b"1" * 32, b"2" * 32, None), start=1):
            connection.execute(
                text(
                    "INSERT INTO people (office_id, id, openid_index, name_sealed, verified, age_class, elder_mode,"
                    " code_token, joined_at) VALUES (1, :id, :openid, :name, 'none', 'adult', false, :token, :at)"
                ).bindparams(bindparam("id", type_=Uuid()), bindparam("at", type_=DateTime(timezone=True))),
                {
                    "id": UUID(int=number),
                    "openid": openid_index,
                    "name": b"k:sealed",
                    "token": str(number),
                    "at": datetime(2026, 11, 23, tzinfo=UTC),
                },
            )
    known = select(column("id", Uuid()), column("openid_index")).select_from(text("people")).order_by(text("id"))
    with db.engine.connect() as connection:
        before = connection.execute(known).all()

    upgrade()

    with fresh.app_context(), acting_in(1):
        accounts = session().scalars(select(WeChatAccount).order_by(WeChatAccount.id)).all()
        assert [(each.person_id, each.openid_index, each.openid) for each in accounts] == [
            (UUID(int=1), b"1" * 32, None),
            (UUID(int=2), b"2" * 32, None),
        ]
        session().rollback()
    downgrade(revision="20261123_2")
    with db.engine.connect() as connection:
        assert connection.execute(known).all() == before
