"""Shapes of filings, annual confirmations, suspensions and dissolutions."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Day, Flag, Identifier, Instant, Many, Part, Shape, Text, Whole
from backend.groups.charters import CHARTERS
from backend.groups.filing_models import FILING_STATES
from backend.groups.life_models import CONFIRMATION_STATES, DISSOLUTION_STATES
from backend.groups.models import CATEGORIES
from backend.groups.schemas import GroupNameView, SomebodyView


class FilingForm(Shape):
    """What is known by now; everything else stays as it was, and nothing need be complete."""

    name = Text(low=2, high=40)
    category = Text(choices=CATEGORIES)
    venue = Text(low=0, high=100)
    charter_version = Text(choices=tuple(CHARTERS), metadata={"description": "the template the group accepted"})
    charter = Text(low=0, high=5000, metadata={"description": "its own clauses besides the template's"})


class MissingView(Shape):
    code = Text(required=True)
    text = Text(required=True)


class FilingView(Shape):
    id = Identifier(required=True)
    group = Part(GroupNameView, required=True)
    name = Text(required=True)
    category = Text(required=True, choices=CATEGORIES)
    venue = Text(required=True, low=0)
    charter_version = Text(required=True, allow_none=True)
    charter = Text(required=True, low=0, high=5000)
    state = Text(required=True, choices=FILING_STATES)
    drafted_at = Instant(required=True)
    submitted_at = Instant(required=True, allow_none=True)
    submitter = Part(SomebodyView, required=True, allow_none=True)
    due_on = Day(required=True, allow_none=True, metadata={"description": "whose turn it is answers by then"})
    is_overdue = Flag(required=True)
    reviewer = Part(SomebodyView, required=True, allow_none=True)
    reviewed_at = Instant(required=True, allow_none=True)
    decider = Part(SomebodyView, required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    reason = Text(required=True, allow_none=True, low=0, high=500)
    filing_number = Text(required=True, allow_none=True)


class OneFilingView(FilingView):
    missing = Many(Part(MissingView), required=True, metadata={"description": "what has to be there to be filed"})


class FilingQuery(PageQuery):
    state = Text(
        choices=(*FILING_STATES, "waiting"),
        load_default="waiting",
        metadata={"description": "waiting: handed in or reviewed, the most urgent first; the others newest first"},
    )
    group_id = Identifier()
    area_id = Identifier()
    overdue = Text(choices=("true", "false"))


class FilingDecisionForm(Shape):
    """The community reviews or returns; the sub-district files, returns or rejects; the group withdraws."""

    decision = Text(required=True, choices=("reviewed", "returned", "filed", "rejected", "withdrawn"))
    reason = Text(high=500)

    @validates_schema
    def says_why(self, data: dict[str, Any], **_: Any) -> None:
        if data["decision"] in ("returned", "rejected") and "reason" not in data:
            raise ValidationError({"reason": ["请说明退回或不予备案的原因"]})


class GroupPolicyForm(Shape):
    members_at_least = Whole(low=1, high=200)
    review_days = Whole(low=1, high=60)
    decision_days = Whole(low=1, high=60)
    appeal_days = Whole(low=1, high=60)


class GroupPolicyView(Shape):
    members_at_least = Whole(required=True, metadata={"description": "adult residents"})
    review_days = Whole(required=True, metadata={"description": "working days"})
    decision_days = Whole(required=True, metadata={"description": "working days"})
    appeal_days = Whole(required=True, metadata={"description": "working days"})


class CharterView(Shape):
    version = Text(required=True)
    is_current = Flag(required=True)
    text = Text(required=True, high=5000)


class ChartersView(Shape):
    items = Many(Part(CharterView), required=True)
    next = Text(required=True, allow_none=True)


class ConfirmationForm(Shape):
    activities = Whole(required=True, high=10_000, metadata={"description": "held in that year"})
    changes = Text(low=0, high=1000, load_default="", metadata={"description": "what changed: leader, venue, members"})


class ConfirmationQuery(PageQuery):
    state = Text(choices=CONFIRMATION_STATES, load_default="reported")
    group_id = Identifier()


class ConfirmationDecisionForm(Shape):
    decision = Text(required=True, choices=("confirmed", "returned"))
    reason = Text(high=200)

    @validates_schema
    def says_why(self, data: dict[str, Any], **_: Any) -> None:
        if data["decision"] == "returned" and "reason" not in data:
            raise ValidationError({"reason": ["请说明退回的原因"]})


class ConfirmationView(Shape):
    id = Identifier(required=True)
    group = Part(GroupNameView, required=True)
    year = Whole(required=True)
    members = Whole(required=True)
    activities = Whole(required=True)
    changes = Text(required=True, low=0, high=1000)
    state = Text(required=True, choices=CONFIRMATION_STATES)
    reporter = Part(SomebodyView, required=True)
    reported_at = Instant(required=True)
    decider = Part(SomebodyView, required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    reason = Text(required=True, allow_none=True)


class ReasonForm(Shape):
    reason = Text(required=True, high=200)


class CategoryForm(Shape):
    category = Text(required=True, choices=CATEGORIES)
    reason = Text(high=200)


class BrandForm(Shape):
    is_brand = Flag(required=True)
    reason = Text(required=True, high=200)


class RegistrationForm(Shape):
    registration_number = Text(required=True, low=18, high=18, metadata={"description": "统一社会信用代码"})
    registered_on = Day(required=True)
    reason = Text(high=200)


class DissolutionForm(Shape):
    reason = Text(required=True, high=200)
    to_group_id = Identifier(
        allow_none=True, metadata={"description": "who gets what the wallet still has; nobody: the charity pool"}
    )


class DissolutionQuery(PageQuery):
    state = Text(choices=DISSOLUTION_STATES, load_default="requested")


class DissolutionDecisionForm(Shape):
    decision = Text(required=True, choices=("approved", "declined"))
    reason = Text(high=200)


class DissolutionView(Shape):
    id = Identifier(required=True)
    group = Part(GroupNameView, required=True)
    is_ordered = Flag(required=True)
    to_group_id = Identifier(required=True, allow_none=True)
    reason = Text(required=True)
    state = Text(required=True, choices=DISSOLUTION_STATES)
    requester = Part(SomebodyView, required=True)
    requested_at = Instant(required=True)
    decider = Part(SomebodyView, required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    decision_reason = Text(required=True, allow_none=True)
    points = Whole(required=True, metadata={"description": "that its wallet still had"})
