"""How often somebody may ask. Counted in Redis where there is one, else in the process; it decides nothing else.

A person is one phone, however many share its address; before a log-in a phone may name its installation
(`X-Installation-Id`). An address is limited only against floods. When Redis does not answer, reading and most writing
goes on uncounted; what guards money or identity (`fails_closed`) waits. Wrong codes are counted in `guesses`.
"""

import logging
import re
from collections.abc import Callable
from typing import Any

from flask import Flask, Request, current_app, request
from flask_limiter import ApplicationLimit, Limiter
from limits import parse
from redis.exceptions import RedisError

from backend.foundation.errors import TooManyRequests, Unavailable

log = logging.getLogger(__name__)

View = Callable[..., Any]

EACH_PERSON = "6000 per minute"
EACH_INSTALLATION = "600 per minute"
EACH_ADDRESS = "30000 per minute"

_INSTALLATION = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


class CarefulLimiter(Limiter):
    """Fails open, except where a view said that it fails closed."""

    def _check_request_limit(self, *args: Any, **kwargs: Any) -> None:
        try:
            super()._check_request_limit(*args, **kwargs)
        except RedisError as error:
            log.warning("limits cannot be counted: %s", type(error).__name__)
            view = current_app.view_functions.get(request.endpoint or "")
            if getattr(view, "_fails_closed", False):
                raise Unavailable() from None


def fails_closed(view: View) -> View:
    """Refuse with 503 while nobody can count how often this is tried."""
    view._fails_closed = True  # type: ignore[attr-defined]
    return view


def count_one_more(what: str, *, limit: str, who: str) -> None:
    """Count one more of something that others share with them. Raises `TooManyRequests`; uncounted without Redis."""
    limiter: CarefulLimiter = current_app.extensions["limits"]
    try:
        is_within = limiter.limiter.hit(parse(limit), what, who)
    except RedisError as error:
        log.warning("limits cannot be counted: %s", type(error).__name__)
        return
    if not is_within:
        raise TooManyRequests()


def limit_requests(app: Flask, redis_url: str | None, who: Callable[[Request], str | None]) -> None:
    """Count requests by person where `who` knows them, else by address."""
    # redis-py says unix://, the limits library redis+unix:// for the same socket.
    app.config["RATELIMIT_STORAGE_URI"] = (redis_url or "memory://").replace("unix://", "redis+unix://", 1)
    if redis_url:
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_timeout": 0.3, "socket_connect_timeout": 0.3}

    def phone() -> str | None:
        return who(request) or installation_of(request)

    def is_known() -> bool:
        return who(request) is not None

    def is_about_the_server() -> bool:
        return request.path in ("/healthz", "/readyz", "/metrics")

    limiter = CarefulLimiter(
        key_func=lambda: f"address:{request.remote_addr}",
        application_limits=[
            ApplicationLimit(
                lambda: EACH_PERSON if is_known() else EACH_INSTALLATION,
                lambda: phone() or "",
                exempt_when=lambda: is_about_the_server() or phone() is None,
            ),
            ApplicationLimit(lambda: EACH_ADDRESS, exempt_when=lambda: is_about_the_server() or is_known()),
        ],
    )
    limiter.init_app(app)
    app.extensions["limits"] = limiter


def installation_of(asking: Request) -> str | None:
    """The installation that a phone names before anybody has logged in on it; it proves nothing."""
    named = asking.headers.get("X-Installation-Id", "")
    return f"installation:{named}" if _INSTALLATION.fullmatch(named) else None
