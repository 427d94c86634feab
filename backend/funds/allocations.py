"""Putting points into a fund (入账): one officer asks, another decides, and only then does the ledger issue them."""

from uuid import UUID

from sqlalchemy import select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.crypto import same
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import SecondPersonNeeded
from backend.foundation.ids import uuid7
from backend.funds.errors import AllocationDecided
from backend.funds.models import Allocation, Fund
from backend.ledger.drafts import Told, allocate, fingerprint_of
from backend.ledger.errors import KeyReused
from backend.ledger.posting import post
from backend.people.permissions import is_close
from backend.people.persons import person_now
from backend.places.offices import the_book


def request_allocation(fund: Fund, *, points: int, requester_id: UUID, key: str) -> tuple[Allocation, bool]:
    """Ask for points; the allocation, and whether it is new: the same key answers the first one.

    Raises `KeyReused` when the key stood for something else.
    """
    figures = fingerprint_of("allocate", fund=str(fund.id), points=points)
    allocation = insert_once(
        Allocation,
        fund_id=fund.id,
        points=points,
        requester_id=requester_id,
        request_key=key,
        request_fingerprint=figures,
        requested_at=now(),
    )
    if allocation is not None:
        trail.record("allocations.ask", allocation, after={"fund": fund.id})
        return allocation, True
    first = (
        session()
        .scalars(select(Allocation).where(Allocation.requester_id == requester_id, Allocation.request_key == key))
        .one()
    )
    if not same(first.request_fingerprint, figures):
        raise KeyReused()
    return first, False


def decide(
    allocation: Allocation, *, decider: Caller, approved: bool, reason: str | None = None
) -> tuple[Allocation, bool]:
    """Approve (the points are issued into the fund) or decline; and whether that is new: the same again is fine.

    Raises `SecondPersonNeeded` for the one who asked and their household, `AllocationDecided` when it was decided the
    other way.
    """
    if is_close(decider, person_now(allocation.requester_id)):
        raise SecondPersonNeeded()
    at = now()
    state = "approved" if approved else "declined"
    entry_id = uuid7() if approved else None
    decided = session().scalar(
        update(Allocation)
        .where(Allocation.id == allocation.id, Allocation.state == "requested")
        .values(state=state, decider_id=decider.person_id, decided_at=at, reason=reason, entry_id=entry_id)
        .returning(Allocation.id)
    )
    session().refresh(allocation)
    if decided is None:
        if allocation.state != state:
            raise AllocationDecided(state=allocation.state)
        return allocation, False
    if entry_id is not None:
        fund = find(Fund, allocation.fund_id)
        told = Told(f"资金入账：{fund.name}", f"person:{decider.person_id}", f"allocation:{allocation.id}", at)
        draft = allocate(
            fund=str(fund.id), points=allocation.points, allocation=str(allocation.id), told=told, entry_id=entry_id
        )
        post(the_book(), draft)
    trail.record(
        "allocations.approve" if approved else "allocations.decline",
        allocation,
        reason=reason,
        before={"state": "requested"},
        after={"state": state, "entry": entry_id},
    )
    return allocation, True
