"""Shapes of objections."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Flag, Identifier, Instant, Many, Part, Shape, Text, Whole
from backend.objections.models import ABOUT, STATES

CORRECTIONS = ("award_missing", "award_too_high")


class SubjectForm(Shape):
    type = Text(required=True, choices=ABOUT)
    id = Identifier(allow_none=True)

    @validates_schema
    def says_which(self, data: dict[str, Any], **_: Any) -> None:
        if (data["type"] == "other") != (data.get("id") is None):
            raise ValidationError({"id": ["请选择具体的一笔；其他问题不用选择"]})


class ObjectionForm(Shape):
    subject = Part(SubjectForm, required=True)
    text = Text(required=True, high=1000)


class CorrectionForm(Shape):
    """`award_missing`: they were at a session, for so many minutes where these count; no session: the only one.

    `award_too_high`: they were there for only so many minutes, or, without minutes, not at all.
    """

    kind = Text(required=True, choices=CORRECTIONS)
    session_id = Identifier()
    minutes = Whole(low=1, high=2880)


class ObjectionDecisionForm(Shape):
    """Those who work there uphold or reject, with an answer; whoever objected withdraws, or has it looked at again."""

    decision = Text(required=True, choices=("upheld", "rejected", "withdrawn", "reopened"))
    answer = Text(high=1000, metadata={"description": "to the person; with `reopened`, from them"})
    correction = Part(CorrectionForm)

    @validates_schema
    def answers(self, data: dict[str, Any], **_: Any) -> None:
        if data["decision"] in ("upheld", "rejected") and "answer" not in data:
            raise ValidationError({"answer": ["请填写给居民的答复"]})
        if "correction" in data and data["decision"] != "upheld":
            raise ValidationError({"correction": ["异议成立时才能更正"]})


class ObjectionQuery(PageQuery):
    state = Text(choices=STATES, load_default="open")
    area_id = Identifier()
    overdue = Text(choices=("true", "false"))


class SubjectView(Shape):
    type = Text(required=True, choices=ABOUT)
    id = Identifier(required=True, allow_none=True)


class ObjectorView(Shape):
    id = Identifier(required=True)
    name = Text(required=True, metadata={"description": "masked"})


class MadeGoodView(Shape):
    id = Identifier(required=True)
    session_id = Identifier(required=True)
    state = Text(required=True, choices=("recorded", "review", "undone"))
    points = Whole(required=True)
    minutes = Whole(required=True)
    unpaid = Text(required=True, allow_none=True)


class CorrectionView(Shape):
    kind = Text(required=True, choices=CORRECTIONS)
    check_in = Part(MadeGoodView, required=True)


class AnswerView(Shape):
    decision = Text(required=True, choices=("upheld", "rejected"))
    answer = Text(required=True)
    by = Text(required=True, metadata={"description": "masked"})
    at = Instant(required=True)
    correction = Part(CorrectionView, required=True, allow_none=True)


class ObjectionView(Shape):
    id = Identifier(required=True)
    person = Part(ObjectorView, required=True)
    subject = Part(SubjectView, required=True)
    area_id = Identifier(required=True, allow_none=True)
    text = Text(required=True)
    state = Text(required=True, choices=STATES)
    filed_at = Instant(required=True)
    due_at = Instant(required=True, metadata={"description": "when it is to be answered by"})
    is_overdue = Flag(required=True)
    reopened_at = Instant(required=True, allow_none=True)
    reopened_text = Text(required=True, allow_none=True)
    reopens_until = Instant(
        required=True, allow_none=True, metadata={"description": "until then they may have it looked at again, once"}
    )
    answers = Many(Part(AnswerView), required=True)
