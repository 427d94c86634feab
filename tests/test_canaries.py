"""The search for personal data at the end of a run finds what is planted."""

import logging
import sqlite3

import psycopg
import redis
from sqlalchemy.engine import make_url

from tests.builders import canaries
from tests.servers import new_postgresql

PLANTED = "欧阳金凤"


def test_a_column_of_text_or_bytes_and_what_lingers_in_a_file_are_named(tmp_path, worker_id):
    file = tmp_path / "planted.sqlite3"
    lite = sqlite3.connect(file, isolation_level=None)
    lite.execute("PRAGMA journal_mode = WAL")
    lite.execute("PRAGMA secure_delete = OFF")
    url = new_postgresql(f"{worker_id}_planted")
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as large:
        for database, kind, parameter in ((lite, "BLOB", "?"), (large, "BYTEA", "%s")):
            database.execute(f"CREATE TABLE planted (said TEXT, sealed {kind}, free TEXT)")
            said = f"{PLANTED}的手机", PLANTED.encode(), None
            database.execute(f"INSERT INTO planted VALUES ({parameter}, {parameter}, {parameter})", said)

    columns = {"planted.said": {PLANTED}, "planted.sealed": {PLANTED}}
    assert canaries.in_database(url) == columns | {"planted": {PLANTED}}
    assert canaries.in_database(f"sqlite:///{file}") == columns | {"planted.sqlite3-wal": {PLANTED}}

    lite.execute("DELETE FROM planted")
    assert canaries.in_database(f"sqlite:///{file}") == {"planted.sqlite3-wal": {PLANTED}}
    lite.close()


def test_valkey_log_lines_and_refusals_are_searched(monkeypatch):
    import os

    monkeypatch.setattr(canaries, "seen", {})
    with redis.Redis.from_url(os.environ["TEST_REDIS_URL"]) as client:
        client.set("planted:13812345678", PLANTED, ex=5)
        found = canaries.in_valkey(os.environ["TEST_REDIS_URL"])
        client.delete("planted:13812345678")
    assert found == {"valkey b'planted:13812345678'": {PLANTED, "13812345678"}}

    record = logging.makeLogRecord({"name": "backend", "msg": "told %s", "args": (PLANTED,)})
    canaries.Listener().emit(record)
    canaries.note("refusal of POST /somewhere", f'{{"message": "{PLANTED}"}}'.encode())
    assert set(canaries.seen) == {"log backend: told %s", "refusal of POST /somewhere"}
