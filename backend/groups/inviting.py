"""Inviting people into a group: one by one, or by a code that lets a limited number in."""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation import outbox, trail
from backend.foundation.clock import now
from backend.foundation.db import add, find, insert_once, session
from backend.foundation.errors import NotFound, Replan
from backend.groups.applications import is_member, join
from backend.groups.errors import AlreadyMember, CodeUsedUp, GroupClosed, InvitationOver
from backend.groups.member_models import Invitation, InvitationCode
from backend.groups.models import Application, Group
from backend.messages.texts import GROUP
from backend.people.models import Person
from backend.people.persons import person_now

GOOD_FOR = timedelta(days=14)
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without look-alikes: it is read from paper
_LETTERS = 10


def invite(group: Group, person_id: UUID, *, inviter_id: UUID) -> tuple[Invitation, bool]:
    """Ask somebody to join, and whether that is new: an open invitation lasts two weeks from the last time.

    Raises `NotFound`, `GroupClosed` or `AlreadyMember`.
    """
    person = person_now(person_id)
    if person.parted_at is not None:
        raise NotFound()
    if not group.is_open:
        raise GroupClosed()
    if is_member(group.id, person.id):
        raise AlreadyMember()
    at = now()
    invitation = insert_once(
        Invitation,
        group_id=group.id,
        person_id=person.id,
        inviter_id=inviter_id,
        invited_at=at,
        expires_at=at + GOOD_FOR,
    )
    if invitation is None:
        return _prolonged(group.id, person.id), False
    outbox.put(
        f"group_invitation:{invitation.id}",
        topic=GROUP,
        person_id=person.id,
        facts={"what": "invited", "name": group.name, "group": group.id},
    )
    trail.record("invitations.send", invitation, beneficiary_id=person.id, after={"group": group.id})
    return invitation, True


def answer(invitation: Invitation, person: Person, *, accepted: bool) -> tuple[Invitation, bool]:
    """Say yes, and be a member, or no; and whether that is new: the same again is fine.

    Raises `InvitationOver` or `GroupClosed`.
    """
    find(Group, invitation.group_id, locked=True)
    at = now()
    state = "accepted" if accepted else "declined"
    answered = session().scalar(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.state == "open", Invitation.expires_at > at)
        .values(state=state, closed_at=at)
        .returning(Invitation.id)
    )
    session().refresh(invitation)
    if answered is None:
        if invitation.state != state:
            raise InvitationOver()
        return invitation, False
    if accepted:
        _let_in(invitation.group_id, person.id)
    trail.record(
        "invitations.accept" if accepted else "invitations.decline",
        invitation,
        before={"state": "open"},
        after={"state": state, "group": invitation.group_id},
    )
    return invitation, True


def make_code(group: Group, *, uses: int, maker_id: UUID) -> InvitationCode:
    """A code for a notice board, good for two weeks and so many people. Raises `GroupClosed`."""
    if not group.is_open:
        raise GroupClosed()
    at = now()
    code = add(
        InvitationCode(
            group_id=group.id,
            code="".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS)),
            uses_left=uses,
            maker_id=maker_id,
            made_at=at,
            expires_at=at + GOOD_FOR,
        )
    )
    trail.record("invitations.make_code", code, after={"group": group.id})
    return code


def use_code(code: str, person: Person) -> tuple[Group, bool]:
    """Join by a code, and whether that is new: a member is let in again without a use of it.

    Raises `NotFound` for a code that is none, `CodeUsedUp` or `GroupClosed`.
    """
    found = session().scalar(select(InvitationCode).where(InvitationCode.code == code.upper()))
    if found is None:
        raise NotFound()
    group = find(Group, found.group_id, locked=True)
    if is_member(group.id, person.id):
        return group, False
    used = session().scalar(
        update(InvitationCode)
        .where(InvitationCode.id == found.id, InvitationCode.uses_left > 0, InvitationCode.expires_at > now())
        .values(uses_left=InvitationCode.uses_left - 1)
        .returning(InvitationCode.id)
    )
    if used is None:
        raise CodeUsedUp()
    _let_in(group.id, person.id)
    session().refresh(group)
    trail.record("invitations.use_code", found, after={"group": group.id})
    return group, True


def _prolonged(group_id: UUID, person_id: UUID) -> Invitation:
    open_one = (Invitation.group_id == group_id, Invitation.person_id == person_id, Invitation.state == "open")
    session().execute(update(Invitation).where(*open_one).values(expires_at=now() + GOOD_FOR))
    found = session().scalar(select(Invitation).where(*open_one), execution_options={"populate_existing": True})
    if found is None:  # It was answered this very moment.
        raise Replan()
    return found


def _let_in(group_id: UUID, person_id: UUID) -> None:
    """A member, whatever else they had asked for."""
    join(group_id, person_id)
    session().execute(
        update(Application)
        .where(Application.group_id == group_id, Application.person_id == person_id, Application.state == "applied")
        .values(state="withdrawn")
    )
