"""Codes, PINs and log-ins can be guessed at: whoever was wrong too often waits, and nobody else does.

Counted by person, and before a log-in by installation (`X-Installation-Id`). Never by address: a community's Wi-Fi
and a carrier's NAT are one address for hundreds. While nobody can count, nobody may try.
"""

import math
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, g, request
from limits import RateLimitItem, parse
from redis.exceptions import RedisError

from backend.foundation.api import refuses
from backend.foundation.callers import Caller
from backend.foundation.errors import AppError, TooManyGuesses, Unavailable
from backend.foundation.limits import CarefulLimiter, installation_of

View = Callable[..., Any]

WRONG_AT_MOST = "60 per 10 minutes"  # a clerk with a queue mistypes now and then; four guesses in a million are no risk


def guessable(*secrets: str) -> Callable[[View], View]:
    """Count wrong guesses at these arguments or fields of the body; a request without any of them just goes on.

    Stands above `transactional`: who is counted is asked before the deed begins. Raises `TooManyGuesses`, or
    `Unavailable` while Redis does not answer.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def counted(*args: Any, **kwargs: Any) -> Any:
            said = {*kwargs, *(name for form in args for name in form)}
            who = _who()
            if who is None or said.isdisjoint(secrets):
                return view(*args, **kwargs)
            _refuse_if_used_up(who)
            try:
                return view(*args, **kwargs)
            except AppError as refusal:
                if refusal.is_guess:
                    _count(who)
                raise

        return refuses(TooManyGuesses)(counted)

    return decorator


def _who() -> str | None:
    asking: Caller | None = g.get("caller")
    return f"person:{asking.office_id}:{asking.doer_id}" if asking else installation_of(request)


def _refuse_if_used_up(who: str) -> None:
    limiter, item = _limiter(), _item()
    try:
        if limiter.limiter.test(item, "guesses", who):
            return
        until: float = limiter.limiter.get_window_stats(item, "guesses", who).reset_time
    except RedisError:
        raise Unavailable() from None
    seconds = max(1, math.ceil(until - time.time()))
    raise TooManyGuesses(minutes=math.ceil(seconds / 60), retry_after=seconds)


def _count(who: str) -> None:
    try:
        _limiter().limiter.hit(_item(), "guesses", who)
    except RedisError:
        raise Unavailable() from None


def _limiter() -> CarefulLimiter:
    limiter: CarefulLimiter = current_app.extensions["limits"]
    return limiter


def _item() -> RateLimitItem:
    return parse(WRONG_AT_MOST)
