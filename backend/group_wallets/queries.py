"""What screens show about thanks: one query per kind of row, whatever the length of the list."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from backend.foundation.clock import now
from backend.group_wallets.models import Thanks
from backend.people.queries import people_by_id


def thanks_asked_for(asked: dict[str, Any], *, of: UUID) -> Select[Thanks]:
    """A group's thanks; a request that waited too long has expired."""
    query = select(Thanks).where(Thanks.group_id == of)
    state = asked.get("state")
    if state == "waiting":
        return query.where(Thanks.state == "waiting", Thanks.expires_at > now())
    if state == "expired":
        return query.where(Thanks.state == "waiting", Thanks.expires_at <= now())
    return query.where(Thanks.state == state) if state else query


def shown_thanks(rows: Sequence[Thanks]) -> list[dict[str, Any]]:
    """Thanks as those who lead the group read them: they know their members' names."""
    people = people_by_id(person_id for row in rows for person_id in (row.person_id, row.giver_id))
    at = now()
    return [
        row.as_read() | {"state": row.state_at(at), "person": people[row.person_id], "giver": people[row.giver_id]}
        for row in rows
    ]
