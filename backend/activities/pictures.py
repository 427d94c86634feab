"""The cover of an activity and the photos of its report: sent by whoever attaches them, seen by others once judged."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select

from backend.activities.models import Activity, ActivityPhoto
from backend.foundation.db import add, session
from backend.foundation.errors import NotFound
from backend.people.persons import selves_of
from backend.safety.addresses import address_of
from backend.safety.models import Picture

MOST_PHOTOS = 9


def attachable(picture_id: UUID, *, purpose: str, by: UUID) -> UUID:
    """A picture of theirs, whether it was judged yet or not, or one that others see. Raises `NotFound`."""
    theirs = or_(Picture.uploader_id.in_(selves_of(by)), (Picture.state == "shown") & Picture.hidden_at.is_(None))
    found = session().scalar(
        select(Picture.id).where(
            Picture.id == picture_id, Picture.purpose == purpose, Picture.state != "refused", theirs
        )
    )
    if found is None:
        raise NotFound()
    return found


def attach_photos(activity: Activity, picture_ids: Sequence[UUID], *, by: UUID) -> None:
    """The photos of a report, in their order."""
    for number, picture_id in enumerate(dict.fromkeys(picture_ids), start=1):
        add(
            ActivityPhoto(
                activity_id=activity.id, picture_id=attachable(picture_id, purpose="report", by=by), number=number
            )
        )


def addresses_of(activities: Sequence[Activity]) -> tuple[dict[UUID, str], dict[UUID, list[str]]]:
    """Where the covers and the photos of activities are that others may see, by activity."""
    ids = [activity.id for activity in activities]
    photos = (
        session()
        .scalars(select(ActivityPhoto).where(ActivityPhoto.activity_id.in_(ids)).order_by(ActivityPhoto.number))
        .all()
    )
    wanted = {activity.cover_id for activity in activities if activity.cover_id} | {each.picture_id for each in photos}
    seen: dict[UUID, str] = {}
    if wanted:
        shown = select(Picture).where(Picture.id.in_(wanted), Picture.state == "shown", Picture.hidden_at.is_(None))
        seen = {picture.id: address_of(picture) for picture in session().scalars(shown)}
    covers = {
        each.id: seen[each.cover_id] for each in activities if each.cover_id in seen and each.cover_id is not None
    }
    by_activity: dict[UUID, list[str]] = defaultdict(list)
    for photo in photos:
        if photo.picture_id in seen:
            by_activity[photo.activity_id].append(seen[photo.picture_id])
    return covers, by_activity
