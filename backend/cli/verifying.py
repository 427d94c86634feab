"""flask ledger verify: recompute every book and say what does not fit. Reads only, also beside a running server."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import quote

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.foundation.clock import start_of_day
from backend.ledger.book import Book
from backend.ledger.findings import Report
from backend.ledger.verify import steps, verify
from backend.places.models import Office
from backend.transparency.evidence import evidence_of

ledger_commands = AppGroup("ledger", help="The ledger of every office.")

AT_ONCE = 2  # checks side by side: more than one book of a million entries a minute on two cores


class Unreadable(click.ClickException):
    """There is no database, or none of ours; not to be confused with findings."""

    exit_code = 2


@ledger_commands.command("verify")
@click.option("--office", "office_id", type=int, help="Only this office; every office without it.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only what was recorded from this day (Shanghai) on; what was before is taken as verified.",
)
@click.option(
    "--at-once", type=click.IntRange(1, 8), default=AT_ONCE, show_default=True, help="How many checks run side by side."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def verify_command(office_id: int | None, since: datetime | None, at_once: int, form: str) -> None:
    """Recompute the ledger and list what does not fit; exit 1 if there is anything, 2 if nothing can be read."""
    reports = []
    begin = start_of_day(since.date()) if since else None
    with reading_only(make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])) as engine:
        offices = _offices(engine, office_id)
        if not offices and form == "text":
            click.echo("no offices, so there is nothing to verify")
        with _progress(offices) as checking:
            for office in offices:
                reports.append(verified(engine, office, since=begin, at_once=at_once, watching=checking))
    if form == "json":
        click.echo(json.dumps([in_json(report) for report in reports], ensure_ascii=False, indent=2))
    else:
        for report in reports:
            click.echo(in_words(report))
    if any(report.total for report in reports):
        sys.exit(1)


def verified(
    engine: Engine,
    office_id: int,
    *,
    since: datetime | None = None,
    at_once: int = AT_ONCE,
    watching: Callable[[str], None] = lambda _: None,
) -> Report:
    """The report about the book of an office; each of the views in which checks run sees one moment of it."""
    with ExitStack() as open_views:
        book, *more = [Book(open_views.enter_context(Session(engine)), office_id) for _ in range(at_once)]
        return verify(book, evidence_of(office_id), since=since, more_views=more, watching=watching)


@contextmanager
def _progress(offices: list[int]) -> Iterator[Callable[[str], None]]:
    """A bar on the terminal that says what is being checked; nothing where nobody looks."""
    length = sum(steps(evidence_of(office)) for office in offices)
    with click.progressbar(
        length=length, file=sys.stderr, hidden=not sys.stderr.isatty(), item_show_func=lambda said: said
    ) as bar:
        yield lambda said: bar.update(1, said)


def in_words(report: Report) -> str:
    """One line for a clean book; else each check that found something, with its first hundred findings."""
    found = f"{report.total:,} findings" if report.total else "no findings"
    lines = [f"office {report.book_id}: {report.entries:,} entries, {len(report.checks)} checks, {found}"]
    for check in report.checks:
        if check.total:
            lines.append(f"  check {check.number}, {check.title}: {check.total:,}")
            lines += [f"    {finding.rule}  {finding.subject}: {finding.said}" for finding in check.findings]
            if check.total > len(check.findings):
                lines.append(f"    … and {check.total - len(check.findings):,} more")
    return "\n".join(lines)


def in_json(report: Report) -> dict[str, Any]:
    """The same for a program."""
    return {
        "office": report.book_id,
        "entries": report.entries,
        "total": report.total,
        "checks": [
            {
                "number": check.number,
                "title": check.title,
                "total": check.total,
                "findings": [vars(f) for f in check.findings],
            }
            for check in report.checks
        ],
    }


@contextmanager
def reading_only(url: URL) -> Iterator[Engine]:
    """An engine of its own that cannot write and whose transactions each see one moment."""
    engine = _sqlite_read_only(url) if url.get_backend_name() == "sqlite" else _postgresql_read_only(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _sqlite_read_only(url: URL) -> Engine:
    engine = create_engine(f"sqlite:///file:{quote(str(url.database))}?mode=ro&uri=true", poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("busy_timeout = 10000", "query_only = ON", "cache_size = -65536", "mmap_size = 1073741824"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _postgresql_read_only(url: URL) -> Engine:
    options = "-c default_transaction_read_only=on -c statement_timeout=0 -c work_mem=64MB -c timezone=UTC"
    return create_engine(
        url,
        poolclass=NullPool,
        isolation_level="REPEATABLE READ",
        connect_args={"prepare_threshold": None, "options": options},
    )


def _offices(engine: Engine, office_id: int | None) -> list[int]:
    try:
        with Session(engine) as session:
            found = list(session.scalars(select(Office.id).order_by(Office.id)))
    except DBAPIError as error:
        raise Unreadable(f"the database cannot be read: {error.orig}") from None
    if office_id is None:
        return found
    if office_id not in found:
        raise click.BadParameter(f"there is no office {office_id}", param_hint="--office")
    return [office_id]
