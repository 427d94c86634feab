"""What privacy knows about somebody: who looked at their data in full, and which copies they took."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.foundation.db import session
from backend.foundation.own_copy import Part, Rows, rows
from backend.people.queries import people_by_id
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
        "exports": rows(
            select(Export).where(Export.person_id.in_(selves)).order_by(Export.id), "asked_at", "expires_at"
        ),
    }


PART = Part("privacy", ("reveals.person_id", "exports.person_id"), tell)
