"""What a phone takes along to a door without a network: who is expected, so that a name appears at the scan.

Codes and cards are in it as hashes, names masked, of the address only the building. Whoever is not in it is scanned all
the same. It is signed, so that the phone can tell it from a forged one (`GET /keys`).
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from backend.activities.drafting import sessions_of
from backend.activities.models import Activity, SignUp
from backend.activities.offline_models import OfflinePack
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.crypto import fingerprint
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Replan
from backend.foundation.shapes import said_in_utc
from backend.foundation.signing import signed
from backend.foundation.tenancy import office_in_force
from backend.groups.models import Membership
from backend.people.models import Card, Person
from backend.places.models import Area, Household

FORMAT = 1  # of the roster and the rules by which the phone reads it

VALID_AFTER = timedelta(hours=12)  # after the last session


def fetch(activity: Activity, *, device_id: str, by: Caller) -> dict[str, Any]:
    """The pack for one phone; that it took one is written down, because it has to report."""
    at = now()
    valid_until = activity.ends_at + VALID_AFTER
    taken = insert_once(
        OfflinePack,
        activity_id=activity.id,
        device_id=device_id,
        fetched_by_id=by.person_id,
        fetched_at=at,
        valid_until=valid_until,
    )
    if taken is None:
        _took_another(activity, device_id, by, at=at, valid_until=valid_until)
    content = {
        "format": FORMAT,
        "office_id": activity.office_id,
        "activity": {"id": str(activity.id), "title": activity.title, "place": activity.place},
        "sessions": [
            {"id": str(each.id), "starts_at": said_in_utc(each.starts_at), "ends_at": said_in_utc(each.ends_at)}
            for each in sessions_of(activity.id)
        ],
        "device_id": device_id,
        "fetched_at": said_in_utc(at),
        "valid_until": said_in_utc(valid_until),
        "roster": _roster(activity),
    }
    return {**content, "signed": signed(content, purpose="offline-pack")}


def _took_another(activity: Activity, device_id: str, by: Caller, *, at: datetime, valid_until: datetime) -> None:
    """The same phone again: from now on it has to report again."""
    row = session().scalar(
        select(OfflinePack)
        .where(OfflinePack.activity_id == activity.id, OfflinePack.device_id == device_id)
        .with_for_update()
    )
    if row is None:
        raise Replan()
    row.fetched_by_id, row.fetched_at, row.valid_until = by.person_id, at, valid_until
    session().flush()


def _roster(activity: Activity) -> list[dict[str, Any]]:
    """Who signed up, and the members of the group: hashes, masked names and buildings."""
    signed_up = select(SignUp.person_id).where(SignUp.activity_id == activity.id, SignUp.state != "withdrawn")
    wanted: ColumnElement[bool] = Person.id.in_(signed_up)
    if activity.group_id is not None:
        members = select(Membership.person_id).where(
            Membership.group_id == activity.group_id, Membership.left_at.is_(None)
        )
        wanted = or_(wanted, Person.id.in_(members))
    rows = session().execute(
        select(Person, Area.path)
        .outerjoin(Household, and_(Household.office_id == Person.office_id, Household.id == Person.household_id))
        .outerjoin(Area, and_(Area.office_id == Household.office_id, Area.id == Household.area_id))
        .where(wanted, Person.parted_at.is_(None), Person.merged_into_id.is_(None))
        .order_by(Person.id)
    )
    expected = [(person, path) for person, path in rows]
    cards = _cards_of([person.id for person, _ in expected])
    buildings = _buildings({path for _, path in expected if path})
    return [
        {
            "code_hash": fingerprint(f"{office_in_force()}-{person.code_token}").hex(),
            "card_hash": cards.get(person.id),
            "name": person.masked_name,
            "building": buildings.get(path),
        }
        for person, path in expected
    ]


def _cards_of(person_ids: list[UUID]) -> dict[UUID, str]:
    found = select(Card.person_id, Card.fingerprint).where(Card.person_id.in_(person_ids), Card.blocked_at.is_(None))
    return {person_id: print_.hex() for person_id, print_ in session().execute(found)}


def _buildings(paths: set[str]) -> dict[str | None, str]:
    """The building that an area lies in, or is."""
    above = {path: _prefixes(path) for path in paths}
    wanted = {prefix for prefixes in above.values() for prefix in prefixes}
    rows = session().execute(select(Area.path, Area.name).where(Area.kind == "building", Area.path.in_(wanted)))
    names = {row.path: row.name for row in rows}
    return {
        path: next(names[prefix] for prefix in prefixes if prefix in names)
        for path, prefixes in above.items()
        if any(prefix in names for prefix in prefixes)
    }


def _prefixes(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[:depth]) + "/" for depth in range(len(parts), 0, -1)]
