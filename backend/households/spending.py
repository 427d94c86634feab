"""Who may spend how much of the pot: every adult resident up to the head's limit, above it what the head approved.

An approval is good once, for that thing and that many points. Without a head nobody spends above the limit.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Forbidden, NotFound, Replan
from backend.foundation.ids import uuid7
from backend.households.choices import limit_of
from backend.households.errors import HeadApprovalNeeded, NoHeadToApprove, SpendingDecided
from backend.households.pot_models import SpendingRequest
from backend.households.standing import head_of, household_today, is_head_of
from backend.households.telling import tell_again
from backend.people.errors import NoHousehold, ResidentNeeded
from backend.people.models import Person

GOOD_FOR = timedelta(days=7)


def pot_to_spend(person: Person, points: int, *, subject_id: UUID, label: str, at: datetime) -> UUID:
    """The household whose pot pays so many points for that; an approval it took is used up.

    Whoever asks has looked at their age. Raises `ResidentNeeded`, `NoHousehold`, `NoHeadToApprove`, and
    `HeadApprovalNeeded`, which leaves the question with the head.
    """
    if person.verified != "resident":
        raise ResidentNeeded()
    if person.household_id is None:
        raise NoHousehold()
    limit = limit_of(person.household_id)
    if points <= limit or person.household_role == "head":
        return person.household_id
    used = session().scalar(
        update(SpendingRequest)
        .where(
            SpendingRequest.household_id == person.household_id,
            SpendingRequest.person_id == person.id,
            SpendingRequest.subject_id == subject_id,
            SpendingRequest.state == "approved",
            SpendingRequest.points == points,
            SpendingRequest.good_until > at,
        )
        .values(state="used")
        .returning(SpendingRequest.id)
        .execution_options(synchronize_session=False)
    )
    if used is not None:
        return person.household_id
    head = head_of(household_today(person.household_id))
    if head is None:
        raise NoHeadToApprove(limit=limit, points=points)
    _ask(person, head, points, subject_id=subject_id, label=label, at=at)
    raise HeadApprovalNeeded(limit=limit, points=points)


def decide(request_id: UUID, *, by: Caller, decision: str) -> SpendingRequest:
    """The head approves or declines; whoever asked withdraws. The same again is fine.

    Raises `NotFound`, `Forbidden`, `SpendingDecided`.
    """
    request = find(SpendingRequest, request_id, locked=True)
    home = household_today(request.household_id)
    is_mine = by.person_id == request.person_id
    if not is_mine and by.household_id != home.id:
        raise NotFound()
    if by.channel == "household" or (decision == "withdrawn") != is_mine:
        raise Forbidden()
    if not is_mine and not is_head_of(by, home):
        raise Forbidden()
    if request.state == decision:
        return request
    if request.state != "asked":
        raise SpendingDecided()
    at = now()
    values: dict[str, object] = {"state": decision}
    if not is_mine:
        values |= {"decider_id": by.person_id, "decided_at": at}
    if decision == "approved":
        values["good_until"] = at + GOOD_FOR
    decided = session().scalar(
        update(SpendingRequest)
        .where(SpendingRequest.id == request.id, SpendingRequest.state == "asked")
        .values(**values)
        .returning(SpendingRequest.id)
    )
    if decided is None:
        raise Replan()
    session().refresh(request)
    if not is_mine:
        act = "approve" if decision == "approved" else "decline"
        trail.record(f"spending_requests.{act}", request, beneficiary_id=request.person_id, after={"state": decision})
        tell_again([request.person_id], f"spending_{decision}", points=request.points)
    return request


def requests_end(person_id: UUID) -> None:
    """Whoever is gone spends nothing any more."""
    session().execute(
        update(SpendingRequest)
        .where(SpendingRequest.person_id == person_id, SpendingRequest.state.in_(("asked", "approved")))
        .values(state="withdrawn", decider_id=None, decided_at=None)
    )


def _ask(person: Person, head: Person, points: int, *, subject_id: UUID, label: str, at: datetime) -> None:
    """One open question for one thing; another number of points, or an approval that ran out, asks anew."""
    whose = (
        SpendingRequest.household_id == person.household_id,
        SpendingRequest.person_id == person.id,
        SpendingRequest.subject_id == subject_id,
        SpendingRequest.state.in_(("asked", "approved")),
    )
    same = session().scalar(
        select(SpendingRequest.id).where(*whose, SpendingRequest.state == "asked", SpendingRequest.points == points)
    )
    if same is not None:
        return
    session().execute(update(SpendingRequest).where(*whose).values(state="withdrawn", decider_id=None, decided_at=None))
    asked = insert_once(
        SpendingRequest,
        id=uuid7(),
        household_id=person.household_id,
        person_id=person.id,
        subject_id=subject_id,
        label=label,
        points=points,
        asked_at=at,
    )
    if asked is None:  # Their other phone asked at this moment.
        raise Replan()
    tell_again([head.id], "spending_asked", points=points)
