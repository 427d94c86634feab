"""Whoever dies or is erased belongs to no group any more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update

from backend.foundation.db import session
from backend.groups.member_models import Handover, Invitation
from backend.groups.members import count_out
from backend.groups.models import Application, Membership
from backend.ledger.drafts import Draft
from backend.people.models import Person
from backend.people.persons import selves_of


def let_go(person: Person, _: str, at: datetime) -> list[Draft]:
    """End their memberships, applications, invitations and handovers, under whichever account; no point moves.

    Their roles end with them elsewhere; a group that they led is then listed without a leader.
    """
    accounts = selves_of(person.id)
    belonged = select(Membership).where(Membership.person_id.in_(accounts), Membership.left_at.is_(None))
    ended: dict[UUID, int] = {}
    for membership in session().scalars(belonged.order_by(Membership.group_id)).all():
        membership.left_at, membership.left_why = at, "departed"
        ended[membership.group_id] = ended.get(membership.group_id, 0) + 1
    session().flush()
    for group_id, count in ended.items():
        count_out(group_id, count)
    session().execute(
        update(Application)
        .where(Application.person_id.in_(accounts), Application.state == "applied")
        .values(state="withdrawn", note_sealed=None)
    )
    session().execute(
        update(Invitation)
        .where(Invitation.person_id.in_(accounts), Invitation.state == "open")
        .values(state="withdrawn", closed_at=at)
    )
    session().execute(
        update(Handover)
        .where(or_(Handover.giver_id.in_(accounts), Handover.receiver_id.in_(accounts)), Handover.state == "open")
        .values(state="withdrawn", closed_at=at)
    )
    return []
