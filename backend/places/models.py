"""Offices, areas and households."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.crypto import seal, unseal
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

AREA_KINDS = ("community", "grid", "building", "unit")


class Office(Base):
    """A sub-district: the tenant. Its id is the id of its ledger book."""

    __tablename__ = "offices"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(60), unique=True)


class Area(InOffice, Base):
    """A community (社区/村) or what lies below it. A role over an area holds for everything below its path."""

    __tablename__ = "areas"
    __table_args__ = (
        ForeignKeyConstraint(["office_id"], ["offices.id"]),
        within_office("parent_id", "areas"),
        once_in_office("path"),
        CheckConstraint("kind IN ('community', 'grid', 'building', 'unit')", name="kind_is_known"),
        CheckConstraint("path LIKE '/%/'", name="path_has_both_slashes"),
        CheckConstraint("(kind = 'community') = (parent_id IS NULL)", name="communities_are_at_the_top"),
    )

    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(60))
    path: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[UUID | None]


class Household(InOffice, Base):
    """A door and the people behind it (庭户), the unit that acts, elects a head and has a pot."""

    __tablename__ = "households"
    __table_args__ = (within_office("area_id", "areas"), listed_by("area_id"))

    area_id: Mapped[UUID]
    door_sealed: Mapped[bytes] = mapped_column(LargeBinary)

    @property
    def door(self) -> str:
        """The address as people say it; personal data, sealed at rest."""
        return unseal(self.door_sealed, place=self._door_place)

    @door.setter
    def door(self, text: str) -> None:
        self.door_sealed = seal(text, place=self._door_place)

    @property
    def _door_place(self) -> str:
        return f"households.door:{self.office_id}:{self.id}"
