"""What waits for a worker's eye, and pictures. Persons live on a higher floor, so nothing here refers to their rows."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

PURPOSES = ("activity", "group", "offer", "report")
PICTURE_STATES = ("new", "checking", "shown", "refused", "waiting")
REVIEW_STATES = ("waiting", "passed", "removed", "replaced")

# Why a worker has to look: WeChat finds it doubtful; there is no openid to ask with, or none active within two hours;
# WeChat did not answer, or its verdict on a picture did not come.
SUSPICIOUS, NO_OPENID, INACTIVE, UNAVAILABLE, NO_VERDICT = (
    "suspicious",
    "no_openid",
    "inactive",
    "unavailable",
    "no_verdict",
)
REASONS = (SUSPICIOUS, NO_OPENID, INACTIVE, UNAVAILABLE, NO_VERDICT)


class ContentReview(InOffice, Base):
    """A text, or a picture, that WeChat could not judge, and what a worker said about it."""

    __tablename__ = "content_reviews"
    __table_args__ = (
        within_office("area_id", "areas"),
        Index(
            "uq_content_reviews_one_waiting",
            "office_id",
            "subject_type",
            "subject_id",
            "field",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        listed_by("state", "id"),
        CheckConstraint(
            "why IN ('suspicious', 'no_openid', 'inactive', 'unavailable', 'no_verdict')", name="why_is_known"
        ),
        CheckConstraint("state IN ('waiting', 'passed', 'removed', 'replaced')", name="state_is_known"),
        CheckConstraint("(text_sealed IS NULL) = (subject_type = 'pictures')", name="a_picture_has_no_text"),
        CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name="decided_by_someone"),
        CheckConstraint("(decider_id IS NULL) = (state IN ('waiting', 'replaced'))", name="decided_or_not"),
        CheckConstraint("decider_id <> author_id", name="nobody_passes_their_own"),
    )

    subject_type: Mapped[str] = mapped_column(String(40))  # the table of the row it stands in
    subject_id: Mapped[UUID]
    field: Mapped[str] = mapped_column(String(40))
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # what was judged; it may be a name
    author_id: Mapped[UUID]  # whose phone it came from
    area_id: Mapped[UUID | None]  # empty: for every worker of the office
    why: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    created_at: Mapped[datetime]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    text = Sealed[str | None](about=lambda review: review.is_about, gone=None)  # as it was judged; none of a picture
    reason = Sealed[str | None](about="author_id", gone=None)

    @property
    def is_about(self) -> UUID:
        """Whose the words are: a name is that person's, whoever wrote it."""
        return self.subject_id if self.subject_type == "people" else self.author_id


class Picture(InOffice, Base):
    """A picture somebody sent. Others see it only while it is `shown`; the bytes lie beside it, in `picture_files`."""

    __tablename__ = "pictures"
    __table_args__ = (
        once_in_office("uploader_id", "day", "number"),
        once_in_office("trace_id"),
        listed_by("state", "asked_at"),
        CheckConstraint("purpose IN ('activity', 'group', 'offer', 'report')", name="purpose_is_known"),
        CheckConstraint("state IN ('new', 'checking', 'shown', 'refused', 'waiting')", name="state_is_known"),
        CheckConstraint("number >= 1", name="numbered_within_the_day"),
        CheckConstraint("width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name="fits_a_phone"),
        CheckConstraint("state <> 'checking' OR asked_at IS NOT NULL", name="asked_before_it_is_checked"),
    )

    uploader_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(String(8))
    day: Mapped[date]  # in Shanghai; with the number it keeps one person to so many a day
    number: Mapped[int] = mapped_column(SmallInteger)
    width: Mapped[int] = mapped_column(SmallInteger)
    height: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(String(8), default="new")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)  # of asking WeChat
    asked_at: Mapped[datetime | None]  # the last one; while `new`, not asked again for some time after it
    trace_id: Mapped[str | None] = mapped_column(String(128))  # under which WeChat's verdict will come
    said: Mapped[str | None] = mapped_column(String(40))  # the verdict, as WeChat put it
    created_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]  # its uploader took the agreement to show pictures back


class PictureFile(InOffice, Base):
    """The bytes of a picture, a JPEG of our own making; apart, so that a list of pictures does not load them."""

    __tablename__ = "picture_files"
    __table_args__ = (within_office("id", "pictures"),)

    content: Mapped[bytes] = mapped_column(LargeBinary)
