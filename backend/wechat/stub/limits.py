"""How often a minute and a day each address may be asked, as its page says."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from backend.foundation.clock import now, shanghai_day
from backend.wechat.stub.answering import Failure

PER_MINUTE = 45011, "api minute-quota reach limit, must slower, retry next minute"
PER_MINUTE_OF_SAFETY = 44991, "reach max api minute frequence"
PER_DAY = 45009, "reach max api daily quota limit"


@dataclass(frozen=True)
class Limit:
    a_minute: int
    a_day: int | None = None
    refused_with: tuple[int, str] = PER_MINUTE


LIMITS = {
    "/cgi-bin/stable_token": Limit(10_000, 500_000),
    "/wxa/getwxacodeunlimit": Limit(5_000),
    "/wxa/msg_sec_check": Limit(4_000, 2_000_000, PER_MINUTE_OF_SAFETY),
    "/wxa/media_check_async": Limit(2_000, 200_000, PER_MINUTE_OF_SAFETY),
}


class Counted:
    """How often each address was asked, this minute and this day in Shanghai."""

    def __init__(self, limits: Mapping[str, Limit]) -> None:
        self._limits = limits
        self._asked: dict[str, Counter[str]] = {}  # minute or day → address → times
        self._lock = threading.Lock()

    def count(self, path: str) -> None:
        """One more; a Failure when it is too many."""
        limit = self._limits.get(path)
        if limit is None:
            return
        at = now()
        minute, day = f"{at:%d %H:%M}", f"{shanghai_day(at)}"
        with self._lock:
            self._asked = {period: self._asked.get(period, Counter()) for period in (minute, day)}
            if limit.a_day is not None and self._asked[day][path] >= limit.a_day:
                raise Failure(*PER_DAY)
            if self._asked[minute][path] >= limit.a_minute:
                raise Failure(*limit.refused_with)
            self._asked[minute][path] += 1
            self._asked[day][path] += 1
