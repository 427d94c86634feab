"""verify is silent on whatever can happen by rights, and reads what it reads without changing anything."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, event, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from backend.foundation.clock import now
from backend.foundation.db import db, session
from backend.foundation.sqlite import WRITES
from backend.ledger.accounts import Account
from backend.ledger.book import Book
from backend.ledger.findings import SHOWN, TITLES, Check, Report
from backend.ledger.kinds import MOVES, OF_ITSELF
from backend.ledger.models import balances, entries
from backend.ledger.verify import steps, verify
from backend.places.offices import the_book
from backend.transparency.evidence import evidence_of
from tests.ledger.bookkeeping import WANG, in_shanghai
from tests.ledger.history import History

# What the features post by now. Any other entry of a street is a finding, until its feature brings evidence.
FEATURED = set(MOVES) - OF_ITSELF - {"withdraw"}


@pytest.fixture(scope="module")
def history(app):
    return History.lived_in(app)


def test_a_full_history_of_every_kind_verifies(history):
    with history.street.inside():
        kinds = set(session().scalars(select(entries.c.kind).where(entries.c.book_id == history.book)))
        report = verify(the_book(), evidence_of(history.book))

    assert kinds == FEATURED
    assert [(check.number, check.findings) for check in report.checks if check.total] == []
    assert [check.number for check in report.checks] == sorted(TITLES)
    assert report.entries >= 14


def test_the_features_together_know_every_kind(history):
    assert {kind for evidence in evidence_of(history.book) for kind in evidence.kinds} == FEATURED


def test_without_evidence_the_ninth_check_is_left_out(book):
    assert 9 not in {check.number for check in book.verified().checks}


def test_an_empty_book_verifies(book):
    report = book.verified()

    assert (report.entries, report.total) == (0, 0)


def test_it_only_reads(history):
    with history.street.inside():
        engine = db.engine
    seen = []

    def note(_connection, _cursor, statement, *_):
        seen.append(statement.split()[0])

    event.listen(engine, "before_cursor_execute", note)
    try:
        with history.street.inside():
            verify(the_book(), evidence_of(history.book))
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert set(seen) <= {"SELECT", "BEGIN", "PRAGMA"}
    assert len(seen) > 20


def test_one_book_is_not_judged_by_another(book, app):
    """Everything a book holds carries its number; a stranger's wallet of the same name is another account."""
    other = type(book).of_new_book(app)
    for keeper in (book, other):
        keeper.gives(10, Account("household", "same-door"))
    other.captures(other.holds(10, Account("household", "same-door")))

    assert (book.verified().entries, other.verified().entries) == (3, 5)
    assert (book.verified().total, other.verified().total) == (0, 0)


def test_entries_recorded_in_another_order_than_they_happened_verify(book):
    """An honest history is not in the order of times or ids: a phone without network tells in the evening."""
    book.posts(book.allocation(100), book.reservation(100))
    evening, morning = book.award(20), book.award(30, at=now() - timedelta(hours=9))
    book.posts(evening)
    book.posts(morning, at=now() - timedelta(hours=9))

    assert morning.id < evening.id
    assert book.verified().total == 0


def test_years_pass_and_it_still_verifies(book):
    for year in (2024, 2025, 2026):
        book.gives(30, at=in_shanghai(year, 6, 1))
    captured = book.captures(
        book.holds(50, at=in_shanghai(2025, 12, 31, 23, 59, 59)), 40, at=in_shanghai(2026, 1, 1, 0, 1)
    )
    book.refunds(captured.id, at=in_shanghai(2026, 11, 1))
    book.releases(book.holds(20, at=in_shanghai(2026, 11, 1)), at=in_shanghai(2026, 11, 2))

    assert book.verified().total == 0
    assert sum(book.by_last_day(WANG).values()) == 90


def test_steps_that_are_shared_out_find_the_same_in_the_same_order(history):
    evidence, told = evidence_of(history.book), []
    with broken_balances(history), history.street.inside():
        alone = verify(the_book(), evidence)
        with Session(db.engine) as one, Session(db.engine) as another:
            views = [Book(one, history.book), Book(another, history.book)]
            together = verify(views[0], evidence, more_views=views[1:], watching=told.append)

    assert alone.total > SHOWN / 20
    assert [vars(check) for check in together.checks] == [vars(check) for check in alone.checks]
    assert (together.entries, len(told)) == (alone.entries, steps(evidence))


def test_a_view_that_breaks_is_heard(history, tmp_path):
    nothing = create_engine(f"sqlite:///{tmp_path}/nothing")
    with history.street.inside(), Session(db.engine) as one, Session(nothing) as empty, pytest.raises(OperationalError):
        verify(Book(one, history.book), more_views=[Book(empty, history.book)])


@contextmanager
def broken_balances(history):
    """Every balance of the book is one too high for a while."""

    def add(one):
        with db.engine.connect().execution_options(**{WRITES: True}) as connection:
            own = update(balances).where(balances.c.book_id == history.book)
            connection.execute(own.values(balance=balances.c.balance + one))
            connection.commit()

    with history.street.inside():
        add(1)
    try:
        yield
    finally:
        with history.street.inside():
            add(-1)


def test_a_thousand_findings_are_counted_and_the_first_hundred_shown():
    report = Report(1, 5, [Check(2)])
    for n in range(1000):
        report.found(2, "balance_is_sum", n, "differs")

    assert (report.total, len(report.checks[0].findings)) == (1000, SHOWN)


def test_the_count_of_entries_is_the_ledgers(history):
    with history.street.inside():
        counted = session().scalar(select(func.count()).select_from(entries).where(entries.c.book_id == history.book))
        assert verify(the_book()).entries == counted
