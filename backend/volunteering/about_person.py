"""What volunteering knows about somebody: the hours they reported, and their certificates."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.foundation.own_copy import Part, Rows, rows
from backend.volunteering.models import Certificate, VolunteerLog


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Every report and certificate, oldest first."""
    return {
        "volunteer_logs": rows(
            select(VolunteerLog).where(VolunteerLog.person_id.in_(selves)).order_by(VolunteerLog.id),
            *("id", "day", "minutes", "place", "content", "evidence", "state", "reported_at", "decided_at", "answer"),
        ),
        "certificates": rows(
            select(Certificate).where(Certificate.person_id.in_(selves)).order_by(Certificate.id),
            *("number", "since", "until", "minutes", "issued_at"),
        ),
    }


PART = Part("volunteering", ("volunteer_logs.person_id", "certificates.person_id"), tell)
