"""What privacy knows about somebody: who saw their data in full, which copies they took, that they wanted to go."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.foundation.db import session
from backend.foundation.own_copy import Part, Rows, rows
from backend.people.queries import people_by_id
from backend.privacy.erasure_models import ErasureRequest
from backend.privacy.export_models import Export
from backend.privacy.reveal_models import Reveal


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Every look and every copy, oldest first."""
    looks = session().scalars(select(Reveal).where(Reveal.person_id.in_(selves)).order_by(Reveal.id)).all()
    viewers = people_by_id(look.viewer_id for look in looks)
    return {
        "reveals": [
            {"at": look.at, "by": viewers[look.viewer_id].masked_name, "fields": look.fields, "reason": look.reason}
            for look in looks
        ],
        "erasures": rows(
            select(ErasureRequest).where(ErasureRequest.person_id.in_(selves)).order_by(ErasureRequest.id),
            *("state", "asked_at", "due_at", "ended_at"),
        ),
        "exports": rows(
            select(Export).where(Export.person_id.in_(selves)).order_by(Export.id), "asked_at", "expires_at"
        ),
    }


PART = Part("privacy", ("reveals.person_id", "exports.person_id", "erasure_requests.person_id"), tell)
