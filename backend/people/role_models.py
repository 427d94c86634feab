"""Roles, requests for officers, agencies and what is delegated to them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

# Which role fits which kind of scope. `resident` is none of them: it is what a person is verified as.
FITS = {
    "office": ("worker", "officer", "auditor"),
    "area": ("worker",),
    "group": ("leader", "deputy", "helper"),
    "merchant": ("clerk", "owner"),
}


class Role(InOffice, Base):
    """A right somebody was given: over what, by whom, from when until when. Withdrawn, never deleted."""

    __tablename__ = "roles"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("granted_by_id", "people"),
        within_office("withdrawn_by_id", "people"),
        within_office("delegation_id", "delegations"),
        Index(
            "uq_roles_endless_once",
            "office_id",
            "person_id",
            "role",
            "scope",
            unique=True,
            sqlite_where=text("ends_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("ends_at IS NULL AND withdrawn_at IS NULL"),
        ),
        listed_by("person_id"),
        listed_by("scope"),
        listed_by("scope_id"),
        listed_by("delegation_id"),
        CheckConstraint(
            "(scope_type = 'office' AND role IN ('worker', 'officer', 'auditor'))"
            " OR (scope_type = 'area' AND role = 'worker')"
            " OR (scope_type = 'group' AND role IN ('leader', 'deputy', 'helper'))"
            " OR (scope_type = 'merchant' AND role IN ('clerk', 'owner'))",
            name="role_fits_its_scope",
        ),
        CheckConstraint("(scope_type = 'office') = (scope_id IS NULL)", name="only_an_office_needs_no_id"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        CheckConstraint("granted_by_id <> person_id", name="nobody_grants_to_themselves"),
        CheckConstraint("withdrawn_by_id IS NULL OR withdrawn_at IS NOT NULL", name="withdrawn_at_some_time"),
        CheckConstraint(
            "delegation_id IS NULL OR (role IN ('worker', 'auditor') AND ends_at IS NOT NULL)",
            name="delegated_roles_end",
        ),
    )

    person_id: Mapped[UUID]
    role: Mapped[str] = mapped_column(String(10))
    scope_type: Mapped[str] = mapped_column(String(10))
    scope_id: Mapped[UUID | None]  # of the area, group or merchant; a higher floor owns it
    scope_name: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(200))  # what a Grant compares
    starts_at: Mapped[datetime | None]  # empty: from granted_at on
    ends_at: Mapped[datetime | None]  # empty: until it is withdrawn
    granted_by_id: Mapped[UUID | None]  # nobody: by the command line, or by founding a circle
    granted_at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    delegation_id: Mapped[UUID | None]  # of an agency's: such a role grants nothing further
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[UUID | None]
    withdrawal_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = Sealed[str | None](about="person_id", gone=None)
    withdrawal_reason = Sealed[str | None](about="person_id", gone=None)

    def holds_at(self, at: datetime) -> bool:
        """Begun, not ended and not withdrawn."""
        return (
            self.withdrawn_at is None
            and (self.starts_at is None or self.starts_at <= at)
            and (self.ends_at is None or at < self.ends_at)
        )


class RoleRequest(InOffice, Base):
    """An officer wants somebody to become an officer, or to be one no longer; what a second officer said to it."""

    __tablename__ = "role_requests"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("role_id", "roles"),
        within_office("requester_id", "people"),
        within_office("decider_id", "people"),
        Index(
            "uq_role_requests_one_open",
            "office_id",
            "person_id",
            "action",
            unique=True,
            sqlite_where=text("state = 'requested'"),
            postgresql_where=text("state = 'requested'"),
        ),
        listed_by("state"),
        CheckConstraint("action IN ('grant', 'withdrawal')", name="action_is_known"),
        CheckConstraint("state IN ('requested', 'approved', 'declined')", name="state_is_known"),
        CheckConstraint("(state = 'requested') = (decider_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint("decider_id <> requester_id", name="two_persons"),
        CheckConstraint("requester_id <> person_id", name="nobody_asks_for_themselves"),
        CheckConstraint("decider_id <> person_id", name="nobody_decides_about_themselves"),
        CheckConstraint("action = 'grant' OR role_id IS NOT NULL", name="a_withdrawal_names_the_role"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
    )

    action: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[UUID]
    role_id: Mapped[UUID | None]  # the one to be withdrawn, or the one that came of it
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), default="requested")
    requester_id: Mapped[UUID]
    requested_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = Sealed[str | None](about="person_id", gone=None)
    decision_reason = Sealed[str | None](about="person_id", gone=None)


class Agency(InOffice, Base):
    """A professional agency (社工机构) or the federation (联合会): it acts here by what is delegated to it."""

    __tablename__ = "agencies"
    __table_args__ = (
        within_office("opener_id", "people"),
        once_in_office("name"),
        CheckConstraint("kind IN ('agency', 'federation')", name="kind_is_known"),
    )

    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(10))
    opener_id: Mapped[UUID]
    opened_at: Mapped[datetime]


class Delegation(InOffice, Base):
    """Two officers let the manager of an agency name workers or auditors over a scope, for a time."""

    __tablename__ = "delegations"
    __table_args__ = (
        within_office("agency_id", "agencies"),
        within_office("manager_id", "people"),
        within_office("requester_id", "people"),
        within_office("decider_id", "people"),
        within_office("withdrawn_by_id", "people"),
        Index(
            "uq_delegations_one_open",
            "office_id",
            "agency_id",
            "manager_id",
            "role",
            "scope",
            unique=True,
            sqlite_where=text("state = 'requested'"),
            postgresql_where=text("state = 'requested'"),
        ),
        listed_by("manager_id"),
        listed_by("state"),
        CheckConstraint(
            "(scope_type = 'office' AND role IN ('worker', 'auditor')) OR (scope_type = 'area' AND role = 'worker')",
            name="role_fits_its_scope",
        ),
        CheckConstraint("(scope_type = 'office') = (scope_id IS NULL)", name="only_an_office_needs_no_id"),
        CheckConstraint("state IN ('requested', 'approved', 'declined', 'withdrawn')", name="state_is_known"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        CheckConstraint(
            "(state = 'requested' AND decider_id IS NULL)"
            " OR (state IN ('approved', 'declined') AND decider_id IS NOT NULL) OR state = 'withdrawn'",
            name="decided_by_somebody",
        ),
        CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint("decider_id <> requester_id", name="two_persons"),
        CheckConstraint("requester_id <> manager_id", name="nobody_delegates_to_themselves"),
        CheckConstraint("decider_id <> manager_id", name="nobody_decides_about_themselves"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_at_some_time"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn_by_somebody"),
    )

    agency_id: Mapped[UUID]
    manager_id: Mapped[UUID]
    role: Mapped[str] = mapped_column(String(10))
    scope_type: Mapped[str] = mapped_column(String(10))
    scope_id: Mapped[UUID | None]
    scope_name: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), default="requested")
    requester_id: Mapped[UUID]
    requested_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[UUID | None]
    withdrawal_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = Sealed[str | None](about="manager_id", gone=None)
    decision_reason = Sealed[str | None](about="manager_id", gone=None)
    withdrawal_reason = Sealed[str | None](about="manager_id", gone=None)
