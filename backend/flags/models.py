"""Flags."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

STATES = ("open", "upheld", "dismissed")
ABOUT = ("activity", "merchant")


class Flag(InOffice, Base):
    """Something that looked odd on one day, and what somebody made of it."""

    __tablename__ = "flags"
    __table_args__ = (
        within_office("area_id", "areas"),
        within_office("decider_id", "people"),
        once_in_office("kind", "key"),
        listed_by("state", "id"),
        listed_by("about_type", "about_id", "state"),
        CheckConstraint("about_type IN ('activity', 'merchant')", name="about_something_known"),
        CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name="state_is_known"),
        CheckConstraint("(state = 'open') = (decider_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("state = 'open' OR reason IS NOT NULL", name="decided_for_a_reason"),
    )

    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(160))  # what happened is flagged once under it
    about_type: Mapped[str] = mapped_column(String(8))
    about_id: Mapped[UUID]  # no foreign key: activities and merchants live on higher floors
    area_id: Mapped[UUID]
    facts_json: Mapped[str] = mapped_column("facts", Text)  # ids and figures, no names
    people_json: Mapped[str] = mapped_column("people", Text)  # whom it concerns: they do not decide it
    state: Mapped[str] = mapped_column(String(9), default="open")
    raised_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))

    @property
    def facts(self) -> dict[str, Any]:
        """Plain values."""
        known: dict[str, Any] = json.loads(self.facts_json)
        return known

    @property
    def people(self) -> set[UUID]:
        """Whom it concerns, under the ids of then."""
        return {UUID(each) for each in json.loads(self.people_json)}
