"""What leaders asked to spend for their group."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

STATES = ("waiting", "confirmed", "declined", "used", "expired")  # the last one is never written: time tells


class GroupSpending(InOffice, Base):
    """A leader wants to redeem more for the group than one may alone. Confirmed, it is good once, for just that."""

    __tablename__ = "group_spendings"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("offer_id", "offers"),
        within_office("asker_id", "people"),
        within_office("decider_id", "people"),
        once_in_office("asker_id", "request_key"),
        listed_by("group_id", "id"),
        CheckConstraint("state IN ('waiting', 'confirmed', 'declined', 'used')", name="state_is_known"),
        CheckConstraint("quantity BETWEEN 1 AND 1000", name="quantity_is_sane"),
        CheckConstraint("points > 0", name="points_are_spent"),
        CheckConstraint("(state = 'waiting') = (decider_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint("decider_id <> asker_id", name="two_leaders"),
    )

    group_id: Mapped[UUID]
    offer_id: Mapped[UUID]
    asker_id: Mapped[UUID]
    quantity: Mapped[int]
    points: Mapped[int] = mapped_column(BigInteger)  # the price when it was asked: another one is another wish
    state: Mapped[str] = mapped_column(String(9), default="waiting")
    request_key: Mapped[str] = mapped_column(String(120))
    request_fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # until when it can be confirmed and used
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]

    def state_at(self, at: datetime) -> str:
        """The state as it is said: what was not confirmed or not used in time is over."""
        return "expired" if self.state in ("waiting", "confirmed") and self.expires_at <= at else self.state
