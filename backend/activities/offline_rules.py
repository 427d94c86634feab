"""When a scan that comes later is believed. Pure: instants in, words out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

CLOCKS_AGREE = timedelta(minutes=2)  # how far the clocks of two phones at one door may be apart
LATE_AFTER = timedelta(days=7)  # a batch that comes later than this is looked at by somebody
FUTURE_AFTER = timedelta(minutes=2)  # by our clock nothing happens later than now


class Timed(Protocol):
    """Something with an instant and a direction."""

    @property
    def happened_at(self) -> datetime: ...

    @property
    def direction(self) -> str: ...


Scanned = TypeVar("Scanned", bound=Timed)


def skew_of(*, sent_at: datetime, received_at: datetime) -> timedelta:
    """What has to be added to the clock of a phone, from when it said it sent and when we got it."""
    return received_at - sent_at


def doubt(
    *,
    happened_at: datetime,
    received_at: datetime,
    opens_at: datetime,
    ends_at: datetime,
    direction: str,
    is_code_of_then: bool,
) -> bool:
    """Should somebody look at it? Nothing is refused for its time: whoever was there is recorded.

    Odd are: the future, more than a week ago, a code of another moment, an arrival outside the time of the session, a
    departure before it opened.
    """
    if happened_at > received_at + FUTURE_AFTER or happened_at < received_at - LATE_AFTER:
        return True
    if not is_code_of_then:
        return True
    if direction == "in":
        return not opens_at <= happened_at < ends_at
    return happened_at < opens_at


def in_order(scans: Iterable[Scanned]) -> list[Scanned]:
    """As they happened; at one instant arrivals come first, whatever order the phone sent."""
    return sorted(scans, key=lambda scan: (scan.happened_at, scan.direction != "in"))
