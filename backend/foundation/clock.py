"""What time it is. A deed asks once and hands the answer on; a *day* is a day in Asia/Shanghai."""

from datetime import UTC, date, datetime, time, timedelta, timezone

# China has kept UTC+8 without summer time since 1991, so no time zone database is needed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


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
