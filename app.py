"""Run me: `python app.py` serves the street of the environment, by default an embedded one with a demo.

It applies the migrations, seeds the demo if the database has no office, and serves with gunicorn: one process with
threads, because SQLite is written by one process only. `app` is for any other WSGI server.
"""

import gc
import os
import sys
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from gunicorn.app.base import BaseApplication

from backend.cli.demo import open_demo, welcome
from backend.cli.worker import work_in_the_background
from backend.foundation.config import Config, ConfigRefused
from backend.foundation.db import keep_other_writers_out, let_go_of_database
from backend.foundation.errors import AppError
from backend.foundation.logs import log_to_stderr
from backend.web import create_app


def __getattr__(name: str) -> Any:
    """`app`, made when somebody asks for it: running this file must not build it twice."""
    if name == "app":
        return create_app()
    raise AttributeError(name)


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn with the settings of the environment; the worker process makes its own application."""

    def __init__(self, config: Config, greeting: str) -> None:
        self.config = config
        self.greeting = greeting
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": f"{self.config.host}:{self.config.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": self.config.threads,
            "keepalive": 75,
            "graceful_timeout": 15,
            "control_socket_disable": True,
            "loglevel": "warning",
            "when_ready": lambda _: print(self.greeting, flush=True),
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        served = create_app(self.config)
        with served.app_context():
            keep_other_writers_out()
        work_in_the_background(served)
        gc.freeze()  # what is loaded stays: looking through it again and again costs answers milliseconds
        return served


def main() -> None:
    try:
        config = Config.from_environment(os.environ)
    except ConfigRefused as refusal:
        sys.exit(f"设置有误 / refused: {refusal}")
    log_to_stderr(config.log_level)
    preparing = create_app(config)
    with preparing.app_context():
        try:
            keep_other_writers_out()
            upgrade()
            if config.demo:
                open_demo()
        except AppError as refusal:  # another program is writing to this SQLite file
            sys.exit(refusal.text)
        greeting = welcome(config)
        let_go_of_database()  # the server is another process and opens its own
    Server(config, greeting).run()


if __name__ == "__main__":
    main()
