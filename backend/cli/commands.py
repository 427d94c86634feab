"""Every command, registered once."""

from collections.abc import Callable
from functools import partial

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from backend.cli.demo import open_demo, welcome
from backend.cli.granting import roles
from backend.cli.jobs import JOBS, Job, run_jobs
from backend.cli.people import people
from backend.cli.places import places
from backend.cli.seeding.pieces import seed as seed_office
from backend.cli.seeding.sizes import SIZES
from backend.cli.verifying import ledger_commands
from backend.cli.worker import work_until_stopped
from backend.foundation.db import keep_other_writers_out
from backend.foundation.errors import AppError
from backend.foundation.logs import log_to_stderr
from backend.places.offices import MOST_OFFICES

demo = AppGroup("demo", help="The demo street.")
jobs = AppGroup("jobs", help="What the worker does by itself, once, in every office: for cron.")


@demo.command("seed")
@click.option("--size", type=click.Choice(tuple(SIZES)), help="A sub-district of a real size, in an office of its own.")
@click.option("--office", "office_id", type=click.IntRange(3, MOST_OFFICES), default=3, show_default=True)
def seed(size: str | None, office_id: int) -> None:
    """Seed the demo street of the README, if the database has no office 1 or 2 yet; or an office of a real size."""
    config = current_app.extensions["config"]
    if config.is_production:
        raise click.ClickException("DEMO: the demo street is refused in production")
    if size is not None:
        made = _or_say_why(partial(seed_office, SIZES[size], office_id))
        words = "officer, officer-2, auditor, worker, leader, resident, neighbour, clerk, owner"
        click.echo(f"office {office_id}: {made:,} pieces seeded; log in as stub:{size}-<who>:<nonce>, who is {words}")
        return
    _or_say_why(open_demo)
    click.echo(welcome(config))


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run the jobs of every office again and again, until stopped."""
    log_to_stderr(current_app.extensions["config"].log_level)
    _or_say_why(partial(work_until_stopped, current_app._get_current_object()))  # type: ignore[attr-defined]


def _command_of(job: Job) -> click.Command:
    @jobs.command(job.name, help=(job.run.__doc__ or "").splitlines()[0])
    def run() -> None:
        log_to_stderr(current_app.extensions["config"].log_level)
        _or_say_why(keep_other_writers_out)
        done = 0
        while done_now := _or_say_why(partial(run_jobs, [job])):
            done += done_now
        click.echo(f"{job.name}: {done:,} done")

    return run


for each in JOBS:
    _command_of(each)


def _or_say_why(does: Callable[[], int | None]) -> int:
    """A refusal, such as a server that is writing the SQLite file, in one line and with an exit code."""
    try:
        return does() or 0
    except AppError as refusal:
        raise click.ClickException(refusal.text) from None


def register_commands(app: Flask) -> None:
    """Hang the commands onto `flask`."""
    for command in (demo, jobs, ledger_commands, people, places, roles, worker):
        app.cli.add_command(command)
