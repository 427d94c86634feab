"""Who says that somebody lives behind a door, and what was decided."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.crypto import blind_index
from backend.foundation.sealed import GONE, Sealed
from backend.foundation.tables import Base, InOffice, listed_by, within_office
from backend.foundation.tenancy import office_in_force

WAITING = text("state = 'waiting'")
OF_A_PERSON = text("state = 'waiting' AND person_id IS NOT NULL")

RELATIONS = ("child", "grandchild", "parent", "grandparent", "sibling", "other")
LONGEST_NAME = 20


class HouseholdClaim(InOffice, Base):
    """Somebody says that they, or a dependant of theirs, live behind a door.

    A dependant who is new here is a sealed name until it is decided; then the name is gone, or a person's.
    """

    __tablename__ = "household_claims"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("claimed_by_id", "people"),
        within_office("area_id", "areas"),
        within_office("household_id", "households"),
        within_office("guardian_id", "people"),
        within_office("decider_id", "people"),
        Index(
            "uq_household_claims_one_open",
            "office_id",
            "person_id",
            unique=True,
            sqlite_where=OF_A_PERSON,
            postgresql_where=OF_A_PERSON,
        ),
        Index(
            "uq_household_claims_one_of_a_name",
            "office_id",
            "household_id",
            "name_index",
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        listed_by("state", "area_id"),
        listed_by("household_id"),
        listed_by("claimed_by_id"),
        CheckConstraint("state IN ('waiting', 'confirmed', 'declined', 'withdrawn')", name="state_is_known"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint("(decided_at IS NULL) = (decider_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("decided_as IN ('worker', 'head', 'claimant')", name="decided_as_is_known"),
        CheckConstraint("(decider_id IS NULL) = (decided_as IS NULL)", name="decided_as_something"),
        CheckConstraint("state <> 'declined' OR reason_sealed IS NOT NULL", name="declined_for_a_reason"),
        CheckConstraint(
            "state <> 'confirmed' OR (person_id IS NOT NULL AND household_id IS NOT NULL)",
            name="confirmed_of_somebody_somewhere",
        ),
        CheckConstraint("(name_sealed IS NULL) = (name_index IS NULL)", name="a_name_is_found"),
        CheckConstraint(
            "state <> 'waiting' OR (person_id IS NULL) = (name_sealed IS NOT NULL)", name="of_a_person_or_a_name"
        ),
        CheckConstraint("state = 'waiting' OR name_sealed IS NULL", name="a_decided_claim_keeps_no_name"),
        CheckConstraint("age_class IN ('adult', '14-17', 'under_14')", name="age_class_is_known"),
        CheckConstraint(
            "relation IN ('child', 'grandchild', 'parent', 'grandparent', 'sibling', 'other')",
            name="relation_is_known",
        ),
        CheckConstraint(
            "(guardian_id IS NULL) = (policy_version IS NULL) AND (guardian_id IS NULL) = (consented_at IS NULL)",
            name="a_guardian_consents_to_something",
        ),
    )

    person_id: Mapped[UUID | None]  # empty while it waits: a dependant who is new here
    claimed_by_id: Mapped[UUID]  # themselves; of a dependant the head, or the worker who entered them
    area_id: Mapped[UUID]
    household_id: Mapped[UUID | None]  # empty: nobody has written that door down yet
    door_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # as it was typed
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # the same name twice is one wish
    age_class: Mapped[str | None] = mapped_column(String(8))  # of a dependant; else whoever confirms says it
    relation: Mapped[str | None] = mapped_column(String(12))
    guardian_id: Mapped[UUID | None]  # who consented for a child under 14, when it was entered
    policy_version: Mapped[str | None] = mapped_column(String(20))
    consented_at: Mapped[datetime | None]
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    claimed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decider_id: Mapped[UUID | None]
    decided_as: Mapped[str | None] = mapped_column(String(8))
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    # A dependant who is new here has no key yet: what is typed lies under the key of whoever typed it.
    door = Sealed[str](about="claimed_by_id", gone=GONE)
    name = Sealed[str | None](about="claimed_by_id", gone=None)
    note = Sealed[str | None](about="claimed_by_id", gone=None)
    reason = Sealed[str | None](about="claimed_by_id", gone=None)

    @property
    def is_of_a_dependant(self) -> bool:
        return self.claimed_by_id != self.person_id


def index_of_name(name: str) -> bytes:
    """By what a name is recognised among those that wait."""
    return blind_index(name, purpose=f"household_claims.name:{office_in_force()}")
