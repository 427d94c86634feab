"""How gunicorn serves in production: gunicorn -c deploy/gunicorn.conf.py "backend.web:create_app()"

HOST, PORT, THREADS and LOG_LEVEL are the application's own settings, WEB_CONCURRENCY is gunicorn's; deploy/.env.example
explains them. A setting that cannot be right stops the start here, by name, before anything is forked.
"""

import gc
import os
import sys

from gunicorn.glogging import Logger

from backend.cli.worker import work_in_the_background
from backend.foundation.config import Config, ConfigRefused
from backend.foundation.db import let_go_of_database
from backend.foundation.logs import JsonLines, log_to_stderr

try:
    settings = Config.from_environment(os.environ)
except ConfigRefused as refusal:
    sys.exit(f"设置有误 / refused: {refusal}")

is_sqlite = settings.database_url.startswith("sqlite")


class JsonLogger(Logger):
    """Gunicorn's own lines and the application's in one shape, set up before the workers are forked."""

    def setup(self, cfg):
        super().setup(cfg)
        log_to_stderr(settings.log_level)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())


bind = f"{settings.host}:{settings.port}"
worker_class = "gthread"
threads = settings.threads

# SQLite before 3.51.3 can corrupt a write-ahead log that several processes write, so its file has one process,
# whatever WEB_CONCURRENCY says. On PostgreSQL each worker counts for itself: with more than one, /metrics tells
# what the worker that happened to answer has seen.
workers = 1 if is_sqlite else int(os.environ.get("WEB_CONCURRENCY") or 2)

preload_app = False  # connections and locks do not survive a fork, so each worker makes its own application
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  # a heartbeat must not wait for a disk

timeout = 60  # a worker whose main thread is silent for so long is replaced
graceful_timeout = 30  # as long as the longest statement may take (foundation/db.py)
keepalive = 75  # longer than nginx keeps an idle connection, or nginx sends into one that is being closed
max_requests = 0

# Nobody's forwarded headers are believed here: the application counts its proxies itself (TRUSTED_PROXIES).
forwarded_allow_ips = ""

logger_class = JsonLogger
loglevel = settings.log_level.lower()
accesslog = None  # the application logs each request, without personal data
control_socket_disable = True  # signals are enough; a socket is one more door


def post_worker_init(worker):
    """With SQLite nobody else may write, so the jobs run here; elsewhere `flask worker` is a process of its own."""
    if is_sqlite:
        work_in_the_background(worker.wsgi)
    gc.freeze()  # what is loaded stays: looking through it again and again costs answers milliseconds


def worker_exit(server, worker):
    """Say goodbye to the database, which otherwise logs every restart as a broken connection."""
    app = getattr(worker, "wsgi", None)  # absent when the worker failed before it had one
    if app is not None:
        with app.app_context():
            let_go_of_database()
