"""The worker: runs the jobs again and again, as a process of its own or as a thread of the embedded server."""

import logging
import signal
import threading
import time

from flask import Flask

from backend.cli.jobs import JOBS, Job, run_jobs
from backend.foundation.db import keep_other_writers_out

PAUSE_SECONDS = 15.0

log = logging.getLogger(__name__)


def work(app: Flask, stopping: threading.Event) -> None:
    """Run the jobs until told to stop; a database that does not answer is asked again later."""
    last_run: dict[Job, float] = {}
    while not stopping.wait(PAUSE_SECONDS):
        at = time.monotonic()
        due = [job for job in JOBS if job not in last_run or at - last_run[job] >= job.every.total_seconds()]
        with app.app_context():
            try:
                while run_jobs(due):  # as long as there is something to do
                    if stopping.is_set():
                        return
                last_run |= dict.fromkeys(due, at)
            except Exception as trouble:  # the database does not answer, or worse: the next round may do better
                log.error("jobs stopped: %s", type(trouble).__name__)


def work_in_the_background(app: Flask) -> None:
    """A thread beside the server's: with SQLite only the serving process may write."""
    threading.Thread(target=work, args=(app, threading.Event()), name="worker", daemon=True).start()


def work_until_stopped(app: Flask) -> None:
    """The body of `flask worker`: ends after the running job on SIGTERM or SIGINT.

    Raises `AnotherWriter` at once where a server is writing the SQLite file: its own thread runs the jobs.
    """
    keep_other_writers_out()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    work(app, stopping)
