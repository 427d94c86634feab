"""SQLite loses nothing: one writer at a time, one writing process, readers beside."""

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from backend.foundation import sqlite as one_writer
from backend.foundation.db import db, find, session, transactional
from backend.foundation.errors import Busy
from backend.foundation.sqlite import AnotherWriter, OneWriter
from backend.places.models import Area
from tests.builders.street import Street

OTHER_PROCESS = """
import sys
from backend.foundation.sqlite import OneWriter
writer = OneWriter(sys.argv[1])
with writer.writing():
    pass
print("written", flush=True)
sys.stdin.read()
"""

FORKS = """
import os, sys
from backend.foundation import sqlite
sqlite.LOCK_PATIENCE_SECONDS = 1.0
writer = sqlite.OneWriter(sys.argv[1])
with writer.writing():
    pass
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.read(reading, 1)
    with writer.writing():
        print("written", flush=True)
    os._exit(0)
writer.let_go()
os.write(writing, b"x")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.fixture
def on_sqlite(made_app):
    return Street.opened_in(made_app())


def test_every_connection_is_opened_so_that_it_loses_nothing(on_sqlite):
    with on_sqlite.inside():
        said = {
            name: session().execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout")
        }

    assert said == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 10000,
    }


def test_readers_run_beside_a_writer_and_see_what_was_committed(on_sqlite):
    area = on_sqlite.area("旧名")

    def read():
        with on_sqlite.inside():
            return find(Area, area.id).name

    def deed():
        find(Area, area.id).name = "新名"
        session().flush()
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(read).result(2)

    assert on_sqlite.does(deed) == "旧名"
    assert read() == "新名"


def test_a_deed_may_write_from_its_first_statement_on(on_sqlite):
    """Or it would read, decide, and only then be refused the pen, because somebody else has written meanwhile."""
    with on_sqlite.inside():
        stranger = sqlite3.connect(db.engine.url.database, isolation_level=None, timeout=0.01)

    def deed():
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            stranger.execute("BEGIN IMMEDIATE")

    on_sqlite.does(deed)
    stranger.execute("BEGIN IMMEDIATE")
    stranger.close()


def test_a_second_writer_of_the_process_waits_its_turn(on_sqlite, monkeypatch):
    monkeypatch.setattr(one_writer, "LOCK_PATIENCE_SECONDS", 0.05)
    holding, enough = threading.Event(), threading.Event()

    def slow():
        holding.set()
        enough.wait(10)

    with ThreadPoolExecutor(1) as pool:
        slow_one = pool.submit(on_sqlite.does, slow)
        assert holding.wait(10)
        with pytest.raises(Busy):
            on_sqlite.does(find, Area, on_sqlite.community.id)
        enough.set()
        slow_one.result(10)
    on_sqlite.does(find, Area, on_sqlite.community.id)


def test_a_second_process_may_not_write_until_the_first_has_gone(made_app, monkeypatch, tmp_path):
    app = made_app()
    monkeypatch.setattr(one_writer, "LOCK_PATIENCE_SECONDS", 0.1)
    with app.app_context():
        path = db.engine.url.database
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"written\n"
        with app.app_context(), pytest.raises(AnotherWriter):
            transactional(lambda: None)()
        with app.app_context():  # reading goes on
            assert session().execute(text("SELECT count(*) FROM offices")).scalar() == 0
        other.stdin.close()
        other.wait(10)

    assert Street.opened_in(app).community.name == "幸福社区"


def test_the_lock_is_kept_until_it_is_let_go(tmp_path, monkeypatch):
    monkeypatch.setattr(one_writer, "LOCK_PATIENCE_SECONDS", 0.05)
    first, second = OneWriter(str(tmp_path / "db")), OneWriter(str(tmp_path / "db"))
    with first.writing():
        pass
    with pytest.raises(AnotherWriter), second.writing():
        pass

    first.let_go()

    with second.writing():
        pass


def test_a_forked_server_may_write_what_its_parent_let_go(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FORKS, str(tmp_path / "db")], capture_output=True, text=True, timeout=30
    )

    assert (done.returncode, done.stdout) == (0, "written\n"), done.stderr
