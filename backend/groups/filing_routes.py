"""Endpoints of filings (备案), and of what an office demands of its groups."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound, SecondPersonNeeded
from backend.foundation.pages import page, page_of
from backend.groups import deciding_filings, filings
from backend.groups.charters import CHARTERS, CURRENT
from backend.groups.errors import AlreadyFiled, FilingDecided, FilingIncomplete, GroupClosed, OwnGroup
from backend.groups.filing_models import Filing, GroupPolicy
from backend.groups.filing_schemas import (
    ChartersView,
    FilingDecisionForm,
    FilingForm,
    FilingQuery,
    FilingView,
    GroupPolicyForm,
    GroupPolicyView,
    OneFilingView,
)
from backend.groups.models import Group
from backend.groups.policies import change_policy, policy
from backend.groups.queries import laid_before, may_see, runs, shown_filings, works_for
from backend.people.permissions import officers
from backend.places.areas import within
from backend.places.models import Area
from backend.safety.judged import judged

filing = Blueprint("filings", __name__, description="队伍备案")


@filing.post("/groups/<uuid:group_id>/filings")
@requires(anybody_here)
@filing.arguments(FilingForm)
@filing.creates(OneFilingView)
@refuses(NotFound, Forbidden, AlreadyFiled, GroupClosed, FilingDecided)
@judged("name", "venue", "charter", about=Filing)
def draft(form: dict[str, Any], group_id: UUID) -> Any:
    """Write down what is to be filed, complete or not; again changes the draft. `missing` says what it still needs."""
    group = find(Group, group_id)
    allow(runs(group, by=caller()))
    written, is_new = filings.draft(group, form, drafter_id=caller().person_id)
    return _one(written), 201 if is_new else 200


@filing.post("/filings/<uuid:filing_id>/submit")
@requires(anybody_here)
@filing.response(200, OneFilingView)
@refuses(NotFound, Forbidden, FilingIncomplete, FilingDecided, GroupClosed)
@transactional
def submit(filing_id: UUID) -> Any:
    """Hand it in. Whatever is missing is said at once; the community answers by `due_on`."""
    found, group = _seen(filing_id)
    allow(runs(group, by=caller()))
    handed_in, is_new = filings.submit(found, submitter_id=caller().person_id)
    return _one(handed_in) if is_new else (_one(handed_in), 200, REPLAYED)


@filing.get("/filings")
@requires(anybody_here)
@filing.arguments(FilingQuery, location="query")
@filing.response(200, page_of(FilingView))
@refuses(NotFound)
def list_filings(asked: dict[str, Any]) -> dict[str, Any]:
    """Filings of the groups I lead and of the areas I work for: what waits, the most urgent first."""
    query = select(Filing).where(laid_before(caller(), column=Filing.group_id))
    waits = asked["state"] == "waiting"
    query = query.where(Filing.state.in_(("submitted", "reviewed")) if waits else Filing.state == asked["state"])
    if asked.get("group_id"):
        query = query.where(Filing.group_id == asked["group_id"])
    if asked.get("area_id"):
        there = select(Group.id).where(Group.area_id.in_(within(find(Area, asked["area_id"]).path)))
        query = query.where(Filing.group_id.in_(there))
    if asked.get("overdue"):
        is_late = Filing.due_on < shanghai_day(now())
        query = query.where(is_late if asked["overdue"] == "true" else ~is_late)
    found = page(query, asked, by=(Filing.due_on, Filing.id) if waits else (Filing.id,), newest_first=not waits)
    return {**found, "items": shown_filings(found["items"])}


@filing.get("/filings/<uuid:filing_id>")
@requires(anybody_here)
@filing.response(200, OneFilingView)
@refuses(NotFound)
def show(filing_id: UUID) -> dict[str, Any]:
    """One filing, with what is missing."""
    return _one(_seen(filing_id)[0])


@filing.put("/filings/<uuid:filing_id>")
@requires(anybody_here)
@filing.arguments(FilingDecisionForm)
@filing.response(200, OneFilingView)
@refuses(NotFound, Forbidden, OwnGroup, SecondPersonNeeded, FilingDecided, FilingIncomplete, GroupClosed)
@transactional
def decide(form: dict[str, Any], filing_id: UUID) -> Any:
    """A worker reviews or returns it, then an officer files, returns or rejects it; its group may withdraw it."""
    found, group = _seen(filing_id)
    decision = form["decision"]
    if decision == "withdrawn":
        allow(runs(group, by=caller()))
        decided, is_new = filings.withdraw(found)
    else:
        allow(works_for(group, by=caller()) and (decision in ("reviewed", "returned") or officers(caller())))
        decided, is_new = deciding_filings.decide(found, decider=caller(), decision=decision, reason=form.get("reason"))
    return _one(decided) if is_new else (_one(decided), 200, REPLAYED)


@filing.get("/group-charters")
@requires(anybody_here)
@filing.response(200, ChartersView)
def list_charters() -> dict[str, Any]:
    """The charter templates; a group accepts the current one to be filed."""
    items = [{"version": version, "is_current": version == CURRENT, "text": text} for version, text in CHARTERS.items()]
    return {"items": items, "next": None}


@filing.get("/office/group-policy")
@requires(anybody_here)
@filing.response(200, GroupPolicyView)
def show_policy() -> GroupPolicy:
    """What a group needs to be filed here, and how many working days each side has."""
    return policy()


@filing.put("/office/group-policy")
@requires(officers)
@filing.arguments(GroupPolicyForm)
@filing.response(200, GroupPolicyView)
@transactional
def put_policy(form: dict[str, Any]) -> GroupPolicy:
    """Change what is given; days already promised stay."""
    return change_policy(form)


def _seen(filing_id: UUID) -> tuple[Filing, Group]:
    found = find(Filing, filing_id)
    group = find(Group, found.group_id)
    visible(may_see(group, by=caller()))
    return found, group


def _one(found: Filing) -> dict[str, Any]:
    is_open = found.state in filings.OPEN
    missing = filings.what_is_missing(found, find(Group, found.group_id)) if is_open else []
    return shown_filings([found])[0] | {"missing": missing}
