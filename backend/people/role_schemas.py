"""Shapes of roles, requests, agencies and delegations."""

from typing import Any

from marshmallow import EXCLUDE, ValidationError, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Identifier, Instant, Part, Shape, Text
from backend.people.role_models import FITS
from backend.people.schemas import AgencyNameView, ScopeView

ROLES = ("leader", "deputy", "helper", "clerk", "owner", "worker", "officer", "auditor")
DELEGATED = ("worker", "auditor")
AGENCY_KINDS = ("agency", "federation")
DECISIONS = ("approved", "declined")


class ScopeForm(Shape):
    type = Text(required=True, choices=tuple(FITS))
    id = Identifier(allow_none=True, metadata={"description": "of the area, group or merchant; none for the office"})

    @validates_schema
    def only_an_office_needs_no_id(self, data: dict[str, Any], **_: Any) -> None:
        if (data["type"] == "office") != (data.get("id") is None):
            raise ValidationError({"id": ["除整个街道外，需要写明是哪个社区、队伍或商户"]})


class PeriodForm(Shape):
    """A role over a scope, for a time."""

    scope = Part(ScopeForm, required=True)
    starts_at = Instant(allow_none=True, metadata={"description": "from now on without it"})
    ends_at = Instant(allow_none=True, metadata={"description": "until it is withdrawn without it"})
    reason = Text(low=0, high=200)

    @validates_schema
    def the_role_fits_its_scope(self, data: dict[str, Any], **_: Any) -> None:
        if data["role"] not in FITS[data["scope"]["type"]]:
            raise ValidationError({"role": ["这个角色不能授予在这个范围上"]})

    @validates_schema
    def it_ends_after_it_starts(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            raise ValidationError({"ends_at": ["结束时间需要晚于开始时间"]})


class RoleForm(PeriodForm):
    person_id = Identifier(required=True)
    role = Text(required=True, choices=ROLES)
    delegation_id = Identifier(allow_none=True, metadata={"description": "of the delegation it is given from"})


class RoleQuery(PageQuery):
    person_id = Identifier()
    scope_type = Text(choices=tuple(FITS))
    scope_id = Identifier()
    role = Text(choices=ROLES)
    delegation_id = Identifier()
    state = Text(
        choices=("current", "ended"),
        load_default="current",
        metadata={"description": "current: holds now or will; ended: withdrawn or past its end"},
    )


class ReasonQuery(Shape):
    """Why, where a DELETE carries no body. Unknown parameters are ignored."""

    class Meta:
        unknown = EXCLUDE

    reason = Text(low=0, high=200)


class NamedPersonView(Shape):
    id = Identifier(required=True)
    name = Text(required=True, metadata={"description": "masked, except to workers and officers"})


class RoleView(Shape):
    id = Identifier(required=True)
    person = Part(NamedPersonView, required=True)
    role = Text(required=True, choices=ROLES)
    scope = Part(ScopeView, required=True)
    starts_at = Instant(required=True, allow_none=True)
    ends_at = Instant(required=True, allow_none=True)
    granted_by_id = Identifier(required=True, allow_none=True)
    granted_at = Instant(required=True)
    reason = Text(required=True, low=0, allow_none=True)
    delegation_id = Identifier(required=True, allow_none=True)
    agency = Part(AgencyNameView, required=True, allow_none=True)
    withdrawn_at = Instant(required=True, allow_none=True)
    withdrawn_by_id = Identifier(required=True, allow_none=True)
    withdrawal_reason = Text(required=True, low=0, allow_none=True)


class RoleRequestView(Shape):
    id = Identifier(required=True)
    action = Text(required=True, choices=("grant", "withdrawal"))
    role = Text(required=True, choices=("officer",))
    person = Part(NamedPersonView, required=True)
    role_id = Identifier(required=True, allow_none=True, metadata={"description": "the role itself, once there is one"})
    starts_at = Instant(required=True, allow_none=True)
    ends_at = Instant(required=True, allow_none=True)
    reason = Text(required=True, low=0, allow_none=True)
    state = Text(required=True, choices=("requested", *DECISIONS))
    requester_id = Identifier(required=True)
    requested_at = Instant(required=True)
    decider_id = Identifier(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    decision_reason = Text(required=True, low=0, allow_none=True)


class RoleRequestQuery(PageQuery):
    state = Text(choices=("requested", *DECISIONS))


class RoleDecisionForm(Shape):
    decision = Text(required=True, choices=DECISIONS)
    reason = Text(low=0, high=200)


class AgencyForm(Shape):
    name = Text(required=True, low=2, high=60)
    kind = Text(required=True, choices=AGENCY_KINDS, metadata={"description": "社工机构 or 联合会"})


class AgencyView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    kind = Text(required=True, choices=AGENCY_KINDS)
    opened_at = Instant(required=True)


class DelegationForm(PeriodForm):
    manager_id = Identifier(required=True, metadata={"description": "who names the people of the agency"})
    role = Text(required=True, choices=DELEGATED)
    ends_at = Instant(required=True, metadata={"description": "at most three years after the start"})


class DelegationView(Shape):
    id = Identifier(required=True)
    agency = Part(AgencyNameView, required=True)
    manager = Part(NamedPersonView, required=True)
    role = Text(required=True, choices=DELEGATED)
    scope = Part(ScopeView, required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    reason = Text(required=True, low=0, allow_none=True)
    state = Text(required=True, choices=("requested", *DECISIONS, "withdrawn"))
    requester_id = Identifier(required=True)
    requested_at = Instant(required=True)
    decider_id = Identifier(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    decision_reason = Text(required=True, low=0, allow_none=True)
    withdrawn_at = Instant(required=True, allow_none=True)
    withdrawn_by_id = Identifier(required=True, allow_none=True)
    withdrawal_reason = Text(required=True, low=0, allow_none=True)


class DelegationQuery(PageQuery):
    state = Text(choices=("requested", *DECISIONS, "withdrawn"))
    agency_id = Identifier()
