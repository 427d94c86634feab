"""What somebody is to be told, written down in the same transaction as its cause; whoever sends it does so later.

Nothing outside the database happens inside a request: a message is laid out here once per key, and sent from here.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, SmallInteger, String, Text, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.clock import now
from backend.foundation.db import insert_once, inserting, session
from backend.foundation.ids import uuid7
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office
from backend.foundation.tenancy import office_in_force


class OutboxMessage(InOffice, Base):
    """One thing one person is to be told. Its words are made from topic and facts when somebody reads or sends it."""

    __tablename__ = "outbox"
    __table_args__ = (
        once_in_office("key"),
        listed_by("person_id"),
        listed_by("created_at"),
        CheckConstraint("channel IN ('subscription', 'app', 'list')", name="channel_is_known"),
    )

    key: Mapped[str] = mapped_column(String(120))
    topic: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[UUID]  # no foreign key: people live on a higher floor
    facts_json: Mapped[str] = mapped_column("facts", Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]  # to the phone; empty: it is read when they open the program
    seen_at: Mapped[datetime | None]  # in the program, for the first time
    channel: Mapped[str | None] = mapped_column(String(12))  # what reached them first; list: a worker's, on paper
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))  # of sending it
    next_attempt_at: Mapped[datetime | None]  # empty after an attempt: nobody knows what came of it, or it is over

    @property
    def facts(self) -> dict[str, Any]:
        """Plain values; days are ISO dates."""
        known: dict[str, Any] = json.loads(self.facts_json)
        return known


def put(key: str, *, topic: str, person_id: UUID, facts: dict[str, Any]) -> bool:
    """Lay a message out, once per key for ever, in the caller's transaction; whether it is new."""
    row = insert_once(
        OutboxMessage,
        key=key,
        topic=topic,
        person_id=person_id,
        facts_json=json.dumps(facts, ensure_ascii=False, default=str),
        created_at=now(),
    )
    return row is not None


def put_all(people: Mapping[str, UUID], *, topic: str, facts: dict[str, Any]) -> None:
    """Lay the same message out for many people, each under a key of their own, once for ever."""
    same = {"topic": topic, "facts_json": json.dumps(facts, ensure_ascii=False, default=str), "created_at": now()}
    office = office_in_force()
    rows = [
        {"office_id": office, "id": uuid7(), "key": key, "person_id": person, **same} for key, person in people.items()
    ]
    for piece in (rows[at : at + 500] for at in range(0, len(rows), 500)):
        session().execute(inserting(OutboxMessage).values(piece).on_conflict_do_nothing())


def seen_in_the_program(message_ids: Collection[UUID]) -> None:
    """They have these messages before their eyes now; of one they had before, nothing changes."""
    session().execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(message_ids), OutboxMessage.seen_at.is_(None))
        .values(seen_at=now(), channel=func.coalesce(OutboxMessage.channel, "app"))
    )


def laid_out(keys: Collection[str]) -> set[str]:
    """Those of the keys under which a message lies here already, sent or not."""
    return set(session().scalars(select(OutboxMessage.key).where(OutboxMessage.key.in_(keys))))
