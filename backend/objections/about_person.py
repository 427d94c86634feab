"""What objections know about somebody: what they said is wrong, and what they were answered."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.foundation.own_copy import Part, Rows, rows
from backend.objections.models import Objection, ObjectionAnswer


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Every objection and answer, oldest first."""
    theirs = select(Objection.id).where(Objection.person_id.in_(selves))
    return {
        "objections": rows(
            select(Objection).where(Objection.id.in_(theirs)).order_by(Objection.id),
            *("id", "subject_type", "text", "state", "filed_at", "due_at", "closed_at", "reopened_at", "again"),
        ),
        "answers": rows(
            select(ObjectionAnswer).where(ObjectionAnswer.objection_id.in_(theirs)).order_by(ObjectionAnswer.id),
            *("objection_id", "decision", "answer", "decided_at", "correction"),
        ),
    }


PART = Part("objections", ("objections.person_id",), tell)
