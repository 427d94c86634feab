"""Recompute everything and say what does not fit. Reads only, in the caller's transaction: give it one snapshot.

Each check is a few statements over whole tables; only what does not fit comes out of the database, so a book of
millions of entries needs little memory. The numbers are those of README.md.

verify_ids         1      accounts and lots
verify_balances    2 3 7  balances, their steps, what is held
verify_movements   1 4 8  every posting: who may move what, and when
verify_entries     4 5    every entry: complete, and balanced per fund
verify_resolutions 6 8    what resolves a hold, in time and whole; what undoes a capture
verify_business    9      what the features say about their entries
verify_database    10     triggers, constraints, times
"""

from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import func, select

from backend.ledger.book import Book
from backend.ledger.findings import TITLES, Check, Report
from backend.ledger.models import entries
from backend.ledger.verify_balances import verify_balances, verify_held, verify_steps
from backend.ledger.verify_business import Evidence, verify_business
from backend.ledger.verify_database import verify_constraints, verify_times, verify_triggers
from backend.ledger.verify_entries import verify_completeness, verify_origins_of_points
from backend.ledger.verify_ids import verify_ids, verify_places
from backend.ledger.verify_movements import verify_movements
from backend.ledger.verify_resolutions import verify_refunds, verify_resolutions

_CHECKS: tuple[tuple[int, Callable[[Book, Report], None]], ...] = (
    (1, verify_ids),
    (1, verify_places),
    (2, verify_balances),
    (3, verify_steps),
    (4, verify_completeness),
    (4, verify_movements),
    (5, verify_origins_of_points),
    (6, verify_resolutions),
    (6, verify_refunds),
    (7, verify_held),
    (10, verify_triggers),
    (10, verify_constraints),
    (10, verify_times),
)


def verify(book: Book, evidence: Sequence[Evidence] = ()) -> Report:
    """Check a whole book; `evidence` is what the features say about their entries (none: check 9 is left out)."""
    numbers = [number for number in TITLES if evidence or number != 9]
    report = Report(book.id, _entries_in(book), [Check(number) for number in numbers])
    for number, check in _CHECKS:
        _run(number, check, book, report)
    if evidence:
        _run(9, partial(verify_business, evidence=evidence), book, report)
    return report


def _run(number: int, check: Callable[[Book, Report], None], book: Book, report: Report) -> None:
    """A check that meets what cannot even be read says so, and the others go on."""
    try:
        check(book, report)
    except (ValueError, TypeError, ArithmeticError) as error:
        report.found(number, "data_can_be_read", getattr(check, "__name__", "business"), repr(error))


def _entries_in(book: Book) -> int:
    return book.session.scalars(select(func.count()).select_from(entries).where(entries.c.book_id == book.id)).one()
