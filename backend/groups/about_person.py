"""What groups know about somebody: where they belong, what they asked for or were asked, and what they founded."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from backend.foundation.own_copy import Part, Rows, joined, rows
from backend.groups.member_models import Appeal, Handover, Invitation
from backend.groups.models import Application, Group, Membership


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Everything of these tables about somebody, oldest first."""
    return {
        "memberships": joined(
            _with_group(Membership).where(Membership.person_id.in_(selves)),
            *("joined_at", "left_at", "left_why", "removal_reason"),
        ),
        "applications": joined(
            _with_group(Application).where(Application.person_id.in_(selves)),
            *("note", "state", "applied_at", "decided_at", "reason"),
        ),
        "invitations": joined(
            _with_group(Invitation).where(Invitation.person_id.in_(selves)), "state", "invited_at", "closed_at"
        ),
        "appeals": joined(
            _with_group(Appeal).where(Appeal.person_id.in_(selves)),
            *("text", "state", "filed_at", "decided_at", "answer"),
        ),
        "handovers": joined(
            _with_group(Handover).where(or_(Handover.giver_id.in_(selves), Handover.receiver_id.in_(selves))),
            *("state", "proposed_at", "closed_at"),
        ),
        "groups_founded": rows(
            select(Group).where(Group.founder_id.in_(selves)).order_by(Group.id), "id", "name", "started_at"
        ),
    }


def _with_group(model: Any) -> Any:
    of_it = (Group.office_id == model.office_id) & (Group.id == model.group_id)
    return select(model, Group.name.label("group")).join(Group, of_it).order_by(model.id)


PART = Part(
    "groups",
    (
        *("memberships.person_id", "applications.person_id", "groups.founder_id", "invitations.person_id"),
        *("group_appeals.person_id", "handovers.giver_id", "handovers.receiver_id"),
    ),
    tell,
)
