"""Several processes that race: each has its own application and threads, and all begin at one moment.

What they run is a plain function of this project with plain arguments, so that it can be sent to them.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from flask import Flask

from backend.foundation import sqlite
from backend.foundation.db import db
from backend.foundation.errors import AppError
from backend.web import create_app
from tests.builders.races import deadlocks_counted
from tests.conftest import test_config as settings

PROCESSES, THREADS = 4, 8
RACERS = PROCESSES * THREADS
PATIENCE = 180  # seconds; a busy machine

_spawn = multiprocessing.get_context("spawn")  # nothing inherited: connections, caches and locks are their own

Outcome = tuple[str, Any]
Deed = Callable[..., Any]


@dataclass
class Result:
    """What came of a race, in the order of its arguments, and the deadlocks PostgreSQL reported meanwhile."""

    outcomes: list[Outcome]
    deadlocks: list[str]


class Crew:
    """Processes waiting to race on one database."""

    def __init__(self, database_url: str, *, processes: int, threads: int, patience: float | None = None) -> None:
        self.threads = threads
        self.begin = begin = _spawn.Barrier(processes * threads)  # kept here, or it is gone before they open it
        pairs = [_spawn.Pipe() for _ in range(processes)]
        self.lines = [ours for ours, _ in pairs]
        self.members = [
            _spawn.Process(target=_member, args=(theirs, begin, database_url, threads, patience), daemon=True)
            for _, theirs in pairs
        ]
        for member in self.members:
            member.start()
        for _, theirs in pairs:
            theirs.close()

    def race(self, deed: Deed, arguments: Sequence[tuple[Any, ...]]) -> Result:
        """Run the deed once per tuple of arguments, one in each thread of each process, all at once."""
        assert len(arguments) == len(self.lines) * self.threads
        for number, line in enumerate(self.lines):
            line.send((deed, arguments[number :: len(self.lines)]))
        parts = [self._answer(line) for line in self.lines]
        outcomes = [parts[n % len(parts)].outcomes[n // len(parts)] for n in range(len(arguments))]
        return Result(outcomes, [state for part in parts for state in part.deadlocks])

    def _answer(self, line: Connection) -> Result:
        assert line.poll(PATIENCE), "a process of the race did not answer"
        answer: Result | str = line.recv()
        assert isinstance(answer, Result), answer
        return answer

    def disband(self) -> None:
        for line in self.lines:
            line.close()  # they read the end of it and go
        for member in self.members:
            member.join(PATIENCE)
            member.close()


@contextmanager
def crew(database_url: str, *, processes: int = PROCESSES, threads: int = THREADS, **how: Any) -> Iterator[Crew]:
    """A crew for as long as the block."""
    gathered = Crew(database_url, processes=processes, threads=threads, **how)
    try:
        yield gathered
    finally:
        gathered.disband()


def _member(line: Connection, begin: Any, database_url: str, threads: int, patience: float | None) -> None:
    if patience is not None:
        sqlite.LOCK_PATIENCE_SECONDS = patience
    app = create_app(settings(database_url))
    while True:
        try:
            deed, arguments = line.recv()
        except EOFError:
            break
        try:
            line.send(_run(app, begin, deed, arguments, threads))
        except Exception as trouble:  # said to whoever started the race
            line.send(repr(trouble))
    with app.app_context():
        db.engine.dispose()
    app.extensions["wechat"].close()


def _run(app: Flask, begin: Any, deed: Deed, arguments: Sequence[tuple[Any, ...]], threads: int) -> Result:
    def one(given: tuple[Any, ...]) -> Outcome:
        with app.app_context():
            db.session.connection()  # connected before the start: logging in to a database takes longer than a deed
            db.session.rollback()
        begin.wait(PATIENCE)
        try:
            return deed(app, *given)
        except AppError as refusal:
            return refusal.code, refusal.facts

    with deadlocks_counted(app) as deadlocks, ThreadPoolExecutor(threads) as pool:
        outcomes = list(pool.map(one, arguments))
    return Result(outcomes, deadlocks)
