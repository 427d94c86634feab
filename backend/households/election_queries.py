"""What members and workers see of elections and of merges."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.households.election_models import HeadElection, HeadElector
from backend.households.merge_models import HouseholdMerge
from backend.people.permissions import scopes_worked_over
from backend.people.persons import person_now
from backend.people.queries import people_now
from backend.places.models import Area, Household


def elections_to_see(by: Caller, asked: dict[str, Any]) -> Select[HeadElection]:
    """Those of the caller's household, and those of the areas they work over."""
    query = select(HeadElection).where(_seen_by(by, HeadElection.household_id))
    if household_id := asked.get("household_id"):
        query = query.where(HeadElection.household_id == household_id)
    state, is_late = asked.get("state"), HeadElection.closes_at <= now()
    if state == "open":
        return query.where(HeadElection.state == "open", ~is_late)
    if state == "lapsed":
        return query.where(or_(HeadElection.state == "lapsed", and_(HeadElection.state == "open", is_late)))
    return query.where(HeadElection.state == state) if state else query


def merges_to_see(by: Caller, *, state: str | None = None) -> Select[HouseholdMerge]:
    """Those that the caller's household is part of, and those of the areas they work over."""
    seen = or_(_seen_by(by, HouseholdMerge.household_id), _seen_by(by, HouseholdMerge.into_id))
    query = select(HouseholdMerge).where(seen)
    return query.where(HouseholdMerge.state == state) if state else query


def shown_elections(elections: Sequence[HeadElection], *, to: Caller) -> list[dict[str, Any]]:
    """Elections with what the caller voted; of others' votes only how many."""
    nominees = people_now(election.nominee_id for election in elections)
    mine = select(HeadElector.election_id, HeadElector.vote).where(
        HeadElector.person_id == to.person_id, HeadElector.election_id.in_([election.id for election in elections])
    )
    votes: dict[UUID, str | None] = {row[0]: row[1] for row in session().execute(mine)}
    home = person_now(to.person_id).household_id
    at = now()
    return [
        {
            **{column.key: getattr(election, column.key) for column in HeadElection.__table__.columns},
            "state": "lapsed" if election.state == "open" and election.closes_at <= at else election.state,
            "nominee": nominees[election.nominee_id].name
            if election.household_id == home
            else nominees[election.nominee_id].masked_name,
            "my_vote": votes.get(election.id),
        }
        for election in elections
    ]


def _seen_by(by: Caller, household_id: Any) -> ColumnElement[bool]:
    seen: list[ColumnElement[bool]] = [household_id == by.household_id]
    if scopes := scopes_worked_over(by):
        below = [Area.path.startswith(scope, autoescape=True) for scope in scopes]
        areas = select(Area.id).where(or_(*below))
        seen.append(household_id.in_(select(Household.id).where(Household.area_id.in_(areas))))
    return or_(*seen)
