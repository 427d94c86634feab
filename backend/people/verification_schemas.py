"""Shapes of verification: one's phone, confirming a door, accounts that are one person."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Flag, Identifier, Instant, Many, Part, Shape, Text, Whole
from backend.people.schemas import OwnHouseholdView, OwnRoleView, PersonView

VERIFIED = ("none", "phone", "resident")
AGE_CLASSES = ("adult", "14-17", "under_14")
STATES = ("waiting", "merged", "separate")


class PhoneForm(Shape):
    code = Text(required=True, high=300, metadata={"description": "of WeChat's phone button; good once"})
    consent_version = Whole(low=1, high=32_767, metadata={"description": "of the policy `phone`; absent: the one now"})


class PhoneView(Shape):
    person = Part(PersonView, required=True)
    state = Text(
        required=True,
        choices=("verified", "waiting"),
        metadata={"description": "waiting: a worker looks first, nothing else is to be done"},
    )


class LookupForm(Shape):
    person_code = Text(required=True, high=60)


class FoundPersonView(Shape):
    id = Identifier(required=True)
    name = Text(required=True, metadata={"description": "masked"})
    verified = Text(required=True, choices=VERIFIED)
    age_class = Text(required=True, choices=AGE_CLASSES)
    has_household = Flag(required=True)
    household = Part(
        OwnHouseholdView,
        required=True,
        allow_none=True,
        metadata={"description": "only of an area the caller works over, or their own"},
    )


class VerificationForm(Shape):
    household_id = Identifier(required=True)
    role = Text(choices=("head", "member"))
    age_class = Text(choices=AGE_CLASSES)
    reason = Text(high=200, metadata={"description": "needed to move somebody within 90 days"})
    person_code = Text(high=60, metadata={"description": "needed from a head: what the other one's phone shows now"})


class MergeForm(Shape):
    person_id = Identifier(required=True)
    other_id = Identifier(required=True)
    reason = Text(required=True, high=200)

    @validates_schema
    def of_two_accounts(self, data: dict[str, Any], **_: Any) -> None:
        if data["person_id"] == data["other_id"]:
            raise ValidationError({"other_id": ["需要另一个账号"]})


class MergeDecisionForm(Shape):
    decision = Text(required=True, choices=("merge", "separate"))
    keep_id = Identifier(metadata={"description": "who goes on; needed for `merge`"})
    reason = Text(required=True, high=200)

    @validates_schema
    def a_merge_keeps_somebody(self, data: dict[str, Any], **_: Any) -> None:
        if (data["decision"] == "merge") != ("keep_id" in data):
            raise ValidationError({"keep_id": ["合并时需要填写保留哪个账号，不合并时不填"]})


class MergeQuery(PageQuery):
    state = Text(choices=STATES)


class CandidateView(Shape):
    id = Identifier(required=True)
    name = Text(required=True, metadata={"description": "masked"})
    verified = Text(required=True, choices=VERIFIED)
    age_class = Text(required=True, choices=AGE_CLASSES)
    joined_at = Instant(required=True)
    household = Part(OwnHouseholdView, required=True, allow_none=True)
    is_merged = Flag(required=True)


class CandidatePointsView(Shape):
    available = Whole(required=True)
    held = Whole(required=True)
    recoverable = Whole(required=True)


class WeighedCandidateView(CandidateView):
    points = Part(CandidatePointsView, required=True)
    minutes = Whole(required=True)
    has_phone = Flag(required=True)
    roles = Many(Part(OwnRoleView), required=True)


class MergeListView(Shape):
    id = Identifier(required=True)
    state = Text(required=True, choices=STATES)
    by_phone = Flag(required=True, metadata={"description": "the first one proved to have the number of the second"})
    reason = Text(required=True, allow_none=True)
    opened_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    decision_reason = Text(required=True, allow_none=True)
    kept_id = Identifier(required=True, allow_none=True)
    people = Many(Part(CandidateView), required=True)


class MergeView(MergeListView):
    people = Many(Part(WeighedCandidateView), required=True)
