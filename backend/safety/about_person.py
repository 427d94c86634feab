"""What safety knows about somebody: the pictures they sent, and what of theirs a worker looked at."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.foundation.own_copy import Part, Rows, rows
from backend.safety.models import ContentReview, Picture


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """A list of the pictures (the files are in the program), and of what was judged, oldest first."""
    return {
        "pictures": rows(
            select(Picture).where(Picture.uploader_id.in_(selves)).order_by(Picture.id),
            *("id", "purpose", "state", "width", "height", "created_at", "hidden_at"),
        ),
        "content_reviews": rows(
            select(ContentReview).where(ContentReview.author_id.in_(selves)).order_by(ContentReview.id),
            *("field", "text", "why", "state", "created_at", "decided_at", "reason"),
        ),
    }


PART = Part("safety", ("pictures.uploader_id", "content_reviews.author_id"), tell)
