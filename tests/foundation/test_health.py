"""Alive, ready or not and why, and what is counted."""

from datetime import timedelta

import pytest
import time_machine
from flask_migrate import stamp
from sqlalchemy import text

from backend.foundation.clock import now
from backend.foundation.db import db
from tests.builders.phone import Phone
from tests.builders.street import Street


def ready(app):
    answer = Phone(app).get("/readyz")
    return answer.status, answer.body


def test_a_migrated_server_is_ready(app):
    assert ready(app) == (
        200,
        {"status": "ready", "database": "ok", "migration": "ok", "clock": "ok", "redis": "not_configured"},
    )


def test_a_server_whose_database_is_gone_is_alive_and_not_ready(made_app):
    app = made_app("postgresql+psycopg://nobody@127.0.0.1:1/none")

    status, facts = ready(app)

    assert status == 503
    assert facts == {
        "status": "not_ready",
        "database": "not_answering",
        "migration": "missing",
        "clock": "unknown",
        "redis": "not_configured",
    }
    assert Phone(app).get("/healthz").body == {"status": "alive"}
    answer = Phone(app).get("/offices")
    assert (answer.status, answer.code) == (503, "busy")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_empty_database_is_not_ready(made_app, new_database, kind):
    status, facts = ready(made_app(new_database(kind)))

    assert (status, facts["database"], facts["migration"]) == (503, "ok", "missing")


def test_a_database_at_another_migration_is_not_ready(made_app):
    app = made_app()
    with app.app_context():
        stamp(revision="base")
    assert ready(app)[1]["migration"] == "behind"

    with app.app_context():
        stamp(revision="head")
    assert ready(app)[0] == 200

    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    status, facts = ready(app)
    assert (status, facts["migration"]) == (503, "behind")


@pytest.mark.parametrize(("seconds", "status"), [(1, 200), (-1, 200), (5, 503), (-5, 503)])
def test_a_clock_that_differs_from_the_databases_by_more_than_two_seconds_is_not_ready(on_postgresql, seconds, status):
    with time_machine.travel(now() + timedelta(seconds=seconds)):
        said, facts = ready(on_postgresql.app)

    assert said == status
    assert facts["clock"] == "ok" if status == 200 else facts["clock"].startswith("skewed by")


def test_redis_is_reported_and_never_fatal(made_app):
    import os

    assert ready(made_app(redis_url=os.environ["TEST_REDIS_URL"]))[1]["redis"] == "ok"
    status, facts = ready(made_app(redis_url="redis://127.0.0.1:1/0"))
    assert (status, facts["redis"]) == (200, "not_answering")


def test_requests_are_counted_by_rule_and_status(made_app):
    app = made_app()
    phone = Street.opened_in(app).phone()
    phone.get("/offices")
    phone.get("/redemptions/by-code/SECRETCODE")
    phone.send("FROBNICATE", "/offices")
    with app.test_client() as client:
        said = client.get("/metrics").text

    assert 'http_requests_total{method="GET",rule="/api/v1/offices",status="200"} 1.0' in said
    assert 'rule="/api/v1/redemptions/by-code/<string:code>",status="401"} 1.0' in said
    assert "http_request_seconds_bucket" in said
    assert "SECRETCODE" not in said
    assert "FROBNICATE" not in said  # whoever invents methods must not fill the memory
