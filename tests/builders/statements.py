"""What is sent to the database while something happens, but for the access feed, which is read every two seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from backend.foundation.db import db


@contextmanager
def statements_sent(app: Flask) -> Iterator[list[str]]:
    """Every statement inside the block, in order."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "access_feeds" not in statement and "access_changes" not in statement:
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
