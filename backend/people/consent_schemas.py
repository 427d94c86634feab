"""Shapes of policies and of what somebody agreed to."""

from marshmallow import EXCLUDE, validate

from backend.foundation.shapes import Asked, Flag, Identifier, Instant, Many, Part, Shape, Text, Whole
from backend.people.consent_models import CHANNELS
from backend.people.purposes import PURPOSES


class PolicyQuery(Shape):
    class Meta:
        unknown = EXCLUDE

    office_id = Asked(required=True, low=1, high=9999)


class PolicyForm(Shape):
    purpose = Text(required=True, choices=PURPOSES)
    text = Text(required=True, low=20, high=20_000, metadata={"description": "Markdown"})


class PolicyView(Shape):
    purpose = Text(required=True, choices=PURPOSES)
    name = Text(required=True)
    depends = Text(required=True, metadata={"description": "what works with it, and what ends with its withdrawal"})
    is_required = Flag(required=True, metadata={"description": "nobody takes part without it"})
    version = Whole(required=True)
    text = Text(required=True, high=20_000, metadata={"description": "Markdown"})
    published_at = Instant(required=True)


class PoliciesView(Shape):
    items = Many(Part(PolicyView), required=True)
    next = Text(required=True, allow_none=True)


class ConsentForm(Shape):
    purpose = Text(required=True, choices=PURPOSES)
    version = Whole(required=True, low=1, high=32_767, metadata={"description": "the words they have read"})
    paper = Flag(metadata={"description": "at the desk: they signed a paper, and it lies there"})


class ConsentView(Shape):
    id = Identifier(required=True, allow_none=True)
    purpose = Text(required=True, choices=PURPOSES)
    name = Text(required=True)
    depends = Text(required=True, metadata={"description": "what works with it, and what ends with its withdrawal"})
    is_required = Flag(required=True, metadata={"description": "cannot be withdrawn by itself"})
    state = Text(required=True, choices=("none", "given", "withdrawn"))
    version = Whole(required=True, allow_none=True, metadata={"description": "the words it was said to"})
    current_version = Whole(required=True)
    is_needed = Flag(required=True, metadata={"description": "the program is to ask"})
    at = Instant(required=True, allow_none=True)
    channel = Text(required=True, choices=CHANNELS, allow_none=True)
    by = Text(required=True, allow_none=True, metadata={"description": "who wrote it down for them, masked"})
    on_paper = Flag(required=True)


class ConsentsView(Shape):
    items = Many(Part(ConsentView), required=True)
    next = Text(required=True, allow_none=True)


class PaperConsentForm(Shape):
    """What somebody signed at the desk."""

    purposes = Many(Text(required=True, choices=PURPOSES), required=True, low=1, high=len(PURPOSES))
    paper = Flag(
        required=True,
        validate=validate.Equal(True, error="请先请本人在纸质同意书上签字"),
        metadata={"description": "true: the signed paper lies at the desk"},
    )
