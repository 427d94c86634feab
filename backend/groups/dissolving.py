"""Dissolving a group: asked for by its leader, or ordered by an officer; decided by an officer who is somebody else.

What its wallet still has goes to the charity pool or to another group in the same transaction, so no point is ever left
with a group that is none any more. Its number is never given again, and its history stays to be read.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Replan, SecondPersonNeeded
from backend.foundation.ids import uuid7
from backend.groups.errors import DestinationClosed, DissolutionBlocked, DissolutionDecided, GroupClosed
from backend.groups.filing_models import Filing
from backend.groups.filings import OPEN
from backend.groups.history import change_stage
from backend.groups.leading import end_roles, refuse_own
from backend.groups.life_models import Dissolution
from backend.groups.member_models import Handover, Invitation
from backend.groups.models import Application, Group, Membership
from backend.ledger import drafts
from backend.ledger.accounts import CHARITY_POOL, group_wallet
from backend.ledger.errors import InsufficientPoints
from backend.ledger.posting import post
from backend.ledger.reading import Wallet, moves_of, wallet_of
from backend.people.permissions import is_close
from backend.people.persons import person_now
from backend.places.offices import the_book

Running = Callable[[UUID], int]  # how many activities of the group go on: a higher floor knows


def ask(
    group: Group,
    *,
    by: Caller,
    reason: str,
    running: Running,
    to_group_id: UUID | None = None,
    is_ordered: bool = False,
) -> tuple[Dissolution, bool]:
    """Ask that the group end, its points going to the charity pool or another group; and whether that is new.

    Raises `GroupClosed`, `DestinationClosed`, `NotFound` for the other group, or `DissolutionBlocked` with everything
    that has to be settled before.
    """
    if group.stage == "dissolved":
        raise GroupClosed()
    _refuse_a_closed_destination(group.id, to_group_id)
    _refuse_what_is_open(group, running)
    asked = insert_once(
        Dissolution,
        group_id=group.id,
        is_ordered=is_ordered,
        to_group_id=to_group_id,
        reason=reason,
        requester_id=by.person_id,
        requested_at=now(),
    )
    if asked is not None:
        trail.record("dissolutions.ask", asked, reason=reason, after={"group": group.id, "to_group": to_group_id})
        return asked, True
    first = session().scalar(
        select(Dissolution).where(Dissolution.group_id == group.id, Dissolution.state == "requested")
    )
    if first is None:  # It was decided this very moment.
        raise Replan()
    return first, False


def decide(
    asked: Dissolution, *, decider: Caller, approved: bool, running: Running, reason: str | None = None
) -> tuple[Dissolution, bool]:
    """Approve (the group ends) or decline; and whether that is new: the same again is fine.

    Raises `SecondPersonNeeded` for whoever asked and their household, `OwnGroup`, `DissolutionDecided`,
    `DissolutionBlocked` or `DestinationClosed`; then nothing has happened.
    """
    group = find(Group, asked.group_id, locked=True)
    session().refresh(asked)
    if is_close(decider, person_now(asked.requester_id)):
        raise SecondPersonNeeded()
    state = "approved" if approved else "declined"
    if asked.state != "requested":
        if asked.state != state:
            raise DissolutionDecided(state=asked.state)
        return asked, False
    refuse_own(group, decider)
    at = now()
    asked.state, asked.decider_id, asked.decided_at, asked.decision_reason = state, decider.person_id, at, reason
    session().flush()
    if approved:
        _refuse_a_closed_destination(group.id, asked.to_group_id)
        _refuse_what_is_open(group, running)
        _close(group, by_id=decider.person_id)
        _dispose_of_points(asked, group, actor=f"person:{decider.person_id}")
    trail.record(
        "dissolutions.approve" if approved else "dissolutions.decline",
        asked,
        reason=reason,
        before={"state": "requested"},
        after={"state": state, "group": group.id, "entry": asked.entry_id},
    )
    return asked, True


def _refuse_a_closed_destination(group_id: UUID, to_group_id: UUID | None) -> None:
    if to_group_id is not None and (to_group_id == group_id or not find(Group, to_group_id).is_open):
        raise DestinationClosed()


def _refuse_what_is_open(group: Group, running: Running) -> None:
    missing = []
    wallet = _wallet(group)
    if wallet.held:
        missing.append(f"队伍积分中有 {wallet.held} 分待领取，请先领取或取消")
    if wallet.recoverable:
        missing.append(f"队伍有 {wallet.recoverable} 分待扣回，请先处理")
    if count := running(group.id):
        missing.append(f"还有 {count} 项活动没有结项或取消")
    waiting = select(Filing.id).where(Filing.group_id == group.id, Filing.state.in_(("submitted", "reviewed")))
    if session().scalar(waiting.limit(1)) is not None:
        missing.append("备案申请还在办理，请先撤回或等待结果")
    if missing:
        raise DissolutionBlocked(missing="；".join(missing))


def _wallet(group: Group) -> Wallet:
    return wallet_of(the_book(), group_wallet(str(group.id)), today=shanghai_day(now()))


def _close(group: Group, *, by_id: UUID) -> None:
    """Nobody belongs to it, leads it or is asked into it any more."""
    at = now()
    group.members = 0
    change_stage(group, "dissolved")
    offered = {"state": "withdrawn", "closed_at": at}
    of_it: tuple[tuple[Any, ColumnElement[bool], dict[str, object]], ...] = (
        (Membership, Membership.left_at.is_(None), {"left_at": at, "left_why": "dissolved"}),
        (Application, Application.state == "applied", {"state": "withdrawn"}),
        (Invitation, Invitation.state == "open", offered),
        (Handover, Handover.state == "open", offered),
        (Filing, Filing.state.in_(OPEN), {"state": "withdrawn", "due_on": None}),
    )
    for model, still_open, closed in of_it:
        session().execute(update(model).where(model.group_id == group.id, still_open).values(**closed))
    end_roles(group.id, by_id=by_id, reason="队伍注销")


def _dispose_of_points(asked: Dissolution, group: Group, *, actor: str) -> None:
    """All that is live; what has passed its last day returns to its funds by itself."""
    if not _wallet(group).available:
        return
    source = group_wallet(str(group.id))
    destination = group_wallet(str(asked.to_group_id)) if asked.to_group_id else CHARITY_POOL
    told = drafts.Told(f"队伍注销，余额转出：{group.name}", actor, f"dissolution:{asked.id}", now())
    draft = drafts.transfer(
        source=source, destination=destination, points=None, request=str(asked.id), told=told, entry_id=uuid7()
    )
    try:
        posted = post(the_book(), draft)
    except InsufficientPoints:  # All was spent between the look and the lock.
        raise Replan() from None
    asked.points = sum(move.amount for move in moves_of(the_book(), posted.id) if move.source == source)
    asked.entry_id = posted.id
    session().flush()
