"""Reports of hours, and certificates as they were issued."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import GONE, Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

STATES = ("open", "seen", "approved", "declined", "withdrawn")
MOST_MINUTES = 720  # of one report, and of all reports of one day


class VolunteerLog(InOffice, Base):
    """The minutes one person says they gave on a day, and who confirmed it."""

    __tablename__ = "volunteer_logs"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("area_id", "areas"),
        within_office("group_id", "groups"),
        within_office("session_id", "sessions"),
        within_office("check_in_id", "check_ins"),
        within_office("fund_id", "funds"),
        within_office("first_decider_id", "people"),
        within_office("decider_id", "people"),
        once_in_office("serve_id"),
        once_in_office("award_id"),
        once_in_office("person_id", "request_key"),
        listed_by("person_id", "day"),
        listed_by("state", "id"),
        CheckConstraint("minutes BETWEEN 1 AND 720", name="minutes_at_most_twelve_hours"),
        CheckConstraint("state IN ('open', 'seen', 'approved', 'declined', 'withdrawn')", name="state_is_known"),
        CheckConstraint("(state IN ('approved', 'declined')) = (decider_id IS NOT NULL)", name="decided_by_somebody"),
        CheckConstraint("(serve_id IS NOT NULL) = (state = 'approved' AND session_id IS NULL)", name="served_once"),
        CheckConstraint(
            "(check_in_id IS NOT NULL) = (state = 'approved' AND session_id IS NOT NULL)", name="made_good"
        ),
        CheckConstraint("decider_id <> person_id AND first_decider_id <> person_id", name="nobody_decides_their_own"),
        CheckConstraint("first_decider_id <> decider_id", name="two_persons"),
        CheckConstraint("(points > 0) = (award_id IS NOT NULL)", name="points_are_posted"),
    )

    person_id: Mapped[UUID]
    area_id: Mapped[UUID]
    group_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]  # a missed check-in (补签) at this session
    day: Mapped[date]
    minutes: Mapped[int] = mapped_column(SmallInteger)
    place: Mapped[str] = mapped_column(String(100))
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    evidence_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(9), default="open")
    request_key: Mapped[str] = mapped_column(String(120))
    reported_at: Mapped[datetime]
    needs_two: Mapped[bool]  # it was long ago when it was reported
    first_decider_id: Mapped[UUID | None]
    first_decided_at: Mapped[datetime | None]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    serve_id: Mapped[UUID | None]  # the ledger's entry of the minutes
    points: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # where the office's rule pays for hours
    rule_version: Mapped[int | None]
    fund_id: Mapped[UUID | None]  # which paid
    award_id: Mapped[UUID | None]
    check_in_id: Mapped[UUID | None]  # or the presence that was recorded

    content = Sealed[str](about="person_id", gone=GONE)  # what was done
    evidence = Sealed[str](about="person_id", gone=GONE)  # how it can be seen
    answer = Sealed[str | None](about="person_id", gone=None)


class Certificate(InOffice, Base):
    """A certificate of service as it was issued. Never changed: an error is corrected by another one."""

    __tablename__ = "certificates"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("issuer_id", "people"),
        once_in_office("number"),
        listed_by("person_id", "id"),
        CheckConstraint("since <= until", name="since_before_until"),
        CheckConstraint("minutes > 0", name="about_something"),
    )

    person_id: Mapped[UUID]
    number: Mapped[str] = mapped_column(String(24))
    since: Mapped[date]
    until: Mapped[date]
    minutes: Mapped[int]
    issued_at: Mapped[datetime]
    issuer_id: Mapped[UUID]  # whoever asked for it: the person, or who helped them at the desk
    said_sealed: Mapped[bytes] = mapped_column(LargeBinary)

    said = Sealed[str](about="person_id", gone=GONE)  # everything on it, as JSON


class CertificateIssuer(InOffice, Base):
    """Who answers for an office's certificates: printed on each of them."""

    __tablename__ = "certificate_issuers"
    __table_args__ = (once_in_office("one"), CheckConstraint("one = 1", name="one_in_office"))

    one: Mapped[int] = mapped_column(SmallInteger, default=1)
    responsible_person: Mapped[str] = mapped_column(String(40))
    contact: Mapped[str] = mapped_column(String(60))
