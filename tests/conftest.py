"""The stage of every test: an application on SQLite and on PostgreSQL, and a new office for each test.

Nothing is cleaned up between tests: an office sees nothing of another one, so a new office is an empty world.
"""

import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade

from backend.cli.seeding.pieces import seed
from backend.cli.seeding.sizes import Size
from backend.foundation.config import Config
from backend.foundation.db import db, let_go_of_database
from backend.web import create_app
from tests.builders import canaries
from tests.builders.street import Street
from tests.servers import Servers, drop_databases, new_postgresql

TINY = Size("tiny", "小街道（演示）", 2, 6, 300, 110, 2, 480, 20)

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


def pytest_sessionstart(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        for name in ("", "backend"):  # a test may take the handlers of the first one away
            logging.getLogger(name).addHandler(canaries.Listener())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Each worker searches what its tests left behind; the controller adds Valkey, and lets the run fail."""
    config = session.config
    if hasattr(config, "workerinput"):
        config.workeroutput["canaries"] = {
            where: sorted(said) for where, said in (canaries.seen | _left_in_databases(config)).items()
        }
    elif hasattr(config, "servers"):
        found = getattr(config, "canaries", {}) | canaries.in_valkey(os.environ["TEST_REDIS_URL"])
        config.canaries = found
        if found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_testnodedown(node: Any, error: object) -> None:
    found = getattr(node, "workeroutput", {}).get("canaries", {})
    node.config.canaries = getattr(node.config, "canaries", {}) | found


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for where, said in sorted(getattr(config, "canaries", {}).items()):
        terminalreporter.write_line(f"personal data in the clear in {where}: {', '.join(sorted(said))}", red=True)


def _left_in_databases(config: Any) -> canaries.Found:
    found: canaries.Found = {}
    for url in getattr(config, "databases_of_tests", {}).values():
        found |= canaries.in_database(url)
    return found


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
def database_urls(worker_id: str, pytestconfig: pytest.Config) -> dict[str, str]:
    """A migrated database of each kind for this worker."""
    folder = Path(os.environ["XINGFU_TEST_FOLDER"])
    file = folder / f"{worker_id}.sqlite3"
    shutil.copy(folder / "template.sqlite3", file)
    urls = {"sqlite": f"sqlite:///{file}", "postgresql": new_postgresql(worker_id, template="template")}
    pytestconfig.databases_of_tests = urls
    return urls


@pytest.fixture(scope="session", params=DATABASES)
def app(request: pytest.FixtureRequest, database_urls: dict[str, str]) -> Iterator[Flask]:
    """The application on each database."""
    app = create_app(test_config(database_urls[request.param]))
    yield app
    with app.app_context():
        db.engine.dispose()
    app.extensions["wechat"].close()


@pytest.fixture(scope="session")
def seeded(worker_id: str) -> Iterator[Flask]:
    """An application with a small sub-district in office 3: whoever asks for it belongs to the xdist group "seeded"."""
    folder = Path(os.environ["XINGFU_TEST_FOLDER"])
    file = shutil.copy(folder / "template.sqlite3", folder / f"seeded_{worker_id}.sqlite3")
    app = create_app(test_config(f"sqlite:///{file}"))
    with app.app_context():
        seed(TINY, 3)
    yield app
    with app.app_context():
        let_go_of_database()
    app.extensions["wechat"].close()


@pytest.fixture
def street(app: Flask) -> Street:
    """A new office with a community, and everything that can be built in it."""
    return Street.opened_in(app)


@pytest.fixture
def other_street(app: Flask) -> Street:
    """Another office on the same server."""
    return Street.opened_in(app)
