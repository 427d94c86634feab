"""Recompute everything and say what does not fit. Reads only, in the caller's transaction: give it one snapshot.

Each check is a few statements over whole tables; only what does not fit comes out of the database, so a book of
millions of entries needs little memory. The numbers are those of README.md.

verify_ids         1      accounts and lots
verify_balances    2 3 7  balances, their steps, what is held
verify_movements   1 4 8  every posting: who may move what, and when
verify_entries     4 5    every entry: complete, and balanced per fund
verify_resolutions 6 8    what resolves a hold, in time and whole; what undoes a capture
verify_reversals   6 8    what undoes an award, repays what is owed, or expires
verify_business    9      what the features say about their entries
verify_database    10     triggers, constraints, grants, times
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import func, select

from backend.foundation.ids import first_id_at
from backend.ledger.book import Book, Extent
from backend.ledger.findings import TITLES, Check, Report
from backend.ledger.models import entries
from backend.ledger.verify_balances import verify_balances, verify_held, verify_steps
from backend.ledger.verify_business import Evidence, verify_business
from backend.ledger.verify_database import verify_constraints, verify_grants, verify_times, verify_triggers
from backend.ledger.verify_entries import verify_completeness, verify_origins_of_points
from backend.ledger.verify_ids import verify_ids, verify_places
from backend.ledger.verify_movements import verify_movements
from backend.ledger.verify_resolutions import verify_refunds, verify_resolutions
from backend.ledger.verify_reversals import verify_expiry, verify_recoveries, verify_reversals

_CHECKS: tuple[tuple[int, Callable[[Extent, Report], None]], ...] = (
    (1, verify_ids),
    (1, verify_places),
    (2, verify_balances),
    (3, verify_steps),
    (4, verify_completeness),
    (4, verify_movements),
    (5, verify_origins_of_points),
    (6, verify_resolutions),
    (6, verify_refunds),
    (6, verify_reversals),
    (6, verify_recoveries),
    (7, verify_held),
    (8, verify_expiry),
    (10, verify_triggers),
    (10, verify_constraints),
    (10, verify_grants),
    (10, verify_times),
)


def verify(
    book: Book,
    evidence: Sequence[Evidence] = (),
    *,
    since: datetime | None = None,
    watching: Callable[[str], None] = lambda _: None,
) -> Report:
    """Check a book; `evidence` is what the features say about their entries (none: check 9 is left out).

    `since` looks at the entries recorded from that instant on, and takes what was before as verified. `watching` is
    told what is being checked, for a progress bar.
    """
    numbers = [number for number in TITLES if evidence or number != 9]
    extent = Extent(book.session, book.id, first_id_at(since) if since else None)
    report = Report(book.id, _entries_in(extent), [Check(number) for number in numbers])
    for number, check in _CHECKS:
        watching(TITLES[number])
        _run(number, check, extent, report)
    if evidence:
        watching(TITLES[9])
        _run(9, partial(verify_business, evidence=evidence), extent, report)
    return report


def steps(*, with_evidence: bool) -> int:
    """How often `watching` is told something."""
    return len(_CHECKS) + with_evidence


def _run(number: int, check: Callable[[Extent, Report], None], book: Extent, report: Report) -> None:
    """A check that meets what cannot even be read says so, and the others go on."""
    try:
        check(book, report)
    except (ValueError, TypeError, ArithmeticError) as error:
        report.found(number, "data_can_be_read", getattr(check, "__name__", "business"), repr(error))


def _entries_in(book: Extent) -> int:
    return book.session.scalars(select(func.count()).select_from(entries).where(book.entries)).one()
