"""The adults of a household elect its head: nominated by one of them, elected by more than half of all, confirmed.

Whoever lived there as an adult when the election opened is an elector, once. The vote that makes the majority, or makes
it impossible, decides in the statement that counts it. An adult without a phone votes at the desk; nobody of the
household votes for somebody else. After 14 days an election without a result lapses.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import case, or_, select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import add, find, insert_once, session
from backend.foundation.errors import Forbidden, NotFound, Replan
from backend.foundation.ids import uuid7
from backend.households.election_models import HeadElection, HeadElector
from backend.households.errors import (
    AdultNeeded,
    AlreadyVoted,
    ElectionOpen,
    ElectionOver,
    IsHeadAlready,
    NotElected,
)
from backend.households.standing import decides_at, head_of, locked_household, works_at
from backend.households.telling import adults_of, tell
from backend.people.errors import OwnCase
from backend.people.models import Person
from backend.people.persons import person_now
from backend.people.standing import move_in
from backend.places.models import Household

LASTS = timedelta(days=14)


def nominate(home: Household, *, nominee_id: UUID, by: Caller) -> HeadElection:
    """Open an election: an adult member names one, and has voted for them by that.

    Raises `NotFound` for whoever does not live there, `Forbidden` for a minor and for whoever acts for somebody in
    their own household, `AdultNeeded`, `IsHeadAlready`, `ElectionOpen` for a second one.
    """
    _refuse_proxies(by)
    home = locked_household(home.id)
    adults = adults_of(home.id)
    nominator = next((adult for adult in adults if adult.id == by.person_id), None)
    if nominator is None:
        raise Forbidden() if by.household_id == home.id else NotFound()
    nominee = next((adult for adult in adults if adult.id == nominee_id), None)
    if nominee is None:
        if find(Person, nominee_id).household_id != home.id:
            raise NotFound()
        raise AdultNeeded()
    if nominee.household_role == "head":
        raise IsHeadAlready()
    at = now()
    session().execute(
        update(HeadElection)
        .where(HeadElection.household_id == home.id, HeadElection.state == "open", HeadElection.closes_at <= at)
        .values(state="lapsed", ended_at=at)
    )
    election = insert_once(
        HeadElection,
        id=uuid7(),
        household_id=home.id,
        nominee_id=nominee.id,
        nominator_id=nominator.id,
        electors=len(adults),
        opened_at=at,
        closes_at=at + LASTS,
    )
    if election is None:
        raise ElectionOpen()
    for adult in sorted(adults, key=lambda adult: adult.id):
        add(HeadElector(election_id=election.id, person_id=adult.id))
    tell([adult.id for adult in adults if adult.id != nominator.id], "election_opened", about=election.id)
    return vote(election.id, choice="yes", by=by)


def vote(election_id: UUID, *, choice: str, by: Caller) -> HeadElection:
    """Say "yes" or "no", once; the same again is fine.

    Raises `NotFound` for whoever is no elector or lives there no more, `Forbidden` for whoever votes for somebody of
    their own household, `AlreadyVoted`, `ElectionOver`.
    """
    _refuse_proxies(by)
    election = find(HeadElection, election_id, locked=True)
    person = person_now(by.person_id)
    mine = session().scalar(
        select(HeadElector).where(HeadElector.election_id == election.id, HeadElector.person_id == person.id)
    )
    if mine is None or person.household_id != election.household_id:
        raise NotFound()
    if mine.vote is not None:
        if mine.vote != choice:
            raise AlreadyVoted()
        return election
    at = now()
    if election.state != "open" or election.closes_at <= at:
        raise ElectionOver()
    voted = session().scalar(
        update(HeadElector)
        .where(HeadElector.id == mine.id, HeadElector.vote.is_(None))
        .values(vote=choice, voted_at=at)
        .returning(HeadElector.id)
    )
    if voted is None:
        raise Replan()
    yes, no = HeadElection.yes + int(choice == "yes"), HeadElection.no + int(choice == "no")
    is_elected, is_impossible = yes * 2 > HeadElection.electors, no * 2 >= HeadElection.electors
    counted = session().scalar(
        update(HeadElection)
        .where(HeadElection.id == election.id, HeadElection.state == "open")
        .values(
            yes=yes,
            no=no,
            state=case((is_elected, "elected"), (is_impossible, "failed"), else_="open"),
            ended_at=case((is_impossible, at), else_=HeadElection.ended_at),
        )
        .returning(HeadElection.id)
        .execution_options(synchronize_session=False)
    )
    if counted is None:
        raise Replan()
    session().refresh(election)
    return election


def withdraw(election_id: UUID, *, by: Caller) -> HeadElection:
    """Whoever nominated, or was nominated, takes it back. Raises `NotFound`, `Forbidden`, `ElectionOver`."""
    election = find(HeadElection, election_id, locked=True)
    if by.person_id not in (election.nominator_id, election.nominee_id):
        raise Forbidden() if by.household_id == election.household_id else NotFound()
    if election.state == "withdrawn":
        return election
    if election.state not in ("open", "elected"):
        raise ElectionOver()
    election.state, election.ended_at = "withdrawn", now()
    session().flush()
    return election


def decide(election_id: UUID, *, by: Caller, confirmed: bool, reason: str | None = None) -> HeadElection:
    """A worker confirms what the adults said, and the head of before is a member in the same deed; or declines.

    The same decision again is fine. Raises `NotFound`, `Forbidden`, `OwnCase`, `NotElected`, `ElectionOver`, and
    `AdultNeeded` when the nominee lives there no more.
    """
    home = locked_household(find(HeadElection, election_id).household_id)
    election = find(HeadElection, election_id, locked=True)
    if not works_at(by, home):
        raise Forbidden() if by.household_id == home.id else NotFound()
    if not decides_at(by, home):
        raise OwnCase()
    state = "confirmed" if confirmed else "declined"
    if election.state == state:
        return election
    if election.state == "open":
        raise NotElected()
    if election.state != "elected":
        raise ElectionOver()
    before = head_of(home)
    nominee = find(Person, election.nominee_id, locked=True)
    if confirmed:
        if nominee.household_id != home.id or nominee.age_class != "adult":
            raise AdultNeeded()
        if before is not None and before.id != nominee.id:
            move_in(before, home.id, role="member", at=before.household_since)
        move_in(nominee, home.id, role="head", at=nominee.household_since)
    election.state, election.decider_id, election.ended_at = state, by.person_id, now()
    session().flush()
    trail.record(
        "head_elections.confirm" if confirmed else "head_elections.decline",
        election,
        beneficiary_id=nominee.id,
        reason=reason,
        before={"head": before.id if before else None},
        after={"state": state, "nominee": nominee.id},
    )
    tell([adult.id for adult in adults_of(home.id)], f"election_{state}", about=election.id)
    return election


def elections_end(person_id: UUID) -> None:
    """Whoever is gone is elected no more."""
    undecided = HeadElection.state.in_(("open", "elected"))
    concerned = or_(HeadElection.nominee_id == person_id, HeadElection.nominator_id == person_id)
    session().execute(update(HeadElection).where(undecided, concerned).values(state="withdrawn", ended_at=now()))


def _refuse_proxies(by: Caller) -> None:
    """At the desk somebody may be helped to vote; the head would vote for their own grandmother."""
    if by.channel == "household":
        raise Forbidden()
