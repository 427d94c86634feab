"""Verify in a process of its own, so that what it takes of memory is its own too (read from /proc: Linux)."""

import multiprocessing
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from backend.cli.verifying import in_words, reading_only, verified

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Figures:
    """How verify fared. Pages of a mapped database file are counted apart: the system takes them back at will."""

    entries: int
    findings: int
    words: str
    seconds: float
    cpu_seconds: float
    grown_mb: float  # memory of its own at the peak, above what the process had before
    peak_mb: float  # everything resident at the peak, with code and mapped pages

    @property
    def entries_per_minute(self) -> float:
        return self.entries / self.seconds * 60


def verify_alone(url: str, book_id: int) -> Figures:
    """Verify one book as the command does, in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        return processes.submit(_verified, url, book_id).result()


def _verified(url: str, book_id: int) -> Figures:
    with reading_only(make_url(url)) as engine, _watching_memory() as seen:
        before = seen[0]
        began, cpu = time.perf_counter(), time.process_time()
        report = verified(engine, book_id)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return Figures(
        entries=report.entries,
        findings=report.total,
        words=in_words(report),
        seconds=seconds,
        cpu_seconds=cpu,
        grown_mb=max(seen) - before,
        peak_mb=_mb("VmHWM"),
    )


@contextmanager
def _watching_memory() -> Iterator[list[float]]:
    """What the process has of its own, many times a second."""
    seen, done = [_mb("RssAnon")], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            seen.append(_mb("RssAnon"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def _mb(name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0
