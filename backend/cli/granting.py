"""flask roles grant: the first officer of an office has nobody to grant them their role."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import click
from flask.cli import AppGroup

from backend.foundation import trail
from backend.foundation.acting import acted_by, by_command
from backend.foundation.clock import now, start_of_day
from backend.foundation.db import find, transactional
from backend.foundation.errors import AppError
from backend.foundation.tenancy import acting_in
from backend.people.models import Person
from backend.people.roles import grant_role
from backend.people.scopes import over_area, over_office
from backend.places.areas import open_ground
from backend.places.offices import office

roles = AppGroup("roles", help="Roles of an office.")


@roles.command("grant")
@click.argument("office_id", type=int)
@click.argument("person_id", type=click.UUID)
@click.argument("role", type=click.Choice(["worker", "officer", "auditor"]))
@click.option("--area", "area_id", type=click.UUID, help="A community; the whole office without it.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day (Shanghai); without it until withdrawn.")
@click.option("--reason", help="Why, at most 200 characters; kept with the role.")
def grant(
    office_id: int, person_id: UUID, role: str, area_id: UUID | None, until: datetime | None, reason: str | None
) -> None:
    """Give PERSON_ID a role in OFFICE_ID."""
    if area_id is not None and role != "worker":
        raise click.UsageError("officers and auditors act for the whole office: leave --area out")
    ends_at = start_of_day(until.date() + timedelta(days=1)) if until else None
    if ends_at is not None and ends_at <= now():
        raise click.UsageError("that last day has passed")
    if reason is not None and len(reason) > 200:
        raise click.UsageError("a reason has at most 200 characters")

    def give() -> str:
        person = find(Person, person_id)
        scope = over_area(open_ground(area_id)) if area_id else over_office(office(office_id))
        granted, is_new = grant_role(person.id, role, scope, granted_by_id=None, ends_at=ends_at, reason=reason)
        if is_new:
            trail.record("roles.grant", granted, beneficiary_id=person.id, reason=reason, after={"role": role})
        return scope.name if is_new else f"{scope.name} (held already)"

    with acting_in(office_id):
        click.echo(f"{role}: {_run(give)}")


def _run(deed: Callable[[], str]) -> str:
    try:
        with acted_by(by_command()):
            return transactional(deed)()
    except AppError as refusal:
        raise click.ClickException(refusal.text) from None
