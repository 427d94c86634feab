"""Asking WeChat about a picture. A job claims it, asks outside the transaction, and writes down what came of it.

Killed in between, the picture stays `checking` without a trace; as after a verdict that never came, a worker looks at
it an hour later. So WeChat is asked at most once per attempt, and no picture waits for ever.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select, update

from backend.foundation.clock import now
from backend.foundation.db import session
from backend.safety.models import NO_VERDICT, UNAVAILABLE, Picture
from backend.safety.reviews import lay_before_a_worker

ATTEMPTS = 4
PAUSE = timedelta(minutes=2)  # before another attempt, while WeChat is away
VERDICT_WITHIN = timedelta(hours=1)  # WeChat promises thirty minutes


def to_be_asked_about(limit: int) -> Sequence[UUID]:
    """New pictures of the office in force, and those WeChat did not answer about two minutes ago."""
    query = select(Picture.id).where(
        Picture.state == "new", or_(Picture.asked_at.is_(None), Picture.asked_at <= now() - PAUSE)
    )
    return session().scalars(query.order_by(Picture.id).limit(limit)).all()


def claim(picture_id: UUID) -> Picture | None:
    """Take a picture to ask about it; None if somebody else has."""
    return session().scalar(
        update(Picture)
        .where(Picture.id == picture_id, Picture.state == "new")
        .values(state="checking", asked_at=now(), attempts=Picture.attempts + 1)
        .returning(Picture)
        .execution_options(populate_existing=True)
    )


def awaits_verdict(picture_id: UUID, trace_id: str) -> None:
    """WeChat has it, and will say what it thinks under that trace."""
    session().execute(
        update(Picture).where(Picture.id == picture_id, Picture.state == "checking").values(trace_id=trace_id)
    )


def was_not_answered(picture_id: UUID) -> None:
    """Ask again later; a worker looks at it when WeChat stays away."""
    again = session().scalar(
        update(Picture)
        .where(Picture.id == picture_id, Picture.state == "checking", Picture.attempts < ATTEMPTS)
        .values(state="new")
        .returning(Picture.id)
    )
    if again is None:
        hand_over(picture_id, why=UNAVAILABLE)


def overdue(limit: int) -> Sequence[UUID]:
    """Pictures of the office in force whose verdict has not come within an hour."""
    query = select(Picture.id).where(Picture.state == "checking", Picture.asked_at <= now() - VERDICT_WITHIN)
    return session().scalars(query.order_by(Picture.asked_at).limit(limit)).all()


def give_up_waiting(picture_id: UUID) -> bool:
    """Let a worker look at it; False if a verdict came meanwhile."""
    return hand_over(picture_id, why=NO_VERDICT)


def hand_over(picture_id: UUID, *, why: str, said: str | None = None) -> bool:
    """A picture that is being checked waits for a worker from now on; False if it is not being checked."""
    values = {"state": "waiting"} | ({"said": said} if said else {})
    picture = session().scalar(
        update(Picture)
        .where(Picture.id == picture_id, Picture.state == "checking")
        .values(**values)
        .returning(Picture)
        .execution_options(populate_existing=True)
    )
    if picture is None:
        return False
    lay_before_a_worker(picture, "content", text=None, author_id=picture.uploader_id, why=why)
    return True
