"""flask ledger verify: one line for a sound book, exit 1 and the findings otherwise; it reads only, beside a server."""

import json
import sqlite3
from contextlib import contextmanager

import pytest
from sqlalchemy import make_url, select, text, update
from sqlalchemy.exc import DBAPIError

from backend.cli.verifying import in_words, ledger_commands, reading_only
from backend.foundation.db import db
from backend.foundation.sqlite import WRITES
from backend.ledger.accounts import person_wallet
from backend.ledger.findings import Check, Report
from backend.ledger.models import balances
from backend.places.models import Office
from backend.web import create_app
from tests.conftest import test_config as settings
from tests.ledger.history import History

TABLES = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'offices'"


@pytest.fixture(scope="module")
def history(app):
    return History.lived_in(app)


def verified(app, *arguments):
    return app.test_cli_runner().invoke(ledger_commands, ["verify", *arguments])


@contextmanager
def writing(app):
    """A transaction that writes, as the running server has them; rolled back."""
    with app.app_context(), db.engine.connect().execution_options(**{WRITES: True}) as connection:
        yield connection
        connection.rollback()


@contextmanager
def broken(history):
    """Wang's balance is three points too high for a while."""
    with history.street.app.app_context():
        _add_to(history, 3)
        try:
            yield
        finally:
            _add_to(history, -3)


def _add_to(history, points):
    wallet = history.account(person_wallet(str(history.wang)))
    with db.engine.connect().execution_options(**{WRITES: True}) as connection:
        connection.execute(
            update(balances)
            .where(balances.c.book_id == history.book, balances.c.account_id == wallet)
            .values(balance=balances.c.balance + points)
        )
        connection.commit()


def test_a_sound_office_is_one_line(app, history):
    done = verified(app, "--office", str(history.book))

    assert (done.output, done.exit_code) == (f"office {history.book}: 49 entries, 10 checks, no findings\n", 0)


def test_more_than_a_hundred_findings_are_counted_not_listed():
    report = Report(7, 1204, [Check(2), Check(3)])
    assert in_words(report) == "office 7: 1,204 entries, 2 checks, no findings"
    for n in range(1500):
        report.found(3, "steps_join", f"entry {n}", "does not join")

    lines = in_words(report).splitlines()

    assert (lines[0], len(lines)) == ("office 7: 1,204 entries, 2 checks, 1,500 findings", 103)
    assert lines[2] == "    steps_join  entry 0: does not join"
    assert lines[-1] == "    … and 1,400 more"


def test_without_an_office_every_office_is_verified(app, history):
    done = verified(app)

    with app.app_context():
        offices = db.session.scalars(select(Office.id)).all()
    assert done.exit_code == 0, done.output
    assert len(done.output.splitlines()) == len(offices)
    assert f"office {history.book}: " in done.output


def test_what_does_not_fit_is_named_and_the_exit_says_so(app, history):
    with broken(history):
        done = verified(app, "--office", str(history.book))

    first, check, finding = done.output.splitlines()[:3]
    assert done.exit_code == 1
    assert first == f"office {history.book}: 49 entries, 10 checks, 2 findings"
    assert check == "  check 2, every balance is the sum of its postings: 2"
    assert finding.startswith("    balance_is_sum  account ")
    assert verified(app, "--office", str(history.book)).exit_code == 0


def test_a_program_reads_json(app, history):
    with broken(history):
        done = verified(app, "--office", str(history.book), "--format", "json")

    [office] = json.loads(done.output)
    checks = {check["number"]: check for check in office["checks"]}
    assert done.exit_code == 1
    assert (office["office"], office["entries"], office["total"], len(checks)) == (history.book, 49, 2, 10)
    assert checks[2]["total"] == 2
    assert checks[2]["findings"][0]["rule"] == "balance_is_sum"
    assert checks[3]["findings"] == []


def test_an_office_that_is_not_served_is_a_usage_error(app):
    done = verified(app, "--office", "31999")

    assert done.exit_code == 2
    assert "there is no office 31999" in done.output


def test_a_database_that_is_not_there_is_no_finding_and_is_not_made(tmp_path):
    missing = tmp_path / "nowhere.sqlite3"
    done = verified(create_app(settings(f"sqlite:///{missing}")))

    assert (done.exit_code, done.output) == (2, "Error: the database cannot be read: unable to open database file\n")
    assert not missing.exists()


def test_without_offices_it_says_so(database_urls, tmp_path):
    with (
        sqlite3.connect(make_url(database_urls["sqlite"]).database) as source,
        sqlite3.connect(tmp_path / "e") as empty,
    ):
        empty.executescript("".join(f"{sql};" for (sql,) in source.execute(TABLES)))
    done = verified(create_app(settings(f"sqlite:///{tmp_path / 'e'}")))

    assert (done.exit_code, done.output) == (0, "no offices, so there is nothing to verify\n")


def test_it_runs_beside_a_server_that_writes_and_sees_one_moment(app, history):
    with writing(app) as connection:
        connection.execute(update(balances).where(balances.c.book_id == history.book).values(balance=0))

        done = verified(app, "--office", str(history.book))

    assert done.exit_code == 0, done.output


def test_its_own_connection_cannot_write(app, history):
    with (
        reading_only(make_url(app.config["SQLALCHEMY_DATABASE_URI"])) as engine,
        engine.connect() as connection,
        pytest.raises(DBAPIError, match=r"read.?only"),
    ):
        connection.execute(update(balances).where(balances.c.book_id == history.book).values(balance=0))


def test_on_postgresql_it_reads_one_snapshot_and_may_take_its_time(app):
    with reading_only(make_url(app.config["SQLALCHEMY_DATABASE_URI"])) as engine, engine.connect() as connection:
        if engine.dialect.name != "postgresql":
            pytest.skip("a transaction of SQLite is a snapshot")
        said = {
            name: connection.scalar(text(f"SHOW {name}")) for name in ("transaction_isolation", "statement_timeout")
        }

    assert said == {"transaction_isolation": "repeatable read", "statement_timeout": "0"}
