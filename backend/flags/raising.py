"""Raising a flag, once for whatever happened; and whether something has open ones."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from backend.flags.models import Flag
from backend.foundation import trail
from backend.foundation.clock import now
from backend.foundation.db import insert_once, session


@dataclass(frozen=True)
class Odd:
    """Something that looks odd: what kind, once under which key, about what, where, with which figures and people."""

    kind: str
    key: str
    about_type: str
    about_id: UUID
    area_id: UUID
    facts: dict[str, Any]
    people: tuple[UUID, ...] = ()


def raise_flag(odd: Odd) -> bool:
    """Lay it before somebody; whether it is new. What was decided once is not raised again under the same key."""
    flag = insert_once(
        Flag,
        kind=odd.kind,
        key=odd.key,
        about_type=odd.about_type,
        about_id=odd.about_id,
        area_id=odd.area_id,
        facts_json=json.dumps(odd.facts, ensure_ascii=False, default=str),
        people_json=json.dumps([str(each) for each in odd.people]),
        state="open",
        raised_at=now(),
    )
    if flag is None:
        return False
    trail.record("flags.raise", flag, after={"state": "open", "about": odd.about_id})
    return True


def not_yet_raised(found: Collection[Odd]) -> list[Odd]:
    """Those of them that nobody has been told of."""
    keys = [odd.key for odd in found]
    known = set(session().execute(select(Flag.kind, Flag.key).where(Flag.key.in_(keys))).all()) if keys else set()
    return [odd for odd in found if (odd.kind, odd.key) not in known]


def open_flags_about(about_type: str, about_id: UUID) -> int:
    """How many flags about it wait for somebody."""
    query = select(func.count()).select_from(Flag)
    mine = (Flag.about_type == about_type, Flag.about_id == about_id, Flag.state == "open")
    return session().scalars(query.where(*mine)).one()
