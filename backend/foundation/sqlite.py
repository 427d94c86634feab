"""How SQLite is opened so that it loses nothing.

The standard library's defaults lose updates silently, so transactions are begun by hand: readers with BEGIN, deeds
with BEGIN IMMEDIATE under one lock of the process (SQLite's own waiting is unfair). SQLite 3.7 to 3.51.2 can corrupt
a write-ahead log that several processes write, so an operating system lock keeps every other writer out; readers may
stand beside. https://www.sqlite.org/wal.html#walresetbug
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from backend.foundation.errors import Busy, Unavailable

WRITES = "begins_to_write"  # the execution option a deed opens its connection with

LOCK_PATIENCE_SECONDS = 10.0


class AnotherWriter(Unavailable):
    code = "another_writer"
    message = "数据正被另一个程序写入，请先停止服务再执行此命令"


def open_carefully(engine: Engine) -> None:
    """Set up every connection of a SQLite engine; to be called once, before its first connection."""

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "busy_timeout = 10000",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "recursive_triggers = ON",
            "secure_delete = ON",  # what is deleted or overwritten is zeros in the file, and not only out of reach
            "cache_size = -16384",  # 16 MB: with the default of 2 a batch reads the inner pages of large indexes again
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class OneWriter:
    """At most one thread of one process writes the file at any moment."""

    def __init__(self, database: str) -> None:
        self._path = database + ".writer"
        self._threads = threading.Lock()
        self._file: int | None = None
        self._pid = 0

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the pen. Raises `Busy` after ten seconds behind other threads, `AnotherWriter` behind a process."""
        if not self._threads.acquire(timeout=LOCK_PATIENCE_SECONDS):
            raise Busy()
        try:
            self._keep_other_processes_out()
            yield
        finally:
            self._threads.release()

    def let_go(self) -> None:
        """Give the file back, so that another process (the forked server) may write it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _keep_other_processes_out(self) -> None:
        if self._file is not None and self._pid == os.getpid():
            return
        if self._file is not None:  # Inherited by a fork: while it is open here, nobody gets what the parent let go.
            os.close(self._file)
            self._file = None
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
        while True:  # A server that is being restarted needs a moment to let go.
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(file)
                    raise AnotherWriter() from None
                time.sleep(0.05)
        self._file, self._pid = file, os.getpid()
