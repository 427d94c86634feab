"""Many at the same moment: real threads behind a barrier, and what the database had to say about it."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import event

from backend.foundation.db import db

T = TypeVar("T")

THREADS = 30  # as many connections as the pool of PostgreSQL has


def at_once(*calls: Callable[[], T]) -> list[T]:
    """Run the calls in as many threads as there are connections, released together; answers in the order of calls."""
    threads = min(THREADS, len(calls))
    barrier = threading.Barrier(threads)

    def begin(first: int) -> list[T]:
        barrier.wait(30)
        return [call() for call in calls[first::threads]]

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(begin, range(threads)))
    return [parts[n % threads][n // threads] for n in range(len(calls))]


def statuses(answers: Sequence[Any]) -> dict[int, int]:
    """How many answers of each status."""
    return dict(Counter(answer.status for answer in answers))


def codes(answers: Sequence[Any]) -> dict[str, int]:
    """How many refusals of each code."""
    return dict(Counter(answer.code for answer in answers if answer.status >= 400))


@contextmanager
def deadlocks_counted(app: Flask) -> Iterator[list[str]]:
    """The deadlocks, lock timeouts and serialisation failures that PostgreSQL reports inside the block."""
    seen: list[str] = []

    def note(context: Any) -> None:
        state = getattr(context.original_exception, "sqlstate", None)
        if state in ("40P01", "55P03", "40001"):
            seen.append(state)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "handle_error", note)
    try:
        yield seen
    finally:
        event.remove(engine, "handle_error", note)
