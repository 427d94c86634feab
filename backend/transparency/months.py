"""A month of figures: the calendar month in Asia/Shanghai, as it stood at its end, or stands now while it runs."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backend.foundation.clock import now, shanghai_day, start_of_day

_SHAPE = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Month:
    """From the first instant of its first day to the first one of the next month."""

    first_day: date

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.replace(day=1))

    @classmethod
    def read(cls, said: str) -> "Month":
        """`2026-11`. Raises `ValueError`."""
        shape = _SHAPE.fullmatch(said)
        if shape is None:
            raise ValueError(said)
        return cls(date(int(shape[1]), int(shape[2]), 1))

    @property
    def before(self) -> "Month":
        return Month.of(self.first_day - timedelta(days=1))

    @property
    def after(self) -> "Month":
        return Month.of(self.first_day + timedelta(days=31))

    @property
    def begins(self) -> datetime:
        return start_of_day(self.first_day)

    @property
    def ends(self) -> datetime:
        return start_of_day(self.after.first_day)

    @property
    def year_begins(self) -> datetime:
        return start_of_day(self.first_day.replace(month=1))

    @property
    def is_over(self) -> bool:
        return now() >= self.ends

    def __str__(self) -> str:
        return f"{self.first_day.year}-{self.first_day.month:02d}"


def this_month() -> Month:
    """The one that runs."""
    return Month.of(shanghai_day(now()))
