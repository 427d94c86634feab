"""flask people: keys of their own for everybody, the keys under a new DATA_KEYS, and who was erased after a backup."""

import csv
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TextIO
from uuid import UUID

import click
from flask.cli import AppGroup

from backend.cli.jobs import AT_ONCE, FREED, reseal_office
from backend.foundation import keyring
from backend.foundation.acting import acted_by, by_command
from backend.foundation.clock import now, start_of_day
from backend.foundation.db import done_reading, free_what_was_deleted, keep_other_writers_out, transactional
from backend.foundation.errors import AppError
from backend.foundation.tenancy import acting_in
from backend.places.offices import offices
from backend.privacy import erasing, retention

people = AppGroup("people", help="What is sealed about people, and who was erased.")


@people.command("reseal")
def reseal() -> None:
    """Put what was sealed under DATA_KEYS under people's own keys. May be stopped and run again."""
    click.echo(f"resealed {_in_every_office(reseal_office):,}")


@people.command("rewrap")
def rewrap() -> None:
    """Put people's keys under the newest of DATA_KEYS, so that the older ones may go once `reseal` is through, too."""

    def all_of_them() -> int:
        done = 0
        while done_now := transactional(keyring.rewrap)(AT_ONCE):
            done += done_now
        return done

    click.echo(f"rewrapped {_in_every_office(all_of_them):,}")


@people.command("erased")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only from this day (Shanghai) on.")
def erased(since: datetime | None) -> None:
    """List who was erased, as office,person,instant: keep it beside the backups, outside the database."""
    lines = csv.writer(sys.stdout, lineterminator="\n")

    def listed() -> int:
        found = erasing.erased_since(start_of_day(since.date()) if since else None)
        lines.writerows((gone.office_id, gone.person_id, gone.ended_at.isoformat()) for gone in found if gone.ended_at)
        return len(found)

    _in_every_office(listed, writes=False)


@people.command("erase-again")
@click.argument("listed", type=click.File("r"))
def erase_again(listed: TextIO) -> None:
    """Destroy the keys of those in LISTED (`-` reads from a pipe) again, after an old backup brought them back."""
    _alone()
    done = 0
    for office_id, person_id, *_ in csv.reader(listed):
        with acting_in(int(office_id)), acted_by(by_command()):
            done += transactional(erasing.forget_again)(UUID(person_id))
    free_what_was_deleted(*FREED)
    click.echo(f"erased again: {done:,}")


@people.command("overdue")
def overdue() -> None:
    """Say what `flask jobs keep-no-longer` would delete, and change nothing."""
    at = now()
    for rule in retention.RULES:
        found = _in_every_office(partial(retention.overdue, rule, at=at), writes=False)
        click.echo(f"{rule.name:<20} {found:>10,}  older than {rule.term.days} days")


def _in_every_office(does: Callable[[], int], *, writes: bool = True) -> int:
    if writes:
        _alone()
    numbers = [office.id for office in offices()]
    done_reading()
    done = 0
    for office_id in numbers:
        with acting_in(office_id), acted_by(by_command()):
            done += does()
    return done


def _alone() -> None:
    try:
        keep_other_writers_out()
    except AppError as refusal:
        raise click.ClickException(refusal.text) from None
