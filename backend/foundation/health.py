"""Alive, ready, and what Prometheus counts."""

import time

from flask import Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from backend.foundation.clock import now
from backend.foundation.db import session

_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}

SKEW_SECONDS = 2.0  # more between the application's clock and the database's, and last days and holds are in doubt


def watch_health(app: Flask, *, migration_head: str, redis_url: str | None) -> None:
    """Answer /healthz, /readyz and /metrics. Redis is reported and never fatal."""
    registry = CollectorRegistry()
    asked = Counter("http_requests_total", "Requests", ["method", "rule", "status"], registry=registry)
    took = Histogram("http_request_seconds", "Seconds per request", ["rule"], registry=registry)
    redis = Redis.from_url(redis_url, socket_timeout=0.3, socket_connect_timeout=0.3) if redis_url else None

    @app.get("/healthz")
    def alive() -> Response:
        return jsonify(status="alive")

    @app.get("/readyz")
    def ready() -> tuple[Response, int]:
        facts = {"database": _database(), "migration": _migration(migration_head), "clock": _clock()}
        is_ready = all(fact == "ok" for fact in facts.values())
        facts["redis"] = _redis(redis)
        return jsonify(status="ready" if is_ready else "not_ready", **facts), 200 if is_ready else 503

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    @app.before_request
    def begin() -> None:
        g.counted_from = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else "-"
        method = request.method if request.method in _METHODS else "-"  # a stranger's invention is no label
        asked.labels(method, rule, response.status_code).inc()
        if "counted_from" in g:
            took.labels(rule).observe(time.perf_counter() - g.counted_from)
        return response


def _database() -> str:
    try:
        session().execute(text("SELECT 1"))
        return "ok"
    except DBAPIError:
        session().rollback()
        return "not_answering"


def _migration(head: str) -> str:
    try:
        found = session().execute(text("SELECT version_num FROM alembic_version")).scalars().all()
        return "ok" if found == [head] else "behind"
    except DBAPIError:
        session().rollback()
        return "missing"


def _clock() -> str:
    try:
        if session().get_bind().dialect.name == "sqlite":
            return "ok"  # the same machine, the same clock
        skew = abs((session().execute(select(func.clock_timestamp())).scalar_one() - now()).total_seconds())
        return "ok" if skew < SKEW_SECONDS else f"skewed by {skew:.1f} s"
    except DBAPIError:
        session().rollback()
        return "unknown"


def _redis(redis: Redis | None) -> str:
    if redis is None:
        return "not_configured"
    try:
        redis.ping()
        return "ok"
    except RedisError:
        return "not_answering"
