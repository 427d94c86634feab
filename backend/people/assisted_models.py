"""What is done for somebody by others: who entered them, what became of their card, who acted for them.

Written, never changed. Why is sealed: people explain themselves with names and illnesses.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.db import find
from backend.foundation.sealed import GONE, Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office
from backend.people.models import Card

CHANGES = ("issued", "replaced", "blocked", "pin_set")
CHANNELS = ("desk", "card", "code", "household")


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


class AssistedAct(InOffice, Base):
    """Somebody did something for somebody else: who, for whom, how, why, what."""

    __tablename__ = "assisted_acts"
    __table_args__ = (
        within_office("actor_id", "people"),
        within_office("beneficiary_id", "people"),
        listed_by("beneficiary_id", "done_at"),
        listed_by("done_at", "actor_id"),
        CheckConstraint("channel IN ('desk', 'card', 'code', 'household')", name="channel_is_known"),
        CheckConstraint("actor_id <> beneficiary_id", name="by_somebody_else"),
        CheckConstraint("channel <> 'desk' OR reason_sealed IS NOT NULL", name="the_desk_says_why"),
        CheckConstraint("points >= 0", name="points_are_spent"),
    )

    actor_id: Mapped[UUID]
    beneficiary_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(String(10))
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    act: Mapped[str] = mapped_column(String(30))  # a word for the deed: sign_up, redeem, capture …
    subject_id: Mapped[UUID | None]  # the row that the deed wrote; empty: it only looked
    points: Mapped[int] = mapped_column(BigInteger, default=0)  # that it spent
    done_at: Mapped[datetime]

    reason = Sealed[str | None](about="beneficiary_id", gone=None)
