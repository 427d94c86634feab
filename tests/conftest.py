"""The stage of every test: an application on SQLite and on PostgreSQL, and a new office for each test.

Nothing is cleaned up between tests: an office sees nothing of another one, so a new office is an empty world.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade

from backend.foundation.config import Config
from backend.foundation.db import db
from backend.web import create_app
from tests.builders.street import Street
from tests.servers import Servers, drop_databases, new_postgresql

DATABASES = ("sqlite", "postgresql")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    config.servers = Servers()
    config.servers.start()
    folder = Path(config.servers._folder)
    templates = {"sqlite": f"sqlite:///{folder / 'template.sqlite3'}", "postgresql": new_postgresql("template")}
    for url in templates.values():
        app = create_app(test_config(url))
        with app.app_context():
            upgrade()
            db.engine.dispose()
    os.environ["XINGFU_TEST_FOLDER"] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    servers = getattr(config, "servers", None)
    if servers is not None:
        drop_databases()
        servers.stop()


def test_config(database_url: str, **changes: object) -> Config:
    """The embedded default, on that database."""
    config = Config.from_environment({"DEMO": "off", "LOG_LEVEL": "WARNING"})
    return replace(config, database_url=database_url, **changes)


@pytest.fixture(scope="session")
def database_urls(worker_id: str) -> dict[str, str]:
    """A migrated database of each kind for this worker."""
    folder = Path(os.environ["XINGFU_TEST_FOLDER"])
    file = folder / f"{worker_id}.sqlite3"
    shutil.copy(folder / "template.sqlite3", file)
    return {"sqlite": f"sqlite:///{file}", "postgresql": new_postgresql(worker_id, template="template")}


@pytest.fixture(scope="session", params=DATABASES)
def app(request: pytest.FixtureRequest, database_urls: dict[str, str]) -> Iterator[Flask]:
    """The application on each database."""
    app = create_app(test_config(database_urls[request.param]))
    yield app
    with app.app_context():
        db.engine.dispose()
    app.extensions["wechat"].close()


@pytest.fixture
def street(app: Flask) -> Street:
    """A new office with a community, and everything that can be built in it."""
    return Street.opened_in(app)


@pytest.fixture
def other_street(app: Flask) -> Street:
    """Another office on the same server."""
    return Street.opened_in(app)
