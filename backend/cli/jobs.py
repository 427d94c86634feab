"""What has to happen by itself, in every office. Each job may run at any time, twice, at once, or be killed half-way.

A job looks without locks and then does one row after the other, each in a deed of its own that looks again.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import done_reading, transactional
from backend.foundation.tenancy import acting_in
from backend.ledger import sweeps
from backend.ledger.accounts import Account
from backend.ledger.book import Place
from backend.ledger.drafts import Told
from backend.ledger.reversals import RECOVERED
from backend.merchants import undoing
from backend.messages import expiry_notices
from backend.people import merging
from backend.places.offices import offices, the_book

T = TypeVar("T")

AT_ONCE = 1000  # rows that one look finds at most; the worker looks again while there is something to do

log = logging.getLogger(__name__)


def release_holds() -> int:
    """Give the points of codes nobody captured in time back to their wallets."""
    return _each(undoing.timed_out(AT_ONCE), undoing.expire)


def expire_points() -> int:
    """Return points whose last day has passed to the funds that paid for them."""

    def expire(place: Place) -> bool:
        return sweeps.expire(the_book(), place, told=_told("积分已过有效期，退回资金", "expiry"))

    return _each(sweeps.expired(the_book(), today=shanghai_day(now()), limit=AT_ONCE), expire)


def recover_points() -> int:
    """Take from wallets what they owe, where two deeds at the same moment did not see each other."""

    def repay(wallet: Account) -> bool:
        return sweeps.repay(the_book(), wallet, told=_told(RECOVERED, "recovery"))

    return _each(sweeps.able_to_repay(the_book(), today=shanghai_day(now()), limit=AT_ONCE), repay)


def notify_expiry() -> int:
    """Put a notice into the outbox for whoever has points that end in 30 or 7 days."""
    return _each(expiry_notices.due_notices(shanghai_day(now()), AT_ONCE), expiry_notices.notify)


def carry_over() -> int:
    """Carry what came into the wallet of an account that was merged away to the person it was merged into."""
    return _each(merging.left_behind(AT_ONCE), merging.carry_over)


@dataclass(frozen=True)
class Job:
    """A job and how often the worker runs it; `flask jobs <name>` runs it once, for cron."""

    name: str
    run: Callable[[], int]
    every: timedelta


JOBS = (
    Job("release-holds", release_holds, timedelta()),  # in every round of the worker
    Job("expire-points", expire_points, timedelta(hours=1)),
    Job("recover-points", recover_points, timedelta(minutes=10)),
    Job("carry-over", carry_over, timedelta(minutes=10)),
    Job("notify-expiry", notify_expiry, timedelta(hours=1)),
)


def run_jobs(jobs: Iterable[Job] = JOBS) -> int:
    """Run jobs once in every office; how much was done. The trouble of one stops neither the others nor us."""
    numbers = [office.id for office in offices()]
    done_reading()
    done = 0
    for office_id in numbers:
        with acting_in(office_id):
            done += sum(_tried(job.run) or 0 for job in jobs)
    return done


def _each(found: Iterable[T], deed: Callable[[T], bool]) -> int:
    """Do it for each, in a transaction of its own; how often there was something to do."""
    found = list(found)
    done_reading()
    return sum(bool(_tried(transactional(deed), one)) for one in found)


def _told(reason: str, origin: str) -> Told:
    return Told(reason, "system:clock", origin, now())


def _tried(deed: Callable[..., int], *args: Any) -> int | None:
    try:
        return deed(*args)
    except Exception as trouble:  # one broken row must not keep everybody else waiting
        log.error("%s: %s", deed.__qualname__, type(trouble).__name__, extra={"about": [str(arg) for arg in args]})
        done_reading()
        return None
