"""Endpoints of accounts that are one person: what waits, what a decision would add, and deciding."""

from typing import Any
from uuid import UUID

from backend.foundation.admission import allow, requires
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import NotFound
from backend.foundation.limits import fails_closed
from backend.foundation.pages import page, page_of
from backend.ledger.errors import BalanceTooLarge
from backend.people import merging
from backend.people.errors import (
    BothOwe,
    DebtorIsKept,
    HeadStays,
    MergeDecided,
    MergeNeedsSecondPerson,
    OwnCase,
    RolesFirst,
)
from backend.people.merge_cases import open_by_worker
from backend.people.merge_queries import cases_to_see, find_case, shown_case, shown_cases, works_over_one_of
from backend.people.models import Person
from backend.people.permissions import workers_and_officers
from backend.people.verification_models import PersonMerge
from backend.people.verification_schemas import MergeDecisionForm, MergeForm, MergeListView, MergeQuery, MergeView

merges = Blueprint("merges", __name__, description="账号合并")


@merges.get("/person-merges")
@requires(workers_and_officers)
@merges.arguments(MergeQuery, location="query")
@merges.response(200, page_of(MergeListView))
def list_merges(asked: dict[str, Any]) -> dict[str, Any]:
    """Accounts that may be one person, of the areas I work over, newest first; `state=waiting` is to be decided."""
    found = page(cases_to_see(caller(), state=asked.get("state")), asked, by=(PersonMerge.id,))
    return {**found, "items": shown_cases(found["items"])}


@merges.post("/person-merges")
@requires(workers_and_officers)
@merges.arguments(MergeForm)
@merges.creates(MergeView)
@refuses(NotFound, OwnCase)
@transactional
def open_merge(form: dict[str, Any]) -> Any:
    """Say that two accounts are one person; another worker decides. Asking again answers the open case."""
    person, other = (_own(form[name]) for name in ("person_id", "other_id"))
    allow(works_over_one_of(caller(), person, other))
    case, is_new = open_by_worker(person, other, reason=form["reason"], opener=caller())
    return shown_case(case) if is_new else (shown_case(case), 200, REPLAYED)


@merges.get("/person-merges/<uuid:merge_id>")
@requires(workers_and_officers)
@merges.response(200, MergeView)
@refuses(NotFound)
def show_merge(merge_id: UUID) -> dict[str, Any]:
    """Both accounts, masked, with what a decision depends on."""
    return shown_case(find_case(merge_id, by=caller()))


@merges.put("/person-merges/<uuid:merge_id>")
@requires(workers_and_officers)
@merges.arguments(MergeDecisionForm)
@merges.response(200, MergeView)
@refuses(NotFound, OwnCase, MergeNeedsSecondPerson, MergeDecided, RolesFirst, DebtorIsKept, BothOwe, HeadStays)
@refuses(BalanceTooLarge)
@fails_closed
def decide_merge(form: dict[str, Any], merge_id: UUID) -> Any:
    """Make one person of two accounts, who goes on as `keep_id`, or leave them separate.

    Points and minutes are added to the kept account once; cards, phone and WeChat logins go along. The account that
    ends must have no roles and owe nothing. The logins of the account that ends stop: the person logs in again.
    """
    merged_id, is_new = _decide(form, merge_id)
    if merged_id is not None:  # hours go by themselves; if this is cut off, the worker carries them over
        transactional(merging.carry_over)(merged_id, unit="minutes", actor=f"person:{caller().person_id}")
    answer = shown_case(find(PersonMerge, merge_id))
    return answer if is_new else (answer, 200, REPLAYED)


@transactional
def _decide(form: dict[str, Any], merge_id: UUID) -> tuple[UUID | None, bool]:
    case, is_new = merging.decide(
        find_case(merge_id, by=caller()),
        decider=caller(),
        merge=form["decision"] == "merge",
        keep_id=form.get("keep_id"),
        reason=form["reason"],
    )
    return case.merged_id, is_new


def _own(person_id: UUID) -> Person:
    """A person of their own; an account that was merged is as missing as none."""
    person = find(Person, person_id)
    if person.merged_into_id is not None:
        raise NotFound()
    return person
