"""What time it is. A deed asks once and hands the answer on; a *day* is a day in Asia/Shanghai."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta, timezone

# China has kept UTC+8 without summer time since 1991, so no time zone database is needed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


_shift: ContextVar[timedelta] = ContextVar("clock_shift", default=timedelta())


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC) + _shift.get()


@contextmanager
def as_of(at: datetime) -> Iterator[None]:
    """Let the clock run from another instant, for writing down a demo's past; nothing that serves people uses it."""
    token = _shift.set(at - datetime.now(UTC))
    try:
        yield
    finally:
        _shift.reset(token)


def shanghai_day(at: datetime) -> date:
    """The day on the wall calendar in Shanghai at that instant."""
    return at.astimezone(SHANGHAI).date()


def start_of_day(day: date) -> datetime:
    """The first instant of that day in Shanghai, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def said_in_shanghai(at: datetime) -> str:
    """How a message tells a person the time: 11月23日 18:05."""
    there = at.astimezone(SHANGHAI)
    return f"{there.month}月{there.day}日 {there:%H:%M}"
