"""How much of what somebody is due fits under the caps. Pure arithmetic."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Caps:
    """Points one person may be awarded; None: no cap."""

    a_day: int | None = None
    a_week: int | None = None
    an_activity: int | None = None

    @property
    def any(self) -> bool:
        return (self.a_day, self.a_week, self.an_activity) != (None, None, None)

    def allow(self, due: int, *, day: int, week: int, activity: int) -> int:
        """What of `due` may still be awarded to who already has so much that day, that week, at that activity."""
        already = ((self.a_day, day), (self.a_week, week), (self.an_activity, activity))
        left = [cap - had for cap, had in already if cap is not None]
        return max(0, min([due, *left]))


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())
