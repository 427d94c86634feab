"""Recompute everything and say what does not fit. Reads only, in the caller's transactions: give each one snapshot.

Each check is a few statements over whole tables; only what does not fit comes out of the database, so a book of
millions of entries needs little memory. No check needs what another one saw, so they may be shared out among several
views of the book. The numbers are those of README.md.

verify_ids         1      accounts and lots
verify_balances    2 3 7  balances, their steps, what is held
verify_movements   1 4 8  every posting: who may move what, and when
verify_entries     4 5    every entry: complete, and balanced per fund
verify_resolutions 6 8    what resolves a hold, in time and whole; what undoes a capture
verify_reversals   6 8    what undoes an award, repays what is owed, or expires
verify_business    9      what each feature says about its entries
verify_database    10     triggers, constraints, grants, times
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from queue import SimpleQueue
from threading import Lock
from typing import NamedTuple

from sqlalchemy import func, select

from backend.foundation.ids import first_id_at
from backend.ledger.book import Book, Extent
from backend.ledger.findings import TITLES, Check, Report
from backend.ledger.models import entries
from backend.ledger.verify_balances import verify_balances, verify_held, verify_steps
from backend.ledger.verify_business import Evidence, verify_feature, verify_kinds
from backend.ledger.verify_database import verify_constraints, verify_grants, verify_times, verify_triggers
from backend.ledger.verify_entries import verify_completeness, verify_origins_of_points
from backend.ledger.verify_ids import verify_ids, verify_places
from backend.ledger.verify_movements import verify_movements
from backend.ledger.verify_resolutions import verify_refunds, verify_resolutions
from backend.ledger.verify_reversals import verify_expiry, verify_recoveries, verify_reversals


class _Step(NamedTuple):
    number: int
    run: Callable[[Extent, Report], None]


_STEPS = (
    _Step(1, verify_ids),
    _Step(1, verify_places),
    _Step(2, verify_balances),
    _Step(3, verify_steps),
    _Step(4, verify_completeness),
    _Step(4, verify_movements),
    _Step(5, verify_origins_of_points),
    _Step(6, verify_resolutions),
    _Step(6, verify_refunds),
    _Step(6, verify_reversals),
    _Step(6, verify_recoveries),
    _Step(7, verify_held),
    _Step(8, verify_expiry),
    _Step(10, verify_triggers),
    _Step(10, verify_constraints),
    _Step(10, verify_grants),
    _Step(10, verify_times),
)


def verify(
    book: Book,
    evidence: Sequence[Evidence] = (),
    *,
    since: datetime | None = None,
    more_views: Sequence[Book] = (),
    watching: Callable[[str], None] = lambda _: None,
) -> Report:
    """Check a book; `evidence` is what the features say about their entries (none: check 9 is left out).

    `since` looks at the entries recorded from that instant on, and takes what was before as verified. With
    `more_views`, the same book in other transactions, as many checks as views are done at once, in other threads.
    `watching` is told what is being checked, for a progress bar.
    """
    first = first_id_at(since) if since else None
    extents = [Extent(view.session, view.id, first) for view in (book, *more_views)]
    report = _blank(book.id, evidence, entries=_entries_in(extents[0]))
    taken = _shared_out if more_views else _in_turn
    for found in taken(_steps(evidence), extents, partial(_blank, book.id, evidence), watching):
        report.take_over(found)
    return report


def steps(evidence: Sequence[Evidence]) -> int:
    """How often `watching` is told something."""
    return len(_steps(evidence))


def _steps(evidence: Sequence[Evidence]) -> list[_Step]:
    business = [_Step(9, partial(verify_feature, feature=feature)) for feature in evidence]
    if evidence:
        business.append(_Step(9, partial(verify_kinds, evidence=evidence)))
    return [*business, *_STEPS]  # the longest first, so that nobody waits for one at the end


def _blank(book_id: int, evidence: Sequence[Evidence], entries: int = 0) -> Report:
    return Report(book_id, entries, [Check(number) for number in TITLES if evidence or number != 9])


def _in_turn(
    steps: Sequence[_Step], extents: Sequence[Extent], blank: Callable[[], Report], watching: Callable[[str], None]
) -> Iterator[Report]:
    for step in steps:
        watching(TITLES[step.number])
        yield _taken(step, extents[0], blank())


def _shared_out(
    steps: Sequence[_Step], extents: Sequence[Extent], blank: Callable[[], Report], watching: Callable[[str], None]
) -> Iterator[Report]:
    """Each view takes the next step as soon as it is free; the reports come in the order of the steps."""
    free, one_speaks = SimpleQueue[Extent](), Lock()
    for extent in extents:
        free.put(extent)

    def on_a_free_view(step: _Step) -> Report:
        extent = free.get()
        try:
            with one_speaks:
                watching(TITLES[step.number])
            return _taken(step, extent, blank())
        finally:
            free.put(extent)

    with ThreadPoolExecutor(len(extents)) as threads:
        yield from threads.map(on_a_free_view, steps)


def _taken(step: _Step, extent: Extent, report: Report) -> Report:
    """A step that meets what cannot even be read says so, and the others go on."""
    try:
        step.run(extent, report)
    except (ValueError, TypeError, ArithmeticError) as error:
        report.found(step.number, "data_can_be_read", getattr(step.run, "__name__", "business"), repr(error))
    return report


def _entries_in(book: Extent) -> int:
    return book.session.scalars(select(func.count()).select_from(entries).where(book.entries)).one()
