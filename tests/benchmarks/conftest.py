"""The stage of the benchmarks: a book of a million entries on each database, and a line for each figure.

The book is built once per run and database; what is posted into it by a benchmark stays, and it stays sound.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from tests.benchmarks.big_book import BEGINNING, STREET, BigBook, build
from tests.benchmarks.till import Till
from tests.benchmarks.verifying_alone import Figures, verify_alone
from tests.conftest import DATABASES
from tests.servers import new_postgresql


@pytest.fixture(scope="session")
def say(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Print one line at once, whatever pytest captures."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def line(text: str) -> None:
        with capture.global_and_fixture_disabled():
            click.echo(f"  {text}")

    return line


@pytest.fixture(scope="session", params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def big_book(database: str, say: Callable[[str], None]) -> BigBook:
    """A street of thirty months."""
    click.echo()
    book = build(migrated(database, "street"), STREET, say=say)
    kinds = ", ".join(f"{kind} {times:,}" for kind, times in book.kinds.most_common())
    say(f"{database}: {book.entries:,} entries built in {book.seconds:.0f} s: {kinds}")
    if book.missing_kinds:
        say(f"{database}: no entry of {', '.join(sorted(book.missing_kinds))} in this book")
    return book


@pytest.fixture(scope="session")
def verified(big_book: BigBook) -> Figures:
    """What verify said, and how fast, before anything else was posted into the book."""
    return verify_alone(big_book.url, big_book.id)


@pytest.fixture(scope="module")
def big_till(big_book: BigBook, verified: Figures) -> Iterator[Till]:
    """Where one posts into the book of a million entries, which is known to be sound."""
    assert verified.findings == 0, verified.words
    with Till.opened_at(big_book) as till:
        till.stock(newcomers=3_000)
        yield till


@pytest.fixture
def small_till(database: str, request: pytest.FixtureRequest) -> Iterator[Till]:
    """Where one posts into a book of a thousand entries, in a database of its own."""
    book = build(migrated(database, f"beginning_{abs(hash(request.node.name))}"), BEGINNING)
    with Till.opened_at(book) as till:
        till.stock(newcomers=100 * BEGINNING.funds)
        yield till


def migrated(database: str, name: str) -> str:
    """The address of a new database with every table and trigger and nothing in them."""
    if database == "postgresql":
        return new_postgresql(name, template="template")
    folder = Path(os.environ["XINGFU_TEST_FOLDER"])
    return f"sqlite:///{shutil.copy(folder / 'template.sqlite3', folder / f'{name}.sqlite3')}"
