"""Numbers of filings: 1, 2, 3 … per office and year, without a gap and never twice.

The counter is raised in the transaction that files, so a filing that fails gives its number back; whoever files at the
same moment waits for its row and gets the next one.
"""

from datetime import datetime

from sqlalchemy import update

from backend.foundation.clock import shanghai_day
from backend.foundation.db import insert_once, session
from backend.foundation.tenancy import office_in_force
from backend.groups.filing_models import FilingCounter
from backend.places.offices import office


def take_number(at: datetime) -> tuple[int, int]:
    """The year (Asia/Shanghai) and the next number in it. Until the deed ends nobody else gets one."""
    year = shanghai_day(at).year
    insert_once(FilingCounter, year=year, n=0)
    n = (
        session()
        .scalars(
            update(FilingCounter)
            .where(FilingCounter.year == year)
            .values(n=FilingCounter.n + 1)
            .returning(FilingCounter.n)
        )
        .one()
    )
    return year, n


def as_written(year: int, n: int) -> str:
    """How the number stands on paper: 示范街道社备〔2026〕0001号, with the office's name of that day."""
    return f"{office(office_in_force()).name}社备〔{year}〕{n:04d}号"
