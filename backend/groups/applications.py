"""Applying to a group, deciding on it, and how anybody becomes a member."""

from uuid import UUID

from sqlalchemy import Select, select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Forbidden, Replan
from backend.groups.errors import AlreadyMember, ApplicationDecided, GroupClosed
from backend.groups.models import Application, Group, Membership
from backend.people.permissions import is_close
from backend.people.persons import person_now, selves_of


def apply(group: Group, *, person_id: UUID, note: str = "") -> tuple[Application, bool]:
    """Ask to join; the application, and whether it is new: asking again returns the open one.

    Raises `GroupClosed` or `AlreadyMember`.
    """
    if not group.is_open:
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


def withdraw(application: Application) -> Application:
    """Take one's own back before it is decided; the same again is fine. Raises `ApplicationDecided`."""
    withdrawn = session().scalar(
        update(Application)
        .where(Application.id == application.id, Application.state == "applied")
        .values(state="withdrawn")
        .returning(Application.id)
    )
    session().refresh(application)
    if withdrawn is None and application.state != "withdrawn":
        raise ApplicationDecided(state=application.state)
    return application


def decide(application: Application, *, decider: Caller, approved: bool, reason: str | None = None) -> Application:
    """Approve or decline. Saying the same again changes nothing; another answer is `ApplicationDecided`.

    Nobody decides for themselves or their household. Raises `GroupClosed` for a group that takes nobody any more.
    """
    find(Group, application.group_id, locked=True)  # before the application: so does whoever closes the group
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


def join(group_id: UUID, person_id: UUID) -> bool:
    """Make somebody a member, once, and count them; whether they were none before. Raises `GroupClosed`."""
    if insert_once(Membership, group_id=group_id, person_id=person_id, joined_at=now()) is None:
        return False
    counted = session().scalar(
        update(Group)
        .where(Group.id == group_id, Group.stage.not_in(("suspended", "dissolved")))
        .values(members=Group.members + 1)
        .returning(Group.id)
    )
    if counted is None:  # It was closed while we wrote: whoever closes it did not see us.
        raise GroupClosed()
    return True


def is_member(group_id: UUID, person_id: UUID) -> bool:
    """Are they one now, under whichever account?"""
    return session().scalar(memberships_of(group_id, selves_of(person_id)).limit(1)) is not None


def memberships_of(group_id: UUID, person_ids: list[UUID]) -> Select[Membership]:
    """Those that have not ended, for these accounts."""
    return select(Membership).where(
        Membership.group_id == group_id, Membership.person_id.in_(person_ids), Membership.left_at.is_(None)
    )


def _open(group_id: UUID, person_id: UUID) -> Select[Application]:
    return select(Application).where(
        Application.group_id == group_id, Application.person_id == person_id, Application.state == "applied"
    )
