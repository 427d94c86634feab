"""Applications with other settings than the ones everybody shares, each on a database of its own."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from backend.foundation.db import db
from backend.web import create_app
from tests.builders.street import Street
from tests.conftest import test_config as settings
from tests.servers import new_postgresql

_numbers = itertools.count(1)


@pytest.fixture
def made_app(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Make an application; without an address on a fresh, migrated SQLite file."""
    made: list[Flask] = []

    def make(database_url: str | None = None, **changes: object) -> Flask:
        if database_url is None:
            file = tmp_path / f"{next(_numbers)}.sqlite3"
            shutil.copy(Path(os.environ["XINGFU_TEST_FOLDER"]) / "template.sqlite3", file)
            database_url = f"sqlite:///{file}"
        made.append(create_app(settings(database_url, **changes)))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()
        app.extensions["wechat"].close()


@pytest.fixture
def new_database(worker_id: str, tmp_path: Path) -> Callable[[str], str]:
    """The address of an empty database."""

    def make(kind: str) -> str:
        name = f"{worker_id}_{next(_numbers)}"
        return f"sqlite:///{tmp_path / name}.sqlite3" if kind == "sqlite" else new_postgresql(name)

    return make


@pytest.fixture
def on_postgresql(database_urls: dict[str, str], made_app: Callable[..., Flask]) -> Street:
    """A new office on PostgreSQL, for what only PostgreSQL can do."""
    return Street.opened_in(made_app(database_urls["postgresql"]))
