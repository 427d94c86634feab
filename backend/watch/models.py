"""Calls back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

OUTCOMES = ("confirmed", "denied", "not_reached")


class CallBack(InOffice, Base):
    """A redemption that was drawn by lot: somebody asks the customer whether it was so."""

    __tablename__ = "call_backs"
    __table_args__ = (
        within_office("redemption_id", "redemptions"),
        within_office("person_id", "people"),
        within_office("caller_id", "people"),
        once_in_office("redemption_id"),
        listed_by("outcome", "id"),
        CheckConstraint("outcome IN ('confirmed', 'denied', 'not_reached')", name="outcome_is_known"),
        CheckConstraint("(outcome IS NULL) = (caller_id IS NULL)", name="asked_by_somebody"),
        CheckConstraint("caller_id <> person_id", name="nobody_asks_themselves"),
    )

    redemption_id: Mapped[UUID]
    person_id: Mapped[UUID]
    drawn_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(11))
    note: Mapped[str | None] = mapped_column(String(200))
    caller_id: Mapped[UUID | None]
    called_at: Mapped[datetime | None]
