"""Pictures: taken in, looked up, and who may see them.

    new → checking → shown | refused | waiting → shown | refused

A picture is kept before WeChat is asked about it; a job asks (`checking`), the verdict comes later (`verdicts`), and
what nobody has judged within an hour waits for a worker (`reviews`).
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from backend.foundation.clock import now, shanghai_day, start_of_day
from backend.foundation.db import add, insert_once, session
from backend.foundation.errors import NotFound, Replan
from backend.safety.errors import TooManyPictures
from backend.safety.models import Picture, PictureFile
from backend.safety.redrawing import Drawn

_OTHERS_SEE = (Picture.state == "shown", Picture.hidden_at.is_(None))

PICTURES_A_DAY = 30  # of one person, in Shanghai


def take_in(drawn: Drawn, *, purpose: str, uploader_id: UUID) -> Picture:
    """Keep a picture; nobody but its uploader and a worker sees it yet. Raises `TooManyPictures`."""
    at = now()
    day = shanghai_day(at)
    taken = session().scalar(
        select(func.max(Picture.number)).where(Picture.uploader_id == uploader_id, Picture.day == day)
    )
    if (taken or 0) >= PICTURES_A_DAY:
        until_tomorrow = start_of_day(day + timedelta(days=1)) - at
        raise TooManyPictures(most=PICTURES_A_DAY, retry_after=int(until_tomorrow.total_seconds()) + 1)
    picture = insert_once(
        Picture,
        uploader_id=uploader_id,
        purpose=purpose,
        day=day,
        number=(taken or 0) + 1,
        width=drawn.width,
        height=drawn.height,
        created_at=at,
    )
    if picture is None:  # Their other picture took the number at the same moment.
        raise Replan()
    add(PictureFile(id=picture.id, content=drawn.content))
    return picture


def find_shown_picture(picture_id: UUID, *, purpose: str) -> Picture:
    """A picture that others may see and that was sent for that purpose, to be attached to something; or `NotFound`."""
    picture = session().scalar(
        select(Picture).where(Picture.id == picture_id, Picture.purpose == purpose, *_OTHERS_SEE)
    )
    if picture is None:
        raise NotFound()
    return picture


def hide_all_of(uploader_ids: Collection[UUID], *, hidden: bool) -> None:
    """Somebody no longer agrees that their pictures are shown, or does again: all of them, whatever their state."""
    session().execute(
        update(Picture).where(Picture.uploader_id.in_(uploader_ids)).values(hidden_at=now() if hidden else None)
    )


def bytes_of(picture_id: UUID, *, to_everybody: bool) -> bytes:
    """The JPEG; to everybody only while it is shown. Raises `NotFound`."""
    query = (
        select(PictureFile.content)
        .join(Picture, (Picture.office_id == PictureFile.office_id) & (Picture.id == PictureFile.id))
        .where(Picture.id == picture_id)
    )
    found = session().scalar(query.where(*_OTHERS_SEE) if to_everybody else query)
    if found is None:
        raise NotFound()
    return found
