"""When an offer can be had, and for how long a limit counts. Pure; times of day are of Asia/Shanghai."""

from datetime import date, datetime, timedelta

PERIODS_IN_CHINESE = {"ever": "累计", "month": "每月", "week": "每周", "day": "每天"}


def minute_of_day(there: datetime) -> int:
    """0 at midnight, 1439 just before the next; `there` is already the time in Shanghai."""
    return there.hour * 60 + there.minute


def is_open(minute: int, *, opens: int | None, closes: int | None) -> bool:
    """Can it be had at that minute? Without times always."""
    return opens is None or closes is None or opens <= minute < closes


def hours_said(opens: int, closes: int) -> str:
    """09:00—18:00."""
    return "—".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (opens, closes))


def period_begins(period: str, day: date) -> date | None:
    """The first day of the period around that day; weeks begin on Monday; None for ever."""
    if period == "day":
        return day
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else None
