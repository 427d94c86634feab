"""How people come into a group, go against their will, and hand it over: invitations, codes, handovers, appeals."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import GONE, Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

OFFER_STATES = ("open", "accepted", "declined", "withdrawn")
APPEAL_STATES = ("open", "upheld", "rejected")
MOST_USES = 200

_OFFERED = "state IN ('open', 'accepted', 'declined', 'withdrawn')"


class Invitation(InOffice, Base):
    """Somebody is asked to join; they say yes or no themselves."""

    __tablename__ = "invitations"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("person_id", "people"),
        within_office("inviter_id", "people"),
        Index(
            "uq_invitations_one_open",
            "office_id",
            "group_id",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        listed_by("person_id", "id"),
        listed_by("group_id", "id"),
        CheckConstraint(_OFFERED, name="state_is_known"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="open_or_closed"),
        CheckConstraint("inviter_id <> person_id", name="nobody_invites_themselves"),
    )

    group_id: Mapped[UUID]
    person_id: Mapped[UUID]
    inviter_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(9), default="open")
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class InvitationCode(InOffice, Base):
    """A code that lets so many people in, for a time: for the paper on the notice board."""

    __tablename__ = "invitation_codes"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("maker_id", "people"),
        once_in_office("code"),
        listed_by("group_id", "id"),
        CheckConstraint("uses_left BETWEEN 0 AND 200", name="uses_are_limited"),
    )

    group_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(String(12))
    uses_left: Mapped[int] = mapped_column(SmallInteger)
    maker_id: Mapped[UUID]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Handover(InOffice, Base):
    """A leader wants to hand the group over, and what the other one said to it."""

    __tablename__ = "handovers"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("giver_id", "people"),
        within_office("receiver_id", "people"),
        Index(
            "uq_handovers_one_open",
            "office_id",
            "group_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        listed_by("receiver_id", "id"),
        listed_by("giver_id", "id"),
        CheckConstraint(_OFFERED, name="state_is_known"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="open_or_closed"),
        CheckConstraint("giver_id <> receiver_id", name="between_two"),
    )

    group_id: Mapped[UUID]
    giver_id: Mapped[UUID]
    receiver_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(9), default="open")
    proposed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Appeal(InOffice, Base):
    """Somebody who was removed asks a worker whether that was right; once per removal."""

    __tablename__ = "group_appeals"
    __table_args__ = (
        within_office("membership_id", "memberships"),
        within_office("group_id", "groups"),
        within_office("person_id", "people"),
        within_office("decider_id", "people"),
        once_in_office("membership_id"),
        listed_by("person_id", "id"),
        listed_by("state", "due_on", "id"),
        CheckConstraint("state IN ('open', 'upheld', 'rejected')", name="state_is_known"),
        CheckConstraint(
            "(state = 'open') = (decider_id IS NULL) AND (state = 'open') = (decided_at IS NULL)"
            " AND (state = 'open') = (answer_sealed IS NULL)",
            name="answered_by_somebody",
        ),
        CheckConstraint("decider_id <> person_id", name="nobody_answers_themselves"),
    )

    membership_id: Mapped[UUID]
    group_id: Mapped[UUID]
    person_id: Mapped[UUID]
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8), default="open")
    filed_at: Mapped[datetime]
    due_on: Mapped[date]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    text = Sealed[str](about="person_id", gone=GONE)  # their own words
    answer = Sealed[str | None](about="person_id", gone=None)
