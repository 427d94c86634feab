"""Shapes of safety."""

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import File, Identifier, Instant, Part, Shape, Text, Whole
from backend.safety.models import PURPOSES, REASONS, REVIEW_STATES


class PictureForm(Shape):
    file = File(required=True, metadata={"description": "JPEG, PNG or WebP, 5 MB at most"})
    purpose = Text(required=True, choices=PURPOSES)


class PictureView(Shape):
    id = Identifier(required=True)
    purpose = Text(required=True, choices=PURPOSES)
    state = Text(
        required=True,
        choices=("checking", "shown", "refused", "waiting"),
        metadata={"description": "others see it while it is shown; waiting: a worker looks at it"},
    )
    width = Whole(required=True)
    height = Whole(required=True)
    url = Text(required=True, high=400, metadata={"description": "below the server's address; good for two hours"})
    created_at = Instant(required=True)


class AddressQuery(Shape):
    s = Text(required=True, high=100, metadata={"description": "the seal of the address we gave out"})

    class Meta:
        unknown = PageQuery.Meta.unknown


class ReviewQuery(PageQuery):
    state = Text(choices=REVIEW_STATES, load_default="waiting")


class AuthorView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)


class ContentReviewView(Shape):
    id = Identifier(required=True)
    subject = Text(required=True, metadata={"description": "what it belongs to: people, groups, activities, pictures…"})
    subject_id = Identifier(required=True)
    field = Text(required=True)
    text = Text(required=True, allow_none=True, high=5000, metadata={"description": "null for a picture"})
    picture_url = Text(required=True, allow_none=True, high=400, metadata={"description": "null for a text"})
    said = Text(required=True, allow_none=True, metadata={"description": "WeChat's verdict on a picture, if it came"})
    author = Part(AuthorView, required=True)
    area_id = Identifier(required=True, allow_none=True)
    why = Text(required=True, choices=REASONS)
    state = Text(required=True, choices=REVIEW_STATES)
    created_at = Instant(required=True)
    decider_id = Identifier(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    reason = Text(required=True, allow_none=True, low=0)


class ContentDecisionForm(Shape):
    decision = Text(required=True, choices=("passed", "removed"))
    reason = Text(low=0, high=200)
