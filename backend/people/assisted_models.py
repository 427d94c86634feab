"""What is done for somebody by others: who entered them, and what became of their card.

Written, never changed. Why is sealed: people explain themselves with names and illnesses.
"""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.append_only import AppendOnly
from backend.foundation.db import find
from backend.foundation.sealed import GONE, Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office
from backend.people.models import Card

CHANGES = ("issued", "replaced", "blocked", "pin_set")


class Registration(InOffice, Base):
    """A worker entered somebody who has no phone; without a household they belong to that area."""

    __tablename__ = "registrations"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("area_id", "areas"),
        within_office("registrar_id", "people"),
        once_in_office("person_id"),
        listed_by("area_id"),
        CheckConstraint("registrar_id <> person_id", name="nobody_enters_themselves"),
    )

    person_id: Mapped[UUID]
    area_id: Mapped[UUID | None]  # empty: the whole office
    registrar_id: Mapped[UUID]
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    registered_at: Mapped[datetime]

    reason = Sealed[str](about="person_id", gone=GONE)


class CardChange(InOffice, Base):
    """One step in the life of a paper card: who did it, and why."""

    __tablename__ = "card_changes"
    __table_args__ = (
        within_office("card_id", "cards"),
        within_office("changer_id", "people"),
        listed_by("card_id"),
        CheckConstraint("change IN ('issued', 'replaced', 'blocked', 'pin_set')", name="change_is_known"),
        CheckConstraint("change = 'issued' OR reason_sealed IS NOT NULL", name="says_why"),
    )

    card_id: Mapped[UUID]
    change: Mapped[str] = mapped_column(String(8))
    changer_id: Mapped[UUID]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime]

    reason = Sealed[str | None](about=lambda change: find(Card, change.card_id).person_id, gone=None)


PROTECTED = AppendOnly(
    what="what became of a card",
    function="card_changes_are_append_only",
    office="office_id",
    same_row={cast(Table, CardChange.__table__): ("id = NEW.id",)},
)
PROTECTED.create_after(cast(Table, CardChange.__table__))
