"""Endpoints of elections, and of households that become one."""

from typing import Any
from uuid import UUID

from backend.foundation.admission import requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.pages import page, page_of
from backend.households import elections, merging
from backend.households.election_models import HeadElection
from backend.households.election_queries import elections_to_see, merges_to_see, shown_elections
from backend.households.election_schemas import (
    ElectionDecisionForm,
    ElectionQuery,
    ElectionView,
    HouseholdMergeDecisionForm,
    HouseholdMergeForm,
    HouseholdMergeQuery,
    HouseholdMergeView,
    NominationForm,
)
from backend.households.errors import (
    AdultNeeded,
    AlreadyVoted,
    ElectionOpen,
    ElectionOver,
    HouseholdMergeDecided,
    HouseholdMoved,
    IsHeadAlready,
    MergeOpen,
    NotElected,
    OtherHeadNeeded,
)
from backend.households.merge_models import HouseholdMerge
from backend.households.standing import household_today
from backend.ledger.errors import BalanceTooLarge
from backend.people.assisted import assisted
from backend.people.errors import HouseholdFull, OwnCase

head_elections = Blueprint("head_elections", __name__, description="庭户长选举与合户")


@head_elections.post("/households/<uuid:household_id>/head-elections")
@requires(anybody_here)
@head_elections.arguments(NominationForm)
@head_elections.response(201, ElectionView)
@refuses(NotFound, Forbidden, AdultNeeded, IsHeadAlready, ElectionOpen)
@transactional
@assisted("nominate", of=HeadElection)
def nominate(form: dict[str, Any], household_id: UUID) -> dict[str, Any]:
    """Nominate an adult of my household as its head, and vote for them; the other adults have 14 days."""
    return _one(elections.nominate(household_today(household_id), nominee_id=form["nominee_id"], by=caller()))


@head_elections.get("/head-elections")
@requires(anybody_here)
@head_elections.arguments(ElectionQuery, location="query")
@head_elections.response(200, page_of(ElectionView))
def list_elections(asked: dict[str, Any]) -> dict[str, Any]:
    """The elections of my household and of the areas I work over, newest first; `elected` waits for a worker."""
    found = page(elections_to_see(caller(), asked), asked, by=(HeadElection.id,))
    return {**found, "items": shown_elections(found["items"], to=caller())}


@head_elections.put("/head-elections/<uuid:election_id>")
@requires(anybody_here)
@head_elections.arguments(ElectionDecisionForm)
@head_elections.response(200, ElectionView)
@refuses(NotFound, Forbidden, OwnCase, AlreadyVoted, ElectionOver, NotElected, AdultNeeded)
@transactional
@assisted("vote", of=HeadElection)
def decide(form: dict[str, Any], election_id: UUID) -> dict[str, Any]:
    """Vote (an adult of the household, also at the desk), take a nomination back, or confirm the result (a worker)."""
    decision = form["decision"]
    if decision in ("yes", "no"):
        return _one(elections.vote(election_id, choice=decision, by=caller()))
    if decision == "withdrawn":
        return _one(elections.withdraw(election_id, by=caller()))
    return _one(
        elections.decide(election_id, by=caller(), confirmed=decision == "confirmed", reason=form.get("reason"))
    )


@head_elections.post("/households/<uuid:household_id>/merges")
@requires(anybody_here)
@head_elections.arguments(HouseholdMergeForm)
@head_elections.response(201, HouseholdMergeView)
@refuses(NotFound, Forbidden, HouseholdMoved, OtherHeadNeeded, HouseholdFull, MergeOpen)
@transactional
def ask_to_merge(form: dict[str, Any], household_id: UUID) -> HouseholdMerge:
    """As the head: ask that my household become part of another one, whose head agrees and a worker confirms."""
    return merging.ask(household_today(household_id), into_id=form["into_id"], by=caller())


@head_elections.get("/household-merges")
@requires(anybody_here)
@head_elections.arguments(HouseholdMergeQuery, location="query")
@head_elections.response(200, page_of(HouseholdMergeView))
def list_merges(asked: dict[str, Any]) -> dict[str, Any]:
    """The merges my household is part of, and those of the areas I work over; `agreed` waits for a worker."""
    return page(merges_to_see(caller(), state=asked.get("state")), asked, by=(HouseholdMerge.id,))


@head_elections.put("/household-merges/<uuid:merge_id>")
@requires(anybody_here)
@head_elections.arguments(HouseholdMergeDecisionForm)
@head_elections.response(200, HouseholdMergeView)
@refuses(NotFound, Forbidden, OwnCase, HouseholdMergeDecided, OtherHeadNeeded, HouseholdFull, HouseholdMoved)
@refuses(BalanceTooLarge)
@transactional
def decide_merge(form: dict[str, Any], merge_id: UUID) -> HouseholdMerge:
    """Agree (the other head), take it back (either head), confirm or decline (a worker): members move, pots add."""
    return merging.decide(merge_id, **form, by=caller())


def _one(election: HeadElection) -> dict[str, Any]:
    return shown_elections([election], to=caller())[0]
