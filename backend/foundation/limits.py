"""How often somebody may ask. Counted in Redis where there is one, else in the process; it decides nothing else.

A person is one phone, however many share its address; an address is limited only against floods. When Redis does not
answer, reading and most writing goes on uncounted; what guards money or identity (`fails_closed`) waits.
"""

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Request, current_app, request
from flask_limiter import Limiter
from redis.exceptions import RedisError

from backend.foundation.errors import Unavailable

log = logging.getLogger(__name__)

View = Callable[..., Any]

EACH_PERSON = "6000 per minute"
EACH_ADDRESS = "30000 per minute"


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


def limit_requests(app: Flask, redis_url: str | None, who: Callable[[Request], str | None]) -> None:
    """Count requests by person where `who` knows them, else by address."""
    # redis-py says unix://, the limits library redis+unix:// for the same socket.
    app.config["RATELIMIT_STORAGE_URI"] = (redis_url or "memory://").replace("unix://", "redis+unix://", 1)
    if redis_url:
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_timeout": 0.3, "socket_connect_timeout": 0.3}
    limiter = CarefulLimiter(
        key_func=lambda: who(request) or f"address:{request.remote_addr}",
        application_limits=[lambda: EACH_PERSON if who(request) else EACH_ADDRESS],
        application_limits_exempt_when=lambda: request.path in ("/healthz", "/readyz", "/metrics"),
    )
    limiter.init_app(app)
