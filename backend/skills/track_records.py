"""What people have done, for a page of them at once: counted from the records, typed by nobody."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, func, select

from backend.activities.models import CheckIn
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.groups.models import Group
from backend.ledger.accounts import MINUTES, person_wallet
from backend.ledger.reading import balances_of
from backend.people.models import Person
from backend.people.role_models import Role
from backend.people.roles import in_force
from backend.places.offices import the_book


@dataclass(frozen=True)
class TrackRecord:
    """Minutes of service, how many activities they were seen at, and the groups they lead now."""

    minutes: int
    activities: int
    groups_led: tuple[Row[UUID, UUID, str], ...]  # id and name of each


def track_records(people: Collection[Person]) -> Mapping[UUID, TrackRecord]:
    """Of people as they are today, with what they did under accounts that were merged into theirs."""
    wallets = {person.id: (person_wallet(str(person.id)), MINUTES) for person in people}
    minutes = balances_of(the_book(), list(wallets.values())) if wallets else {}
    seen, leading = _activities(people), _groups_led(wallets)
    return {
        person_id: TrackRecord(minutes[wallets[person_id]], seen[person_id], tuple(leading[person_id]))
        for person_id in wallets
    }


def _activities(people: Collection[Person]) -> Mapping[UUID, int]:
    """Activities at which somebody was recorded, each once however many sessions it has."""
    accounts = {person.id: person.id for person in people}
    if took_over := [person.id for person in people if person.took_over_at is not None]:
        merged = select(Person.id, Person.merged_into_id).where(Person.merged_into_id.in_(took_over))
        accounts |= {row.id: row.merged_into_id for row in session().execute(merged)}
    counted = (
        select(CheckIn.person_id, func.count(CheckIn.activity_id.distinct()).label("times"))
        .where(CheckIn.person_id.in_(accounts), CheckIn.state == "recorded")
        .group_by(CheckIn.person_id)
    )
    found: dict[UUID, int] = defaultdict(int)
    for row in session().execute(counted):
        found[accounts[row.person_id]] += row.times
    return found


def _groups_led(person_ids: Collection[UUID]) -> Mapping[UUID, list[Row[UUID, UUID, str]]]:
    leading = (
        select(Role.person_id, Group.id, Group.name)
        .join(Group, (Group.office_id == Role.office_id) & (Group.id == Role.scope_id))
        .where(
            Role.person_id.in_(person_ids),
            Role.role == "leader",
            Role.scope_type == "group",
            in_force(now()),
            Group.stage != "dissolved",
        )
        .order_by(Group.id)
    )
    found: dict[UUID, list[Row[UUID, UUID, str]]] = defaultdict(list)
    for led in session().execute(leading):
        found[led.person_id].append(led)
    return found
