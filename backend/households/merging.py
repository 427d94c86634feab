"""Two households become one: one head asks, the other agrees, a worker confirms.

Everybody moves (12 in all at most), the pots add, and the head of the household that goes on stays its head. The
household that ends keeps its row and names the one it became, as one that a merge of areas ended does.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.ids import uuid7
from backend.households.claim_models import HouseholdClaim
from backend.households.election_models import HeadElection
from backend.households.errors import HouseholdMergeDecided, HouseholdMoved, MergeOpen, OtherHeadNeeded
from backend.households.merge_models import HouseholdMerge
from backend.households.pot_models import SpendingRequest
from backend.households.pot_transfers import move_pot
from backend.households.standing import head_of, is_head_of, works_at
from backend.households.telling import adults_of, tell
from backend.people.errors import HouseholdFull, OwnCase
from backend.people.queries import members_of
from backend.people.standing import move_in
from backend.people.verifying import MOST_MEMBERS
from backend.places.models import Household


def ask(home: Household, *, into_id: UUID, by: Caller) -> HouseholdMerge:
    """The head wants their household to become part of another one; its head is told.

    Raises `NotFound`, `Forbidden` for a member who is not the head, `HouseholdMoved`, `OtherHeadNeeded`,
    `HouseholdFull`, `MergeOpen`.
    """
    into = find(Household, into_id)
    if not is_head_of(by, home):
        raise Forbidden() if by.household_id == home.id else NotFound()
    if into.merged_into_id is not None or into.id == home.id:
        raise HouseholdMoved()
    other = head_of(into)
    if other is None:
        raise OtherHeadNeeded()
    if len(members_of(home.id)) + len(members_of(into.id)) > MOST_MEMBERS:
        raise HouseholdFull(most=MOST_MEMBERS)
    asked = insert_once(
        HouseholdMerge, id=uuid7(), household_id=home.id, into_id=into.id, requester_id=by.person_id, asked_at=now()
    )
    if asked is None:
        raise MergeOpen()
    tell([other.id], "merge_asked", about=asked.id)
    return asked


def decide(merge_id: UUID, *, by: Caller, decision: str, reason: str | None = None) -> HouseholdMerge:
    """Agree (the other head), withdraw (either head), confirm or decline (a worker). The same again is fine.

    Raises `NotFound`, `Forbidden`, `OwnCase`, `HouseholdMergeDecided`, `OtherHeadNeeded`, `HouseholdFull`,
    `HouseholdMoved`.
    """
    merge = find(HouseholdMerge, merge_id, locked=True)
    home, into = _both_locked(merge)
    heads = {each.id for each in (home, into) if is_head_of(by, each)}
    is_worker = works_at(by, home) and works_at(by, into)
    if not heads and not is_worker and by.household_id not in (home.id, into.id):
        raise NotFound()
    if decision == "agreed" and into.id not in heads:
        raise Forbidden()
    if decision == "withdrawn" and not heads:
        raise Forbidden()
    if decision in ("confirmed", "declined"):
        if not is_worker:
            raise Forbidden()
        if by.household_id in (home.id, into.id):
            raise OwnCase()
    if merge.state == decision:
        return merge
    if merge.state not in ("asked", "agreed"):
        raise HouseholdMergeDecided()
    if decision == "agreed":
        merge.state, merge.agreed_by_id = "agreed", by.person_id
        session().flush()
        return merge
    if decision == "confirmed":
        if merge.state != "agreed":
            raise OtherHeadNeeded()
        _make_one(home, into)
    merge.state, merge.ended_at = decision, now()
    if decision != "withdrawn":
        merge.decider_id = by.person_id
        if reason:
            merge.reason = reason
    session().flush()
    if decision == "confirmed":
        tell([adult.id for adult in adults_of(into.id)], "merged", about=merge.id)
        trail.record(
            "household_merges.confirm",
            merge,
            beneficiary_id=merge.requester_id,
            reason=reason,
            before={"household": home.id},
            after={"household": into.id},
        )
        move_pot(home.id, actor=f"person:{by.person_id}")
    elif decision == "declined":
        tell([merge.requester_id], "merge_declined", about=merge.id)
        trail.record("household_merges.decline", merge, beneficiary_id=merge.requester_id, reason=reason)
    return merge


def _both_locked(merge: HouseholdMerge) -> tuple[Household, Household]:
    """Both as they are, kept from counting members or being merged until this is decided."""
    wanted = select(Household).where(Household.id.in_((merge.household_id, merge.into_id))).order_by(Household.id)
    rows = session().scalars(wanted.with_for_update().execution_options(populate_existing=True))
    both = {home.id: home for home in rows}
    return both[merge.household_id], both[merge.into_id]


def _make_one(home: Household, into: Household) -> None:
    if home.merged_into_id is not None or into.merged_into_id is not None:
        raise HouseholdMoved()
    head = head_of(into)
    if head is None:
        raise OtherHeadNeeded()
    moving = sorted(members_of(home.id), key=lambda member: member.id)
    if len(moving) + len(members_of(into.id)) > MOST_MEMBERS:
        raise HouseholdFull(most=MOST_MEMBERS)
    at = now()
    for member in moving:
        move_in(member, into.id, role="member", at=at)
    home.merged_into_id = into.id
    session().flush()
    # Whatever was merged into it before is merged into the other one now: nobody follows two steps.
    session().execute(update(Household).where(Household.merged_into_id == home.id).values(merged_into_id=into.id))
    _end_what_is_open(home, at)
    claims = HouseholdClaim.household_id == home.id, HouseholdClaim.state == "waiting"
    session().execute(update(HouseholdClaim).where(*claims).values(household_id=into.id))


def _end_what_is_open(home: Household, at: datetime) -> None:
    """What the household that ends had not decided yet ends with it, also other merges that it had in mind."""
    session().execute(
        update(HeadElection)
        .where(HeadElection.household_id == home.id, HeadElection.state.in_(("open", "elected")))
        .values(state="withdrawn", ended_at=at)
    )
    session().execute(
        update(SpendingRequest)
        .where(SpendingRequest.household_id == home.id, SpendingRequest.state.in_(("asked", "approved")))
        .values(state="withdrawn", decider_id=None, decided_at=None)
    )
    session().execute(
        update(HouseholdMerge)
        .where(HouseholdMerge.into_id == home.id, HouseholdMerge.state.in_(("asked", "agreed")))
        .values(state="withdrawn", ended_at=at)
    )
