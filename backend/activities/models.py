"""Activities, sessions, sign-ups and check-ins."""

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

KINDS = ("service", "participation", "training", "meeting")

STATES_IN_CHINESE = {"draft": "草稿", "published": "已发布", "settled": "已结项", "cancelled": "已取消"}

OPENS_BEFORE = timedelta(minutes=30)


class Activity(InOffice, Base):
    """Something people come to. Its points come out of one fund, reserved when it is published."""

    __tablename__ = "activities"
    __table_args__ = (
        within_office("group_id", "groups"),
        within_office("area_id", "areas"),
        within_office("fund_id", "funds"),
        within_office("creator_id", "people"),
        within_office("publisher_id", "people"),
        within_office("cover_id", "pictures"),
        within_office("for_area_id", "areas"),
        listed_by("series_id"),
        listed_by("state", "starts_at"),
        listed_by("starts_at", "id"),
        listed_by("group_id"),
        listed_by("area_id"),
        CheckConstraint("kind IN ('service', 'participation', 'training', 'meeting')", name="kind_is_known"),
        CheckConstraint("check_in IN ('self', 'scan')", name="check_in_is_known"),
        CheckConstraint("state IN ('draft', 'published', 'settled', 'cancelled')", name="state_is_known"),
        CheckConstraint("places_taken BETWEEN 0 AND capacity", name="not_overbooked"),
        CheckConstraint("points_fixed IS NULL OR points_per_hour IS NULL", name="fixed_or_hourly"),
        CheckConstraint("budget_points = 0 OR fund_id IS NOT NULL", name="somebody_pays"),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("(state = 'draft') = (published_at IS NULL) OR state = 'cancelled'", name="published_once"),
    )

    found_by: ClassVar = ("title", "place")  # what `search` is made of

    group_id: Mapped[UUID | None]
    area_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(14))
    title: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(100))
    responsible_person: Mapped[str | None] = mapped_column(String(40))
    starts_at: Mapped[datetime]  # of the first session
    ends_at: Mapped[datetime]  # of the last
    capacity: Mapped[int]
    places_taken: Mapped[int] = mapped_column(default=0)
    points_per_hour: Mapped[int | None]
    points_fixed: Mapped[int | None]
    points_max: Mapped[int] = mapped_column(default=0)  # per person and session
    check_in: Mapped[str] = mapped_column(String(4))
    fund_id: Mapped[UUID | None]
    budget_points: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    cover_id: Mapped[UUID | None]
    for_area_id: Mapped[UUID | None]  # only who lives there sees it; empty: everybody of the office
    series_id: Mapped[UUID | None]  # the same for what recurs
    search: Mapped[str] = mapped_column(String(600))
    creator_id: Mapped[UUID]
    needs_worker_at: Mapped[datetime | None]  # a leader asked to publish what only a worker may
    publisher_id: Mapped[UUID | None]
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # settled or cancelled
    head_count: Mapped[int | None]
    report: Mapped[str | None] = mapped_column(Text)
    cancel_reason: Mapped[str | None] = mapped_column(String(200))

    @property
    def places_left(self) -> int:
        return self.capacity - self.places_taken

    @property
    def is_fixed(self) -> bool:
        """Points for coming, paid at the check-in; otherwise by the hour, paid at the check-out."""
        return self.points_per_hour is None

    @property
    def is_announced(self) -> bool:
        """Published at some time; before that, it does not exist for those who do not prepare it."""
        return self.published_at is not None

    def has_ended(self, *, at: datetime) -> bool:
        return at >= self.ends_at

    def takes_sign_ups(self, *, at: datetime) -> bool:
        return self.state == "published" and not self.has_ended(at=at)


class ActivityHost(InOffice, Base):
    """Another group that holds an activity together with its own."""

    __tablename__ = "activity_hosts"
    __table_args__ = (
        within_office("activity_id", "activities"),
        within_office("group_id", "groups"),
        once_in_office("activity_id", "group_id"),
        listed_by("group_id"),
        CheckConstraint("share_percent BETWEEN 1 AND 99", name="a_share_of_it"),
    )

    activity_id: Mapped[UUID]
    group_id: Mapped[UUID]
    share_percent: Mapped[int]  # of the budget; the first group has what the others leave


class ActivityPhoto(InOffice, Base):
    """A photo of an activity's report."""

    __tablename__ = "activity_photos"
    __table_args__ = (
        within_office("activity_id", "activities"),
        within_office("picture_id", "pictures"),
        once_in_office("activity_id", "number"),
        once_in_office("activity_id", "picture_id"),
        CheckConstraint("number BETWEEN 1 AND 9", name="nine_photos_at_most"),
    )

    activity_id: Mapped[UUID]
    picture_id: Mapped[UUID]
    number: Mapped[int]


class Session(InOffice, Base):
    """One sitting of an activity (场次)."""

    __tablename__ = "sessions"
    __table_args__ = (
        within_office("activity_id", "activities"),
        listed_by("activity_id"),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
    )

    activity_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    @property
    def opens_at(self) -> datetime:
        return self.starts_at - OPENS_BEFORE


class BudgetChange(InOffice, Base):
    """Points set aside for an activity, or what came back; each names its ledger entry."""

    __tablename__ = "budget_changes"
    __table_args__ = (
        within_office("activity_id", "activities"),
        once_in_office("entry_id"),
        listed_by("activity_id"),
        CheckConstraint("kind IN ('reserve', 'return')", name="kind_is_known"),
        CheckConstraint("points > 0", name="points_move"),
    )

    activity_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(8))
    points: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[UUID]


class SignUp(InOffice, Base):
    """A place at an activity, or one on its waiting list."""

    __tablename__ = "sign_ups"
    __table_args__ = (
        within_office("activity_id", "activities"),
        within_office("person_id", "people"),
        once_in_office("activity_id", "person_id"),
        listed_by("activity_id", "state", "signed_up_at"),
        listed_by("person_id"),
        listed_by("state", "answer_by"),
        CheckConstraint("state IN ('placed', 'offered', 'waiting', 'withdrawn')", name="state_is_known"),
        CheckConstraint("(state = 'offered') = (answer_by IS NOT NULL)", name="offers_end"),
    )

    activity_id: Mapped[UUID]
    person_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(10))
    signed_up_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]  # an offered place is kept so long
    withdrawn_at: Mapped[datetime | None]  # when it was last given up
    party: Mapped[UUID | None]  # signed up together, as one household

    @property
    def has_a_place(self) -> bool:
        """An offered place is taken, too, until it is passed on."""
        return self.state in ("placed", "offered")


class CheckIn(InOffice, Base):
    """Somebody was there: when, how we know, what it earned, and what still waits to be paid and why."""

    __tablename__ = "check_ins"
    __table_args__ = (
        within_office("activity_id", "activities"),
        within_office("session_id", "sessions"),
        within_office("person_id", "people"),
        within_office("recorder_id", "people"),
        within_office("checked_out_by_id", "people"),
        within_office("reviewer_id", "people"),
        once_in_office("session_id", "person_id"),
        once_in_office("award_id"),
        once_in_office("serve_id"),
        listed_by("activity_id", "checked_in_at"),
        listed_by("activity_id", "unpaid"),
        listed_by("person_id"),
        listed_by("state", "id"),
        CheckConstraint("confidence IN ('listed', 'self', 'card', 'scan')", name="confidence_is_known"),
        CheckConstraint("state IN ('recorded', 'review', 'undone')", name="state_is_known"),
        CheckConstraint("checked_out_at IS NULL OR checked_out_at >= checked_in_at", name="leaves_after_arriving"),
        CheckConstraint("(points > 0) = (award_id IS NOT NULL)", name="points_are_posted"),
        CheckConstraint("serve_id IS NULL OR minutes > 0", name="minutes_are_posted"),
        CheckConstraint("unpaid IS NULL OR points = 0", name="unpaid_means_no_points"),
        CheckConstraint("confidence <> 'listed' OR reason_sealed IS NOT NULL", name="a_ticked_name_has_a_reason"),
        CheckConstraint("reviewer_id <> person_id", name="nobody_confirms_themselves"),
        CheckConstraint("times_undone >= 0", name="undone_so_often"),
        CheckConstraint("state <> 'undone' OR (award_id IS NULL AND serve_id IS NULL)", name="undone_is_unpaid"),
        CheckConstraint("cut_points >= 0", name="caps_only_cut"),
        CheckConstraint("before_closing IN ('recorded', 'review')", name="closed_in_a_known_state"),
        CheckConstraint("before_closing IS NULL OR checked_out_at IS NOT NULL", name="closed_at_some_time"),
    )

    activity_id: Mapped[UUID]
    session_id: Mapped[UUID]
    person_id: Mapped[UUID]
    recorder_id: Mapped[UUID]  # who scanned, ticked, or checked in
    checked_in_at: Mapped[datetime]
    checked_out_at: Mapped[datetime | None]
    checked_out_by_id: Mapped[UUID | None]
    confidence: Mapped[str] = mapped_column(String(6))
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8))
    minutes: Mapped[int] = mapped_column(default=0)  # of service; other kinds of activity give none
    points: Mapped[int] = mapped_column(default=0)  # awarded
    points_due: Mapped[int] = mapped_column(default=0)  # earned, whether awarded or waiting
    cut_points: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # what the caps took off what was due
    rule_version: Mapped[int | None]  # of the office's point rules, by which it was decided
    unpaid: Mapped[str | None] = mapped_column(String(20))  # why the points due are not awarded yet
    award_id: Mapped[UUID | None]
    serve_id: Mapped[UUID | None]
    reviewer_id: Mapped[UUID | None]
    reviewed_at: Mapped[datetime | None]
    review_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    times_undone: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # after having been paid or recorded
    before_closing: Mapped[str | None] = mapped_column(
        String(8)
    )  # its state when the system closed it; None: seen to go

    reason = Sealed[str | None](about="person_id", gone=None)
    review_reason = Sealed[str | None](about="person_id", gone=None)

    @property
    def left_unseen(self) -> bool:
        """Nobody saw them leave: the end of the session stands for it until somebody confirms or shortens it."""
        return self.before_closing is not None


class CheckInUndoing(InOffice, Base):
    """A check-in was undone: what it had earned, who was charged for it, and the entries of both. Never changed."""

    __tablename__ = "check_in_undoings"
    __table_args__ = (
        within_office("check_in_id", "check_ins"),
        within_office("charged_id", "people"),
        within_office("household_id", "households"),
        within_office("undone_by_id", "people"),
        once_in_office("check_in_id", "n"),
        once_in_office("award_id"),
        once_in_office("reversal_id"),
        once_in_office("serve_id"),
        once_in_office("minutes_reversal_id"),
        CheckConstraint("(award_id IS NULL) = (reversal_id IS NULL)", name="an_award_is_reversed"),
        CheckConstraint("(serve_id IS NULL) = (minutes_reversal_id IS NULL)", name="minutes_are_reversed"),
        CheckConstraint("(award_id IS NULL) = (points = 0)", name="points_were_awarded"),
        CheckConstraint("points_taken BETWEEN 0 AND points", name="no_more_than_was_given"),
        CheckConstraint("undone_by_id <> charged_id", name="nobody_undoes_their_own"),
    )

    check_in_id: Mapped[UUID]
    n: Mapped[int]  # 0, 1, 2 …: how often it had been undone before
    charged_id: Mapped[UUID]  # who they are today; the points are taken from their wallet
    household_id: Mapped[UUID | None]  # or from this pot, which had got them
    points: Mapped[int] = mapped_column(default=0)  # awarded
    points_taken: Mapped[int] = mapped_column(default=0)  # or owed; less when their last day has passed
    award_id: Mapped[UUID | None]
    reversal_id: Mapped[UUID | None]
    minutes: Mapped[int] = mapped_column(default=0)
    serve_id: Mapped[UUID | None]
    minutes_reversal_id: Mapped[UUID | None]
    undone_by_id: Mapped[UUID]
    undone_at: Mapped[datetime]
