"""Every command, registered once."""

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from backend.cli.demo import open_demo, welcome
from backend.cli.granting import places, roles
from backend.cli.verifying import ledger_commands
from backend.cli.worker import work_until_stopped

demo = AppGroup("demo", help="The demo street.")


@demo.command("seed")
def seed() -> None:
    """Seed the demo street of the README, if the database has no office 1 or 2 yet."""
    config = current_app.extensions["config"]
    if config.is_production:
        raise click.ClickException("DEMO: the demo street is refused in production")
    open_demo()
    click.echo(welcome(config))


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run the jobs of every office again and again, until stopped."""
    work_until_stopped(current_app._get_current_object())  # type: ignore[attr-defined]


def register_commands(app: Flask) -> None:
    """Hang the commands onto `flask`."""
    for command in (demo, ledger_commands, places, roles, worker):
        app.cli.add_command(command)
