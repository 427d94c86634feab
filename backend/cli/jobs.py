"""What has to happen by itself, in every office. Each job may run at any time, twice, or be killed half-way."""

import logging
from collections.abc import Callable
from typing import Any

from backend.foundation.db import done_reading, transactional
from backend.foundation.tenancy import acting_in
from backend.merchants import undoing
from backend.places.offices import offices

log = logging.getLogger(__name__)


def release_timed_out_holds() -> int:
    """Give the points of codes nobody captured in time back to their wallets; how many there were."""
    late = undoing.timed_out()
    done_reading()
    return sum(bool(_tried(transactional(undoing.expire), redemption_id)) for redemption_id in late)


JOBS: tuple[Callable[[], int], ...] = (release_timed_out_holds,)


def run_jobs() -> int:
    """Run every job once in every office; how much was done. The trouble of one stops neither the others nor us."""
    numbers = [office.id for office in offices()]
    done_reading()
    done = 0
    for office_id in numbers:
        with acting_in(office_id):
            done += sum(_tried(job) or 0 for job in JOBS)
    return done


def _tried(deed: Callable[..., int], *args: Any) -> int | None:
    try:
        return deed(*args)
    except Exception as trouble:  # one broken row must not keep everybody else waiting
        log.error("%s: %s", deed.__qualname__, type(trouble).__name__, extra={"about": [str(arg) for arg in args]})
        done_reading()
        return None
