"""What activities know about somebody: where they signed up, when they were there, and what it earned."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.activities.models import Activity, CheckIn, CheckInUndoing, SignUp
from backend.activities.offline_models import Scan
from backend.foundation.own_copy import Part, Rows, joined, labelled, rows


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Everything of these tables about somebody, oldest first; minutes are those of service."""
    to = Activity.title.label("activity")
    return {
        "sign_ups": labelled(
            select(to, SignUp.state, SignUp.signed_up_at)
            .join(Activity, (Activity.office_id == SignUp.office_id) & (Activity.id == SignUp.activity_id))
            .where(SignUp.person_id.in_(selves))
            .order_by(SignUp.id)
        ),
        "check_ins": joined(
            select(CheckIn, to, Activity.place.label("place"))
            .join(Activity, (Activity.office_id == CheckIn.office_id) & (Activity.id == CheckIn.activity_id))
            .where(CheckIn.person_id.in_(selves))
            .order_by(CheckIn.id),
            *("id", "checked_in_at", "checked_out_at", "confidence", "state", "minutes", "points", "points_due"),
            *("unpaid", "reason", "review_reason"),
        ),
        "scans": rows(
            select(Scan).where(Scan.person_id.in_(selves)).order_by(Scan.id),
            *("check_in_id", "direction", "method", "happened_at", "result"),
        ),
        "undoings": rows(
            select(CheckInUndoing).where(CheckInUndoing.charged_id.in_(selves)).order_by(CheckInUndoing.id),
            *("check_in_id", "points", "points_taken", "minutes", "undone_at"),
        ),
        "activities_prepared": rows(
            select(Activity).where(Activity.creator_id.in_(selves)).order_by(Activity.id),
            *("id", "title", "place", "responsible_person", "state", "starts_at"),
        ),
    }


PART = Part(
    "activities",
    (
        "sign_ups.person_id",
        "check_ins.person_id",
        "check_in_undoings.charged_id",
        "activities.creator_id",
        "scans.person_id",
    ),
    tell,
)
