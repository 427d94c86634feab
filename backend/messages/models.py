"""What somebody agreed to be sent."""

from uuid import UUID

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, once_in_office, within_office

MOST_CREDITS = 100


class MessageCredit(InOffice, Base):
    """How many messages of one template somebody agreed to; each one sent uses one up."""

    __tablename__ = "message_credits"
    __table_args__ = (
        within_office("person_id", "people"),
        once_in_office("person_id", "template_id"),
        CheckConstraint("credits BETWEEN 0 AND 100", name="credits_are_counted"),
    )

    person_id: Mapped[UUID]
    template_id: Mapped[str] = mapped_column(String(64))
    credits: Mapped[int]
