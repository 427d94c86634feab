"""One JSON line per request, with its id. No body, no query, no header: personal data is never logged."""

import json
import logging
import re
import sys
import time
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from backend.foundation.clock import now
from backend.foundation.ids import uuid7

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

log = logging.getLogger("backend.requests")


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context() and "request_id" in g:
            line["request_id"] = g.request_id
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["trace"] = _trace(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _trace(info: Any) -> list[str]:
    """Where it happened, without the values: a driver's message quotes the row, and a row may be about a person."""
    kind, _, step = info
    places = []
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return [*places[-12:], kind.__name__ if kind else "?"]


def log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.getLogger("httpx2").setLevel("WARNING")  # it logs addresses, and WeChat's carry the secret
    logging.getLogger("alembic").setLevel("WARNING")


def follow_requests(app: Flask) -> None:
    """Give every request an id (the proxy's, if it is plausible), say it in the answer, and log one line."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid7())
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers.setdefault("X-Frame-Options", "DENY")
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        rule = request.url_rule.rule if request.url_rule else "-"
        asking = g.get("caller")
        log.info(
            "%s %s %s",
            request.method,
            rule,  # the rule, not the path: a path may carry a code
            response.status_code,
            extra={
                "ms": round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
                "office": asking.office_id if asking else None,
                "person": asking.person_id if asking else None,
            },
        )
        return response
