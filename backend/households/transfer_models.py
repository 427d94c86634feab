"""What went into a pot, or out of the pot of nobody, by itself or by decision; each names its ledger entry."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office


class PotTransfer(InOffice, Base):
    """All the live points of a minor's wallet, or of a pot, that moved at once.

    A minor's go to the pot of the household they live in, a merged household's to the one that goes on.
    """

    __tablename__ = "pot_transfers"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("household_id", "households"),
        within_office("into_id", "households"),
        once_in_office("entry_id"),
        listed_by("into_id"),
        CheckConstraint("cause IN ('minor', 'merge')", name="cause_is_known"),
        CheckConstraint("(cause = 'minor') = (person_id IS NOT NULL)", name="a_minor_is_somebody"),
        CheckConstraint("(cause = 'merge') = (household_id IS NOT NULL)", name="a_pot_is_some_households"),
        CheckConstraint("household_id <> into_id", name="goes_somewhere"),
        CheckConstraint("points > 0", name="points_move"),
    )

    cause: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[UUID | None]  # whose wallet it left
    household_id: Mapped[UUID | None]  # whose pot it left
    into_id: Mapped[UUID]
    points: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[UUID]
    moved_at: Mapped[datetime]
