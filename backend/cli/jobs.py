"""What has to happen by itself, in every office. Each job may run at any time, twice, or be killed half-way."""

import logging
from collections.abc import Callable

from backend.foundation.db import done_reading, transactional
from backend.foundation.errors import AppError
from backend.foundation.tenancy import acting_in
from backend.merchants import undoing
from backend.places.offices import offices

log = logging.getLogger(__name__)


def release_timed_out_holds() -> int:
    """Give the points of codes nobody captured in time back to their wallets; how many there were."""
    late = undoing.timed_out()
    done_reading()
    return sum(transactional(undoing.expire)(redemption_id) for redemption_id in late)


JOBS: tuple[Callable[[], int], ...] = (release_timed_out_holds,)


def run_jobs() -> int:
    """Run every job once in every office; how much was done. One office's trouble does not stop the others."""
    done = 0
    numbers = [office.id for office in offices()]
    done_reading()
    for office_id in numbers:
        with acting_in(office_id):
            for job in JOBS:
                try:
                    done += job()
                except AppError as refusal:
                    log.warning("job %s refused in office %s: %s", job.__name__, office_id, refusal.code)
    return done
