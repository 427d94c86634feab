"""What waits for a worker's eye, and what becomes of it.

A text stands where it was written while it waits: most of what WeChat cannot judge is harmless, and a street that only
has a desk must be able to work. A picture waits unseen. What a worker removes is replaced by a few neutral words, if it
is still what was judged.
"""

from collections.abc import Collection
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, or_, select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import insert_once, session
from backend.foundation.search import searchable
from backend.foundation.tables import Base, InOffice
from backend.places.models import Area
from backend.safety.errors import ContentDecided, OwnContent
from backend.safety.models import ContentReview, Picture

REMOVED = "（内容已移除）"


def lay_before_a_worker(subject: InOffice, field: str, *, text: str | None, author_id: UUID, why: str) -> None:
    """Let a worker look at that field of a row, once while it waits; in the transaction that writes it."""
    insert_once(
        ContentReview,
        subject_type=_table_of(type(subject)),
        subject_id=subject.id,
        field=field,
        text=text,
        author_id=author_id,
        area_id=getattr(subject, "area_id", None),
        why=why,
        state="waiting",
        created_at=now(),
    )


def no_longer_said(subject: InOffice, fields: Collection[str]) -> None:
    """Those fields say something else now: nobody needs to look at what they said before."""
    session().execute(
        update(ContentReview)
        .where(
            ContentReview.subject_type == _table_of(type(subject)),
            ContentReview.subject_id == subject.id,
            ContentReview.field.in_(fields),
            ContentReview.state == "waiting",
        )
        .values(state="replaced")
    )


def decide(
    review: ContentReview,
    *,
    decider: Caller,
    author_is: UUID,
    author_lives_in: UUID | None,
    passed: bool,
    reason: str | None = None,
) -> ContentReview:
    """Pass what waits, or remove it. The same decision again changes nothing; another one is `ContentDecided`.

    `author_is` is who the author is today, under whichever account they wrote. Raises `OwnContent` for what oneself or
    somebody of the own household wrote.
    """
    if decider.person_id == review.author_id or decider.is_close_to(author_is, author_lives_in):
        raise OwnContent()
    state = "passed" if passed else "removed"
    decided = session().scalar(
        update(ContentReview)
        .where(ContentReview.id == review.id, ContentReview.state == "waiting")
        .values(
            state=state, decider_id=decider.person_id, decided_at=now(), **ContentReview.reason.at_rest(review, reason)
        )
        .returning(ContentReview.id)
    )
    session().refresh(review)
    if decided is None:
        if review.state != state:
            raise ContentDecided(state=review.state)
        return review
    if review.subject_type == Picture.__tablename__:
        _decide_picture(review.subject_id, shown=passed)
    elif not passed:
        _remove(review)
    trail.record(
        "content.pass" if passed else "content.remove",
        review,
        beneficiary_id=author_is,
        reason=reason,
        before={"state": "waiting"},
        after={"state": state, "subject": review.subject_id},
    )
    return review


def laid_before(caller: Caller) -> Select[ContentReview]:
    """What the caller may look at, or did: of their areas, and what belongs to no area."""
    query = select(ContentReview)
    paths = [grant.scope for grant in caller.grants if grant.role in ("worker", "officer")]
    if "/" in paths:
        return query
    mine = select(Area.id).where(or_(*(Area.path.startswith(path, autoescape=True) for path in paths)))
    return query.where(or_(ContentReview.area_id.is_(None), ContentReview.area_id.in_(mine)))


def may_look(caller: Caller) -> bool:
    """Workers and officers; at what, is the queue's second question."""
    return caller.holds("worker", "officer")


def _decide_picture(picture_id: UUID, *, shown: bool) -> None:
    session().execute(
        update(Picture)
        .where(Picture.id == picture_id, Picture.state == "waiting")
        .values(state="shown" if shown else "refused")
    )


def _remove(review: ContentReview) -> None:
    """Put neutral words in place of the text, unless it was changed since it was judged."""
    model: Any = _models()[review.subject_type]
    subject = session().scalar(
        select(model).where(model.id == review.subject_id).with_for_update().execution_options(populate_existing=True)
    )
    if subject is None or getattr(subject, review.field) != review.text:
        return
    setattr(subject, review.field, getattr(subject, "placeholder", REMOVED))
    found_by = getattr(subject, "found_by", ())
    if review.field in found_by:
        subject.search = searchable(*(getattr(subject, name) for name in found_by))
    session().flush()


def _table_of(model: type[Any]) -> str:
    return cast(str, model.__tablename__)


def _models() -> dict[str, type[Any]]:
    return {_table_of(mapper.class_): mapper.class_ for mapper in Base.registry.mappers}
