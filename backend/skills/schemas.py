"""Shapes of skills and capable people."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Flag, Identifier, Instant, Many, Part, Shape, Text, Whole, only_one
from backend.skills.models import LONGEST_TITLE, NAMES, STATES, VISIBILITIES
from backend.skills.vocabulary import KINDS

DECISIONS = ("invited", "dismissed", "accepted", "declined", "withdrawn")


class SkillWordQuery(Shape):
    class Meta(PageQuery.Meta):
        pass

    kind = Text(choices=KINDS)
    q = Text(low=0, high=40)


class SkillWordView(Shape):
    kind = Text(required=True, choices=KINDS)
    title = Text(required=True)


class SkillWordsView(Shape):
    items = Many(Part(SkillWordView), required=True)


class SkillForm(Shape):
    """Without `person_id` it is mine; the head of a household may list for an adult of it."""

    person_id = Identifier()
    kind = Text(required=True, choices=KINDS)
    title = Text(required=True, high=LONGEST_TITLE)
    note = Text(low=0, load_default="")
    visibility = Text(required=True, choices=VISIBILITIES)
    shown_as = Text(choices=NAMES, load_default="masked")


class SkillQuery(PageQuery):
    q = Text(low=0, high=40)
    kind = Text(choices=KINDS)
    area_id = Identifier()


class SkillView(Shape):
    id = Identifier(required=True)
    kind = Text(required=True, choices=KINDS)
    title = Text(required=True)
    note = Text(required=True)
    visibility = Text(required=True, choices=VISIBILITIES)
    name = Text(required=True, metadata={"description": "as they want to be seen: their name, or masked"})
    is_mine = Flag(required=True)
    listed_at = Instant(required=True)


class ContactForm(Shape):
    """To whoever listed a skill, or to a capable person."""

    listing_id = Identifier()
    capable_person_id = Identifier()
    text = Text(required=True, high=300)

    @validates_schema
    def to_one(self, data: dict[str, Any], **_: Any) -> None:
        only_one(data, "listing_id", "capable_person_id")


class ContactQuery(PageQuery):
    box = Text(choices=("received", "sent"), load_default="received")


class ContactAnswerForm(Shape):
    decision = Text(required=True, choices=("accepted", "declined"))
    answer = Text(high=300)


class ContactView(Shape):
    id = Identifier(required=True)
    listing_id = Identifier(required=True, allow_none=True)
    capable_person_id = Identifier(required=True, allow_none=True)
    title = Text(required=True)
    other = Text(required=True, attribute="with", data_key="with", metadata={"description": "masked until accepted"})
    is_received = Flag(required=True)
    text = Text(required=True)
    state = Text(required=True, choices=("sent", "accepted", "declined"))
    answer = Text(required=True, allow_none=True)
    asked_at = Instant(required=True)
    answered_at = Instant(required=True, allow_none=True)


class SuggestForm(Shape):
    person_id = Identifier(required=True)
    title = Text(required=True, high=LONGEST_TITLE)
    reason = Text(required=True)


class CapableQuery(PageQuery):
    q = Text(low=0, high=40)
    area_id = Identifier()


class QueueQuery(CapableQuery):
    state = Text(choices=STATES, load_default="suggested")


class OwnCapableQuery(PageQuery):
    role = Text(choices=("person", "finder"), load_default="person")


class CapableDecisionForm(Shape):
    """Workers invite, dismiss, or withdraw with a reason; the person accepts, declines or withdraws."""

    decision = Text(required=True, choices=DECISIONS)
    shown_as = Text(choices=NAMES, metadata={"description": "with `accepted`: the name, or (default) masked"})
    reason = Text()

    @validates_schema
    def only_who_accepts_says_how(self, data: dict[str, Any], **_: Any) -> None:
        if "shown_as" in data and data["decision"] != "accepted":
            raise ValidationError({"shown_as": ["接受邀请时才能选择显示方式"]})


class LedView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)


class TrackRecordView(Shape):
    """Counted from the records, typed by nobody."""

    minutes = Whole(required=True, metadata={"description": "of service"})
    activities = Whole(required=True, metadata={"description": "at which they were recorded"})
    groups_led = Many(Part(LedView), required=True)


class CommunityView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)


class CapableView(Shape):
    id = Identifier(required=True)
    title = Text(required=True)
    name = Text(required=True, metadata={"description": "as they want to be seen: their name, or masked"})
    area = Part(CommunityView, required=True)
    evidence = Part(TrackRecordView, required=True)
    found_by = Text(required=True, metadata={"description": "masked"})
    listed_at = Instant(required=True)


class SuggestedPersonView(Shape):
    id = Identifier(required=True)
    name = Text(required=True, metadata={"description": "masked"})


class SuggestionView(Shape):
    id = Identifier(required=True)
    title = Text(required=True)
    reason = Text(required=True)
    state = Text(required=True, choices=STATES)
    shown_as = Text(required=True, choices=NAMES)
    person = Part(SuggestedPersonView, required=True)
    area = Part(CommunityView, required=True)
    evidence = Part(TrackRecordView, required=True)
    found_by = Text(required=True, metadata={"description": "masked"})
    suggested_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    accepted_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    closing_reason = Text(required=True, allow_none=True)
