"""How long a place is kept for somebody who waited for it. Pure; all instants in UTC."""

from datetime import datetime, timedelta

GIVEN_AT_ONCE = timedelta(hours=3)  # before the start: there is no time left to ask
LAST_DAY = timedelta(days=1)
KEPT = timedelta(hours=12)
KEPT_ON_THE_LAST_DAY = timedelta(hours=2)
LATE = timedelta(hours=2)  # giving a place up so shortly before the start helps nobody


def kept_until(*, starts_at: datetime, at: datetime) -> datetime | None:
    """Until when an offered place waits for an answer: 12 hours, on the last day 2; None where it is given at once."""
    ahead = starts_at - at
    if ahead <= GIVEN_AT_ONCE:
        return None
    return at + (KEPT_ON_THE_LAST_DAY if ahead <= LAST_DAY else KEPT)


def is_late(withdrawn_at: datetime, *, starts_at: datetime) -> bool:
    """Was a place given up less than two hours before the start, or after it?"""
    return withdrawn_at > starts_at - LATE
