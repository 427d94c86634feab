"""Devices, refresh tokens, blocks, and the feed that tells every server whose access has changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import GONE, Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office


class Device(InOffice, Base):
    """One login that goes on: a phone, and all the tokens that follow each other on it. Ended, never deleted."""

    __tablename__ = "devices"
    __table_args__ = (
        within_office("person_id", "people"),
        listed_by("person_id"),
        CheckConstraint(
            "end_reason IN ('logged_out', 'removed', 'everywhere', 'reused', 'blocked', 'merged', 'gone')",
            name="end_reason_is_known",
        ),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended_for_a_reason"),
    )

    person_id: Mapped[UUID]
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    installation_id: Mapped[str | None] = mapped_column(String(64))  # stays the same when it logs in again
    first_used_at: Mapped[datetime]
    last_used_at: Mapped[datetime]  # its last login or refresh: using an access token writes nothing
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(10))

    name = Sealed[str | None](about="person_id", gone=None)  # what the phone calls itself; mostly after its owner


class RefreshToken(InOffice, Base):
    """One refresh token, by its fingerprint. Tokens that follow each other on one device are a family."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("family_id", "devices"),
        once_in_office("fingerprint"),
        listed_by("family_id"),
        listed_by("person_id"),
    )

    person_id: Mapped[UUID]
    family_id: Mapped[UUID]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    rotated_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Block(InOffice, Base):
    """Somebody is kept out of their account: by whom, why, and who let them in again. Their points stay theirs."""

    __tablename__ = "blocks"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("blocked_by_id", "people"),
        within_office("lifted_by_id", "people"),
        listed_by("person_id"),
        Index(
            "uq_blocks_open",
            "office_id",
            "person_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
        CheckConstraint("blocked_by_id <> person_id", name="nobody_blocks_themselves"),
        CheckConstraint("lifted_by_id <> person_id", name="nobody_lifts_their_own"),
        CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by_id IS NULL) AND (lifted_at IS NULL) = (lift_reason_sealed IS NULL)",
            name="lifted_by_someone_for_a_reason",
        ),
    )

    person_id: Mapped[UUID]
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    blocked_by_id: Mapped[UUID]
    blocked_at: Mapped[datetime]
    lift_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    lifted_by_id: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None]

    reason = Sealed[str](about="person_id", gone=GONE)
    lift_reason = Sealed[str | None](about="person_id", gone=None)


class AccessFeed(InOffice, Base):
    """How many changes of access the office has had. Its row is locked last in a deed, for the moment of its commit."""

    __tablename__ = "access_feeds"
    __table_args__ = (once_in_office(),)

    number: Mapped[int] = mapped_column(BigInteger)


class AccessChange(InOffice, Base):
    """What somebody may do has changed, or a device ended; with neither named, it may have for everybody.

    Numbers have no gaps and rise in the order of the commits, so who has read up to one has missed nothing before it,
    whatever the clocks say.
    """

    __tablename__ = "access_changes"
    __table_args__ = (once_in_office("number"),)

    number: Mapped[int] = mapped_column(BigInteger)
    person_id: Mapped[UUID | None]
    device_id: Mapped[UUID | None]
    changed_at: Mapped[datetime]
