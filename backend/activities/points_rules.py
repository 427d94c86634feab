"""What minutes are worth. Pure arithmetic that a community leader could check."""

from datetime import datetime


def minutes_between(arrived: datetime, left: datetime, *, starts_at: datetime, ends_at: datetime) -> int:
    """Whole minutes somebody was there while the session ran; coming early or staying on adds none."""
    seconds = (min(left, ends_at) - max(arrived, starts_at)).total_seconds()
    return max(0, int(seconds // 60))


def points_for(minutes: int, *, points_per_hour: int, points_max: int) -> int:
    """Half an hour is the smallest piece that counts; the rest is rounded down."""
    return min(minutes // 30 * points_per_hour // 2, points_max)


def default_budget(*, capacity: int, points_max: int, sessions: int) -> int:
    """Enough for everybody to earn the most at every session."""
    return capacity * points_max * sessions
