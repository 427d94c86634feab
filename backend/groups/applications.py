"""Applying to a group, and deciding on it."""

from uuid import UUID

from sqlalchemy import Select, select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Forbidden, Replan
from backend.groups.errors import AlreadyMember, ApplicationDecided, GroupClosed
from backend.groups.models import Application, Group, Membership
from backend.people.permissions import is_close
from backend.people.persons import person_now, selves_of


def apply(group: Group, *, person_id: UUID, note: str = "") -> tuple[Application, bool]:
    """Ask to join; the application, and whether it is new: asking again returns the open one.

    Raises `GroupClosed` or `AlreadyMember`.
    """
    if group.stage in ("suspended", "dissolved"):
        raise GroupClosed()
    if is_member(group.id, person_id):
        raise AlreadyMember()
    application = insert_once(Application, group_id=group.id, person_id=person_id, note=note or None, applied_at=now())
    if application is not None:
        return application, True
    existing = session().scalar(_open(group.id, person_id))
    if existing is None:  # It was decided this very moment.
        raise Replan()
    return existing, False


def decide(application: Application, *, decider: Caller, approved: bool, reason: str | None = None) -> Application:
    """Approve or decline. Saying the same again changes nothing; another answer is `ApplicationDecided`.

    Nobody decides for themselves or their household.
    """
    applicant = person_now(application.person_id)
    if is_close(decider, applicant):
        raise Forbidden()
    state = "approved" if approved else "declined"
    decided = session().scalar(
        update(Application)
        .where(Application.id == application.id, Application.state == "applied")
        .values(
            state=state,
            decider_id=decider.person_id,
            decided_at=now(),
            **Application.reason.at_rest(application, reason),
        )
        .returning(Application.id)
    )
    session().refresh(application)
    if decided is None and application.state != state:
        raise ApplicationDecided(state=application.state)
    if decided is None:
        return application
    if approved:
        join(application.group_id, applicant.id)
    trail.record(
        "applications.approve" if approved else "applications.decline",
        application,
        beneficiary_id=applicant.id,
        reason=reason,
        before={"state": "applied"},
        after={"state": state, "group": application.group_id},
    )
    return application


def join(group_id: UUID, person_id: UUID) -> None:
    """Make somebody a member, once, and count them."""
    if insert_once(Membership, group_id=group_id, person_id=person_id, joined_at=now()) is not None:
        session().execute(update(Group).where(Group.id == group_id).values(members=Group.members + 1))


def is_member(group_id: UUID, person_id: UUID) -> bool:
    wanted = select(Membership.id).where(
        Membership.group_id == group_id, Membership.person_id.in_(selves_of(person_id))
    )
    return session().scalar(wanted) is not None


def _open(group_id: UUID, person_id: UUID) -> Select[Application]:
    return select(Application).where(
        Application.group_id == group_id, Application.person_id == person_id, Application.state == "applied"
    )
