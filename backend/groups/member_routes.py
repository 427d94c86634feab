"""Endpoints of members: invited, let in by a code, gone, removed, appealing; and of a group changing hands."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.pages import PageQuery, page, page_of
from backend.groups import appeals, handing_over, inviting, members
from backend.groups.errors import (
    AlreadyMember,
    AppealDecided,
    AppealTooLate,
    CodeUsedUp,
    GroupClosed,
    HandoverOver,
    HandoverWaits,
    InvitationOver,
    LeaderStays,
    NoMember,
    OwnGroup,
    OwnRemoval,
)
from backend.groups.member_models import Appeal, Handover, Invitation, InvitationCode
from backend.groups.models import Group, Membership
from backend.groups.queries import laid_before, removals, runs, shown_ending, with_group, works_for
from backend.groups.schemas import (
    AnswerForm,
    AppealDecisionForm,
    AppealForm,
    AppealQuery,
    AppealView,
    GroupView,
    HandoverAnswerForm,
    HandoverForm,
    HandoverView,
    InvitationCodeForm,
    InvitationCodeUseForm,
    InvitationCodeView,
    InvitationForm,
    InvitationView,
    MembershipEndView,
    RemovalForm,
)
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.people.role_errors import AdultNeeded, VerificationNeeded
from backend.safety.judged import judged

group_members = Blueprint("group_members", __name__, description="队伍成员")


@group_members.post("/groups/<uuid:group_id>/invitations")
@requires(anybody_here)
@group_members.arguments(InvitationForm)
@group_members.creates(InvitationView)
@refuses(NotFound, Forbidden, GroupClosed, AlreadyMember)
@transactional
def invite(form: dict[str, Any], group_id: UUID) -> Any:
    """Ask somebody to join; they say yes or no. Good for two weeks; again within them prolongs it."""
    group = _run_by_me(group_id)
    invitation, is_new = inviting.invite(group, form["person_id"], inviter_id=caller().person_id)
    return _invited([invitation])[0] if is_new else (_invited([invitation])[0], 200, REPLAYED)


@group_members.get("/groups/<uuid:group_id>/invitations")
@requires(anybody_here)
@group_members.arguments(PageQuery, location="query")
@group_members.response(200, page_of(InvitationView))
@refuses(NotFound, Forbidden)
def list_invitations(asked: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """Whom the group asked, newest first."""
    group = _run_by_me(group_id)
    found = page(select(Invitation).where(Invitation.group_id == group.id), asked, by=(Invitation.id,))
    return {**found, "items": _invited(found["items"])}


@group_members.get("/me/invitations")
@requires(anybody_here)
@group_members.arguments(PageQuery, location="query")
@group_members.response(200, page_of(InvitationView))
def list_my_invitations(asked: dict[str, Any]) -> dict[str, Any]:
    """Groups that asked me, newest first."""
    mine = select(Invitation).where(Invitation.person_id.in_(selves_of(caller().person_id)))
    found = page(mine, asked, by=(Invitation.id,))
    return {**found, "items": _invited(found["items"])}


@group_members.put("/invitations/<uuid:invitation_id>")
@requires(anybody_here)
@group_members.arguments(AnswerForm)
@group_members.response(200, InvitationView)
@refuses(NotFound, InvitationOver, GroupClosed)
@transactional
def answer_invitation(form: dict[str, Any], invitation_id: UUID) -> Any:
    """Say yes, and belong to the group, or no."""
    invitation = find(Invitation, invitation_id)
    visible(invitation.person_id in selves_of(caller().person_id))
    answered, is_new = inviting.answer(
        invitation, find(Person, caller().person_id), accepted=form["decision"] == "accepted"
    )
    return _invited([answered])[0] if is_new else (_invited([answered])[0], 200, REPLAYED)


@group_members.post("/groups/<uuid:group_id>/invitation-codes")
@requires(anybody_here)
@group_members.arguments(InvitationCodeForm)
@group_members.response(201, InvitationCodeView)
@refuses(NotFound, Forbidden, GroupClosed)
@transactional
def make_code(form: dict[str, Any], group_id: UUID) -> InvitationCode:
    """A code for so many people, good for two weeks: for a notice board, or a message to many."""
    return inviting.make_code(_run_by_me(group_id), uses=form["uses"], maker_id=caller().person_id)


@group_members.get("/groups/<uuid:group_id>/invitation-codes")
@requires(anybody_here)
@group_members.arguments(PageQuery, location="query")
@group_members.response(200, page_of(InvitationCodeView))
@refuses(NotFound, Forbidden)
def list_codes(asked: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """The group's codes, newest first."""
    of_it = select(InvitationCode).where(InvitationCode.group_id == _run_by_me(group_id).id)
    return page(of_it, asked, by=(InvitationCode.id,))


@group_members.post("/memberships")
@requires(anybody_here)
@group_members.arguments(InvitationCodeUseForm)
@group_members.creates(GroupView)
@refuses(NotFound, CodeUsedUp, GroupClosed)
@transactional
def use_code(form: dict[str, Any]) -> Any:
    """Join a group by its code."""
    group, is_new = inviting.use_code(form["code"], find(Person, caller().person_id))
    return group if is_new else (group, 200, REPLAYED)


@group_members.delete("/groups/<uuid:group_id>/members/mine")
@requires(anybody_here)
@group_members.response(200, MembershipEndView)
@refuses(NotFound, NoMember, LeaderStays)
@transactional
def leave(group_id: UUID) -> dict[str, Any]:
    """Leave the group, and give up what I do there; its leader hands over first."""
    return shown_ending(members.leave(find(Group, group_id), find(Person, caller().person_id)))


@group_members.post("/groups/<uuid:group_id>/members/<uuid:person_id>/remove")
@requires(anybody_here)
@group_members.arguments(RemovalForm)
@group_members.response(200, MembershipEndView)
@refuses(NotFound, Forbidden, NoMember, LeaderStays)
@judged(about=Membership, reason="removal_reason")
def remove(form: dict[str, Any], group_id: UUID, person_id: UUID) -> dict[str, Any]:
    """Remove somebody, for a reason that they read; they may appeal to a worker within 15 days."""
    return shown_ending(members.remove(_run_by_me(group_id), person_id, by=caller(), reason=form["reason"]))


@group_members.post("/groups/<uuid:group_id>/appeals")
@requires(anybody_here)
@group_members.arguments(AppealForm)
@group_members.creates(AppealView)
@refuses(NotFound, NoMember, AppealTooLate)
@transactional
def appeal(form: dict[str, Any], group_id: UUID) -> Any:
    """Say that it was wrong to remove me; a worker answers by `due_on`."""
    filed, is_new = appeals.appeal(find(Group, group_id), find(Person, caller().person_id), text=form["text"])
    return _appealed([filed])[0] if is_new else (_appealed([filed])[0], 200, REPLAYED)


@group_members.get("/group-appeals")
@requires(anybody_here)
@group_members.arguments(AppealQuery, location="query")
@group_members.response(200, page_of(AppealView))
def list_appeals(asked: dict[str, Any]) -> dict[str, Any]:
    """My appeals, and for workers those of their areas, the most urgent first."""
    mine = Appeal.person_id.in_(selves_of(caller().person_id))
    query = select(Appeal).where(laid_before(caller(), column=Appeal.group_id, leads=False, also=mine))
    if asked.get("state"):
        query = query.where(Appeal.state == asked["state"])
    found = page(query, asked, by=(Appeal.due_on, Appeal.id), newest_first=False)
    return {**found, "items": _appealed(found["items"])}


@group_members.put("/group-appeals/<uuid:appeal_id>")
@requires(anybody_here)
@group_members.arguments(AppealDecisionForm)
@group_members.response(200, AppealView)
@refuses(NotFound, Forbidden, OwnGroup, OwnRemoval, AppealDecided, GroupClosed)
@transactional
def decide_appeal(form: dict[str, Any], appeal_id: UUID) -> Any:
    """Uphold it, and they belong to the group again, or reject it; with an answer."""
    appealed = find(Appeal, appeal_id)
    group = find(Group, appealed.group_id)
    is_mine = appealed.person_id in selves_of(caller().person_id)
    works_there = works_for(group, by=caller())
    visible(is_mine or works_there or caller().holds("auditor"))
    allow(works_there)
    decided, is_new = appeals.decide(
        appealed, decider=caller(), upheld=form["decision"] == "upheld", said=form["answer"]
    )
    return _appealed([decided])[0] if is_new else (_appealed([decided])[0], 200, REPLAYED)


@group_members.post("/groups/<uuid:group_id>/handovers")
@requires(anybody_here)
@group_members.arguments(HandoverForm)
@group_members.creates(HandoverView)
@refuses(NotFound, Forbidden, NoMember, GroupClosed, HandoverWaits, VerificationNeeded, AdultNeeded)
@transactional
def hand_over(form: dict[str, Any], group_id: UUID) -> Any:
    """Offer the group I lead to one of its members; it is theirs once they accept."""
    handover, is_new = handing_over.propose(
        find(Group, group_id), form["person_id"], leader=find(Person, caller().person_id)
    )
    return _handed([handover])[0] if is_new else (_handed([handover])[0], 200, REPLAYED)


@group_members.get("/me/handovers")
@requires(anybody_here)
@group_members.arguments(PageQuery, location="query")
@group_members.response(200, page_of(HandoverView))
def list_handovers(asked: dict[str, Any]) -> dict[str, Any]:
    """Groups that I was offered, or offered myself, newest first."""
    me = selves_of(caller().person_id)
    mine = select(Handover).where(or_(Handover.receiver_id.in_(me), Handover.giver_id.in_(me)))
    found = page(mine, asked, by=(Handover.id,))
    return {**found, "items": _handed(found["items"])}


@group_members.put("/handovers/<uuid:handover_id>")
@requires(anybody_here)
@group_members.arguments(HandoverAnswerForm)
@group_members.response(200, HandoverView)
@refuses(NotFound, Forbidden, HandoverOver, GroupClosed, VerificationNeeded, AdultNeeded)
@transactional
def answer_handover(form: dict[str, Any], handover_id: UUID) -> Any:
    """Accept the group or decline it; or take my offer back."""
    handover, me = find(Handover, handover_id), selves_of(caller().person_id)
    visible(handover.receiver_id in me or handover.giver_id in me)
    allow((handover.giver_id in me) == (form["decision"] == "withdrawn"))
    answered, is_new = handing_over.answer(handover, decision=form["decision"])
    return _handed([answered])[0] if is_new else (_handed([answered])[0], 200, REPLAYED)


def _run_by_me(group_id: UUID) -> Group:
    group = find(Group, group_id)
    allow(runs(group, by=caller()))
    return group


def _invited(rows: Sequence[Invitation]) -> list[dict[str, Any]]:
    return with_group(rows, ("id", "state", "invited_at", "expires_at"), ("person", "inviter"))


def _handed(rows: Sequence[Handover]) -> list[dict[str, Any]]:
    return with_group(rows, ("id", "state", "proposed_at"), ("giver", "receiver"))


def _appealed(rows: Sequence[Appeal]) -> list[dict[str, Any]]:
    fields = ("id", "text", "state", "filed_at", "due_on", "answer", "decided_at")
    ended = removals({row.membership_id for row in rows})
    return [
        shown | {"removal_reason": ended[row.membership_id].removal_reason}
        for row, shown in zip(rows, with_group(rows, fields, ("person",)), strict=True)
    ]
