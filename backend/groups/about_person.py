"""What groups know about somebody: where they belong, where they asked to, and what they founded."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.foundation.own_copy import Part, Rows, labelled, rows
from backend.groups.models import Application, Group, Membership


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Everything of these tables about somebody, oldest first."""
    of_group = Group.name.label("group")
    return {
        "memberships": labelled(
            select(of_group, Membership.joined_at)
            .join(Group, (Group.office_id == Membership.office_id) & (Group.id == Membership.group_id))
            .where(Membership.person_id.in_(selves))
            .order_by(Membership.id)
        ),
        "applications": labelled(
            select(
                *(of_group, Application.note, Application.state, Application.applied_at, Application.decided_at),
                Application.reason,
            )
            .join(Group, (Group.office_id == Application.office_id) & (Group.id == Application.group_id))
            .where(Application.person_id.in_(selves))
            .order_by(Application.id)
        ),
        "groups_founded": rows(
            select(Group).where(Group.founder_id.in_(selves)).order_by(Group.id), "id", "name", "started_at"
        ),
    }


PART = Part("groups", ("memberships.person_id", "applications.person_id", "groups.founder_id"), tell)
