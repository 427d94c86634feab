"""Handing a group over: its leader proposes, another member accepts, and the roles change in one deed.

Whoever hands over, leaves or is removed takes a turn at the group's row, so that it has one leader before and after.
"""

from uuid import UUID

from sqlalchemy import select

from backend.foundation import outbox, trail
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Forbidden
from backend.groups.applications import is_member
from backend.groups.errors import GroupClosed, HandoverOver, HandoverWaits, NoMember
from backend.groups.history import leader_changed
from backend.groups.leading import end_roles, is_led_by
from backend.groups.member_models import Handover
from backend.groups.models import Group
from backend.messages.texts import GROUP
from backend.people.fitness import refuse_the_unfit
from backend.people.models import Person
from backend.people.persons import person_now, selves_of
from backend.people.roles import grant_role
from backend.people.scopes import over_group

HANDED_OVER = "队长移交"


def propose(group: Group, receiver_id: UUID, *, leader: Person) -> tuple[Handover, bool]:
    """The leader offers the group to a member; and whether that is new: to the same one, again, is fine.

    Raises `Forbidden` for whoever is not its leader (a deputy, too), `NotFound`, `NoMember`, `VerificationNeeded`,
    `AdultNeeded`, `GroupClosed`, or `HandoverWaits` while another one is asked.
    """
    group = find(Group, group.id, locked=True)
    if not is_led_by(group.id, leader):
        raise Forbidden()
    receiver = person_now(receiver_id)
    if group.stage == "dissolved":
        raise GroupClosed()
    if receiver.id == leader.id or not is_member(group.id, receiver.id):
        raise NoMember()
    refuse_the_unfit(receiver, "leader")
    handover = insert_once(
        Handover, group_id=group.id, giver_id=leader.id, receiver_id=receiver.id, state="open", proposed_at=now()
    )
    if handover is None:
        first = session().scalars(select(Handover).where(Handover.group_id == group.id, Handover.state == "open")).one()
        if person_now(first.receiver_id).id != receiver.id:
            raise HandoverWaits()
        return first, False
    outbox.put(
        f"group_handover:{handover.id}",
        topic=GROUP,
        person_id=receiver.id,
        facts={"what": "handover", "name": group.name, "group": group.id},
    )
    trail.record("handovers.propose", handover, beneficiary_id=receiver.id, after={"group": group.id})
    return handover, True


def answer(handover: Handover, *, decision: str) -> tuple[Handover, bool]:
    """The other one accepts or declines, or the leader withdraws it; and whether that is new.

    Whoever may say which is asked by the route. Accepting raises `HandoverOver` when either of the two is no longer
    who they were (leader, or member), `VerificationNeeded`, `AdultNeeded`, or `GroupClosed`.
    """
    group = find(Group, handover.group_id, locked=True)
    session().refresh(handover)
    if handover.state != "open":
        if handover.state != decision:
            raise HandoverOver()
        return handover, False
    giver, receiver = person_now(handover.giver_id), person_now(handover.receiver_id)
    if decision == "accepted":
        _refuse_what_has_changed(group, giver, receiver)
        _change_leaders(group, giver, receiver)
    handover.state, handover.closed_at = decision, now()
    session().flush()
    trail.record(
        f"handovers.{_VERBS[decision]}",
        handover,
        beneficiary_id=receiver.id if decision == "withdrawn" else giver.id,
        before={"state": "open"},
        after={"state": decision, "group": group.id},
    )
    return handover, True


_VERBS = {"accepted": "accept", "declined": "decline", "withdrawn": "withdraw"}


def _refuse_what_has_changed(group: Group, giver: Person, receiver: Person) -> None:
    if group.stage == "dissolved":
        raise GroupClosed()
    if not is_led_by(group.id, giver) or not is_member(group.id, receiver.id):
        raise HandoverOver()
    refuse_the_unfit(receiver, "leader")


def _change_leaders(group: Group, giver: Person, receiver: Person) -> None:
    end_roles(group.id, by_id=receiver.id, reason=HANDED_OVER, of=selves_of(giver.id))
    end_roles(group.id, by_id=None, reason=HANDED_OVER, of=selves_of(receiver.id))  # a deputy before
    scope = over_group(group.id, group.name)
    grant_role(receiver.id, "leader", scope, granted_by_id=giver.id, reason=HANDED_OVER)
    leader_changed(group, before=giver.id, after=receiver.id)
