"""The worker: runs the jobs again and again, as a process of its own or as a thread of the embedded server."""

import logging
import signal
import threading

from flask import Flask

from backend.cli.jobs import run_jobs

PAUSE_SECONDS = 15.0

log = logging.getLogger(__name__)


def work(app: Flask, stopping: threading.Event) -> None:
    """Run the jobs until told to stop; a database that does not answer is asked again later."""
    while not stopping.wait(PAUSE_SECONDS):
        with app.app_context():
            try:
                while run_jobs():  # as long as there is something to do
                    if stopping.is_set():
                        return
            except Exception as trouble:  # the database does not answer, or worse: the next round may do better
                log.error("jobs stopped: %s", type(trouble).__name__)


def work_in_the_background(app: Flask) -> None:
    """A thread beside the server's: with SQLite only the serving process may write."""
    threading.Thread(target=work, args=(app, threading.Event()), name="worker", daemon=True).start()


def work_until_stopped(app: Flask) -> None:
    """The body of `flask worker`: ends after the running job on SIGTERM or SIGINT."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    work(app, stopping)
