"""Offices, areas, what became of areas, and households."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.append_only import AppendOnly
from backend.foundation.crypto import blind_index, seal, unseal
from backend.foundation.tables import Base, InOffice, listed_by, within_office
from backend.foundation.tenancy import office_in_force
from backend.places.name_rules import door_key

AREA_KINDS = ("community", "grid", "building", "unit")
NATURES = ("urban", "rural")
OFFICE_KINDS = ("sub_district", "district")

LONGEST_NAME = 60  # of an office or an area
LONGEST_DOOR = 60

OPEN = text("merged_into_id IS NULL")


class Office(Base):
    """A sub-district, the tenant, or the district above it. Its id is the id of its ledger book."""

    __tablename__ = "offices"
    __table_args__ = (
        ForeignKeyConstraint(["district_id"], ["offices.id"]),
        CheckConstraint("kind IN ('sub_district', 'district')", name="kind_is_known"),
        CheckConstraint("district_id IS NULL OR kind = 'sub_district'", name="only_sub_districts_lie_in_a_district"),
    )

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), unique=True)
    kind: Mapped[str] = mapped_column(String(12), default="sub_district")
    district_id: Mapped[int | None] = mapped_column(SmallInteger)


class Area(InOffice, Base):
    """A community (社区/村) or what lies below it. A role over an area holds for everything below its path.

    An area that was merged into another one is closed and stays: its path lies below the one it was merged into, so
    whoever works there now works over everything that still names it. `merged_into_id` always names an open area.
    """

    __tablename__ = "areas"
    __table_args__ = (
        ForeignKeyConstraint(["office_id"], ["offices.id"]),
        # With the parent's kind in the key, the database itself keeps the order of kinds.
        ForeignKeyConstraint(["office_id", "parent_id", "parent_kind"], ["areas.office_id", "areas.id", "areas.kind"]),
        within_office("merged_into_id", "areas"),
        UniqueConstraint("office_id", "id", "kind"),
        UniqueConstraint("office_id", "path"),
        Index(
            "uq_areas_one_name_below_a_parent",
            "office_id",
            "parent_id",
            "kind",
            "name",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(
            "uq_areas_one_name_at_the_top",
            "office_id",
            "name",
            unique=True,
            sqlite_where=text("merged_into_id IS NULL AND parent_id IS NULL"),
            postgresql_where=text("merged_into_id IS NULL AND parent_id IS NULL"),
        ),
        listed_by("merged_into_id"),
        CheckConstraint("path LIKE '/%/'", name="path_has_both_slashes"),
        CheckConstraint("(parent_id IS NULL) = (parent_kind IS NULL)", name="a_parent_has_a_kind"),
        CheckConstraint(
            "(kind = 'community' AND parent_kind IS NULL)"
            " OR (kind = 'grid' AND parent_kind = 'community' AND parent_kind IS NOT NULL)"
            " OR (kind = 'building' AND parent_kind IN ('community', 'grid') AND parent_kind IS NOT NULL)"
            " OR (kind = 'unit' AND parent_kind = 'building' AND parent_kind IS NOT NULL)",
            name="kinds_lie_in_order",
        ),
        CheckConstraint("nature IN ('urban', 'rural')", name="nature_is_known"),
        CheckConstraint("(kind = 'community') = (nature IS NOT NULL)", name="communities_have_a_nature"),
        CheckConstraint("merged_into_id <> id", name="nothing_merges_into_itself"),
    )

    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    path: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[UUID | None]
    parent_kind: Mapped[str | None] = mapped_column(String(12))
    nature: Mapped[str | None] = mapped_column(String(5))  # of a community: 城 or 乡, whose targets differ
    merged_into_id: Mapped[UUID | None]
    search: Mapped[str] = mapped_column(String(600))

    @property
    def is_closed(self) -> bool:
        """Merged into another area: history, nothing new begins here."""
        return self.merged_into_id is not None


class AreaChange(InOffice, Base):
    """What became of an area, when, by whom and why. Only ever added to."""

    __tablename__ = "area_changes"
    __table_args__ = (
        within_office("area_id", "areas"),
        within_office("into_id", "areas"),
        listed_by("area_id"),
        listed_by("into_id"),
        CheckConstraint("what IN ('renamed', 'nature_changed', 'moved', 'merged')", name="what_is_known"),
        CheckConstraint("(what IN ('moved', 'merged')) = (into_id IS NOT NULL)", name="moves_lead_somewhere"),
    )

    area_id: Mapped[UUID]
    what: Mapped[str] = mapped_column(String(14))
    from_text: Mapped[str] = mapped_column(String(300))
    to_text: Mapped[str] = mapped_column(String(300))
    into_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(String(200))
    changed_by_id: Mapped[UUID]  # a person; a higher floor knows them
    changed_at: Mapped[datetime]


PROTECTED = AppendOnly(
    what="what became of an area",
    function="area_changes_are_append_only",
    office="office_id",
    same_row={cast(Table, AreaChange.__table__): ("id = NEW.id",)},
)
PROTECTED.create_after(cast(Table, AreaChange.__table__))


class Household(InOffice, Base):
    """A door and the people behind it (庭户), the unit that acts, elects a head and has a pot.

    When two areas merge, an empty household may be merged into the one that lives behind the same door.
    """

    __tablename__ = "households"
    __table_args__ = (
        within_office("area_id", "areas"),
        within_office("merged_into_id", "households"),
        Index(
            "uq_households_one_door_in_an_area",
            "office_id",
            "area_id",
            "door_index",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        listed_by("area_id"),
        listed_by("door_index"),
        CheckConstraint("merged_into_id <> id", name="nothing_merges_into_itself"),
    )

    area_id: Mapped[UUID]
    door_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    door_index: Mapped[bytes] = mapped_column(LargeBinary(32))  # recognises the door, tells nobody which
    merged_into_id: Mapped[UUID | None]

    @property
    def door(self) -> str:
        """The address as people say it; personal data, sealed at rest."""
        return unseal(self.door_sealed, place=door_place(self.id, office_id=self.office_id))

    @door.setter
    def door(self, text: str) -> None:
        self.door_sealed = seal(text, place=door_place(self.id, office_id=self.office_id))
        self.door_index = index_of_door(text, office_id=self.office_id)


def door_place(household_id: UUID, *, office_id: int) -> str:
    """Where a sealed door belongs."""
    return f"households.door:{office_id}:{household_id}"


def index_of_door(door: str, *, office_id: int | None = None) -> bytes:
    """By what a door is found in its office (the one in force if none is named), however it was written."""
    return blind_index(door_key(door), purpose=f"households.door:{office_id or office_in_force()}")
