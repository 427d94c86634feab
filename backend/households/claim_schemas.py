"""Shapes of households and their members: claiming, deciding, entering, leaving."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Day, Flag, Identifier, Instant, Many, Part, Shape, Text, Whole, only_one
from backend.households.claim_models import LONGEST_NAME, RELATIONS
from backend.places.models import LONGEST_DOOR

AGE_CLASSES = ("adult", "14-17", "under_14")
STATES = ("waiting", "confirmed", "declined", "withdrawn")


class HouseholdClaimForm(Shape):
    area_id = Identifier(required=True, metadata={"description": "the community, or what lies below it"})
    door = Text(required=True, high=LONGEST_DOOR)
    note = Text(high=200, metadata={"description": "for whoever confirms it"})


class HouseholdClaimDecisionForm(Shape):
    decision = Text(required=True, choices=("confirmed", "declined", "withdrawn"))
    role = Text(choices=("head", "member"), metadata={"description": "by a worker; else a member"})
    age_class = Text(choices=AGE_CLASSES)
    household_id = Identifier(
        metadata={"description": "by a worker, where the door was written in another way than we know it"}
    )
    reason = Text(high=200)

    @validates_schema
    def declines_for_a_reason(self, data: dict[str, Any], **_: Any) -> None:
        if data["decision"] == "declined" and "reason" not in data:
            raise ValidationError({"reason": ["请填写婉拒的原因"]})


class HouseholdClaimQuery(PageQuery):
    state = Text(choices=STATES)


class ClaimantView(Shape):
    id = Identifier(required=True, allow_none=True, metadata={"description": "null: new here, entered by the head"})
    name = Text(required=True, allow_none=True, metadata={"description": "masked; of who is new here as it was typed"})
    verified = Text(required=True, choices=("none", "phone", "resident"))
    age_class = Text(required=True, allow_none=True, choices=AGE_CLASSES)
    lives_elsewhere = Flag(required=True)


class HouseholdClaimView(Shape):
    id = Identifier(required=True)
    state = Text(required=True, choices=STATES)
    area_id = Identifier(required=True)
    door = Text(required=True, metadata={"description": "as it was typed"})
    note = Text(required=True, allow_none=True)
    relation = Text(required=True, allow_none=True, choices=RELATIONS)
    person = Part(ClaimantView, required=True)
    is_dependant = Flag(required=True)
    guardian_consents = Flag(required=True, metadata={"description": "of a child under 14"})
    household_id = Identifier(
        required=True, allow_none=True, metadata={"description": "to whoever may decide, and once it is confirmed"}
    )
    claimed_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    decided_as = Text(required=True, allow_none=True, choices=("worker", "head", "claimant"))
    reason = Text(required=True, allow_none=True)


class EnteringConsentForm(Shape):
    policy_version = Text(required=True, high=20)
    guardian_id = Identifier(metadata={"description": "by a worker: the adult of the household who said so"})


class DependantForm(Shape):
    name = Text(high=LONGEST_NAME)
    person_id = Identifier(metadata={"description": "by a worker: somebody who is here already and moves in"})
    age_class = Text(required=True, choices=AGE_CLASSES)
    relation = Text(choices=RELATIONS)
    consent = Part(EnteringConsentForm, metadata={"description": "of a guardian, for a child under 14"})
    reason = Text(high=200, metadata={"description": "needed from a worker, and only from them"})

    @validates_schema
    def is_one_person(self, data: dict[str, Any], **_: Any) -> None:
        only_one(data, "name", "person_id")


class HouseholdMemberForm(Shape):
    removed = Flag(metadata={"description": "true: lives here no more; by the head or a worker"})
    age_class = Text(choices=AGE_CLASSES, metadata={"description": "by a worker"})
    reason = Text(required=True, high=200)

    @validates_schema
    def says_one_thing(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("removed") is True) == ("age_class" in data):
            raise ValidationError({"removed": ["removed（true）、age_class 需要且只能填写一项"]})


class GuardianConsentForm(Shape):
    policy_version = Text(required=True, high=20)


class GuardianConsentView(Shape):
    id = Identifier(required=True)
    child_id = Identifier(required=True)
    guardian_id = Identifier(required=True)
    said = Text(required=True, choices=("given", "withdrawn"))
    policy_version = Text(required=True)
    channel = Text(required=True, choices=("app", "desk"))
    said_at = Instant(required=True)


class HouseholdMemberView(Shape):
    id = Identifier(required=True)
    name = Text(
        required=True,
        allow_none=True,
        metadata={"description": "whole to the household, masked to workers; no minor's"},
    )
    role = Text(required=True, choices=("head", "member"))
    age_class = Text(required=True, choices=AGE_CLASSES)
    is_dependant = Flag(required=True, metadata={"description": "without a phone of their own"})
    guardian_consents = Flag(required=True, allow_none=True, metadata={"description": "null: not under 14"})
    since = Instant(required=True, allow_none=True)


class HouseholdView(Shape):
    id = Identifier(required=True)
    name = Text(required=True, metadata={"description": "the door"})
    area_id = Identifier(required=True)
    members = Many(Part(HouseholdMemberView), required=True)
    spend_limit_points = Whole(required=True)
    awards_to_pot = Flag(required=True)
    policy_version = Text(required=True, metadata={"description": "that a guardian consents to"})


class LeftView(Shape):
    household_id = Identifier(required=True)


class TakenOutView(Shape):
    id = Identifier(required=True)
    household_id = Identifier(required=True, allow_none=True)
    age_class = Text(required=True, choices=AGE_CLASSES)


class DeathForm(Shape):
    died_on = Day(required=True)
    reason = Text(required=True, high=200, metadata={"description": "how the office knows"})


class DeathView(Shape):
    id = Identifier(required=True)
    person_id = Identifier(required=True)
    died_on = Day(required=True)
    household_id = Identifier(
        required=True, allow_none=True, metadata={"description": "whose pot gets the points; null: the charity pool"}
    )
    recorded_at = Instant(required=True)
