"""Endpoints of a group's later life: its annual confirmation, suspension, category and legal level, and its end."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound, SecondPersonNeeded
from backend.foundation.pages import page, page_of
from backend.groups import branding, confirmations, dissolving, registering, suspending
from backend.groups.errors import (
    ConfirmationDecided,
    ConfirmationNotOpen,
    DestinationClosed,
    DissolutionBlocked,
    DissolutionDecided,
    GroupClosed,
    NotFiled,
    NothingChanged,
    NotSuspended,
    OwnGroup,
    ResumingBlocked,
)
from backend.groups.filing_schemas import (
    BrandForm,
    CategoryForm,
    ConfirmationDecisionForm,
    ConfirmationForm,
    ConfirmationQuery,
    ConfirmationView,
    DissolutionDecisionForm,
    DissolutionForm,
    DissolutionQuery,
    DissolutionView,
    ReasonForm,
    RegistrationForm,
)
from backend.groups.life_models import Confirmation, Dissolution
from backend.groups.models import Group
from backend.groups.queries import laid_before, may_see, runs, with_group, works_for
from backend.groups.schemas import GroupView
from backend.people.models import Person
from backend.people.permissions import officers

group_life = Blueprint("group_life", __name__, description="队伍的年度确认、暂停与注销")


@group_life.post("/groups/<uuid:group_id>/confirmations")
@requires(anybody_here)
@group_life.arguments(ConfirmationForm)
@group_life.creates(ConfirmationView)
@refuses(NotFound, Forbidden, NotFiled, GroupClosed, ConfirmationNotOpen)
@transactional
def report(form: dict[str, Any], group_id: UUID) -> Any:
    """Say how the last year was (年度确认); until a worker confirms it, again replaces it."""
    group = find(Group, group_id)
    allow(runs(group, by=caller()))
    said, is_new = confirmations.report(group, form, reporter=find(Person, caller().person_id))
    return _years([said])[0], 201 if is_new else 200


@group_life.get("/confirmations")
@requires(anybody_here)
@group_life.arguments(ConfirmationQuery, location="query")
@group_life.response(200, page_of(ConfirmationView))
def list_confirmations(asked: dict[str, Any]) -> dict[str, Any]:
    """Years of the groups I lead and of the areas I work for, the longest waiting first.

    Groups that reported none in time: `GET /groups?confirmation=overdue`.
    """
    query = select(Confirmation).where(
        laid_before(caller(), column=Confirmation.group_id), Confirmation.state == asked["state"]
    )
    if asked.get("group_id"):
        query = query.where(Confirmation.group_id == asked["group_id"])
    found = page(query, asked, by=(Confirmation.id,), newest_first=False)
    return {**found, "items": _years(found["items"])}


@group_life.put("/confirmations/<uuid:confirmation_id>")
@requires(anybody_here)
@group_life.arguments(ConfirmationDecisionForm)
@group_life.response(200, ConfirmationView)
@refuses(NotFound, Forbidden, OwnGroup, SecondPersonNeeded, ConfirmationDecided, GroupClosed)
@transactional
def decide_confirmation(form: dict[str, Any], confirmation_id: UUID) -> Any:
    """Confirm the year, or give it back with a reason."""
    confirmation = find(Confirmation, confirmation_id)
    group = find(Group, confirmation.group_id)
    visible(may_see(group, by=caller()))
    allow(works_for(group, by=caller()))
    decided, is_new = confirmations.decide(
        confirmation, decider=caller(), confirmed=form["decision"] == "confirmed", reason=form.get("reason")
    )
    return _years([decided])[0] if is_new else (_years([decided])[0], 200, REPLAYED)


@group_life.post("/groups/<uuid:group_id>/suspend")
@requires(anybody_here)
@group_life.arguments(ReasonForm)
@group_life.response(200, GroupView)
@refuses(NotFound, Forbidden, OwnGroup, GroupClosed)
@transactional
def suspend(form: dict[str, Any], group_id: UUID) -> Any:
    """Suspend a group: it takes nobody and publishes nothing until it is resumed."""
    group, is_new = suspending.suspend(_worked_for(group_id), by=caller(), reason=form["reason"])
    return group if is_new else (group, 200, REPLAYED)


@group_life.post("/groups/<uuid:group_id>/resume")
@requires(anybody_here)
@group_life.arguments(ReasonForm)
@group_life.response(200, GroupView)
@refuses(NotFound, Forbidden, OwnGroup, NotSuspended, ResumingBlocked)
@transactional
def resume(form: dict[str, Any], group_id: UUID) -> Group:
    """Let a suspended group go on, once nothing is missing."""
    return suspending.resume(_worked_for(group_id), by=caller(), reason=form["reason"])[0]


@group_life.put("/groups/<uuid:group_id>/category")
@requires(anybody_here)
@group_life.arguments(CategoryForm)
@group_life.response(200, GroupView)
@refuses(NotFound, Forbidden, OwnGroup, GroupClosed, NothingChanged)
@transactional
def recategorise(form: dict[str, Any], group_id: UUID) -> Group:
    """Put it into another category; its history keeps when."""
    group = _worked_for(group_id)
    return registering.recategorise(group, form["category"], by=caller(), reason=form.get("reason"))


@group_life.put("/groups/<uuid:group_id>/brand")
@requires(officers)
@group_life.arguments(BrandForm)
@group_life.response(200, GroupView)
@refuses(NotFound, OwnGroup, NotFiled, NothingChanged)
@transactional
def brand(form: dict[str, Any], group_id: UUID) -> Group:
    """Put a filed group forward as a brand of the office, or no more."""
    return branding.call_a_brand(find(Group, group_id), by=caller(), **form)


@group_life.put("/groups/<uuid:group_id>/registration")
@requires(officers)
@group_life.arguments(RegistrationForm)
@group_life.response(200, GroupView)
@refuses(NotFound, OwnGroup, GroupClosed, NothingChanged)
@transactional
def register(form: dict[str, Any], group_id: UUID) -> Group:
    """It was registered with the civil affairs office, and is a legal person from that day on."""
    return registering.register(
        find(Group, group_id),
        number=form["registration_number"],
        on=form["registered_on"],
        by=caller(),
        reason=form.get("reason"),
    )


@group_life.post("/groups/<uuid:group_id>/dissolutions")
@requires(anybody_here)
@group_life.arguments(DissolutionForm)
@group_life.creates(DissolutionView)
@refuses(NotFound, Forbidden, GroupClosed, DissolutionBlocked, DestinationClosed)
@transactional
def ask_to_dissolve(form: dict[str, Any], group_id: UUID) -> Any:
    """Its leader asks, or an officer orders, that the group end; an officer who is somebody else decides."""
    group = find(Group, group_id)
    is_its_leader = caller().holds("leader", over=f"group:{group.id}")
    allow(is_its_leader or officers(caller()))
    asked, is_new = dissolving.ask(group, **form, by=caller(), running=_running(), is_ordered=not is_its_leader)
    return _ends([asked])[0] if is_new else (_ends([asked])[0], 200, REPLAYED)


@group_life.get("/dissolutions")
@requires(anybody_here)
@group_life.arguments(DissolutionQuery, location="query")
@group_life.response(200, page_of(DissolutionView))
def list_dissolutions(asked: dict[str, Any]) -> dict[str, Any]:
    """Of the groups I lead and of the areas I work for, the longest waiting first."""
    query = select(Dissolution).where(
        laid_before(caller(), column=Dissolution.group_id), Dissolution.state == asked["state"]
    )
    found = page(query, asked, by=(Dissolution.id,), newest_first=False)
    return {**found, "items": _ends(found["items"])}


@group_life.put("/dissolutions/<uuid:dissolution_id>")
@requires(officers)
@group_life.arguments(DissolutionDecisionForm)
@group_life.response(200, DissolutionView)
@refuses(NotFound, OwnGroup, SecondPersonNeeded, DissolutionDecided, DissolutionBlocked, DestinationClosed)
@transactional
def decide_dissolution(form: dict[str, Any], dissolution_id: UUID) -> Any:
    """Approve it, and the group ends and its points go where they are to go; or decline."""
    decided, is_new = dissolving.decide(
        find(Dissolution, dissolution_id),
        decider=caller(),
        approved=form["decision"] == "approved",
        running=_running(),
        reason=form.get("reason"),
    )
    return _ends([decided])[0] if is_new else (_ends([decided])[0], 200, REPLAYED)


def _worked_for(group_id: UUID) -> Group:
    group = find(Group, group_id)
    allow(works_for(group, by=caller()))
    return group


def _running() -> dissolving.Running:
    return cast(dissolving.Running, current_app.extensions["running_of_group"])


def _years(rows: Sequence[Confirmation]) -> list[dict[str, Any]]:
    fields = ("id", "year", "members", "activities", "changes", "state", "reported_at", "decided_at", "reason")
    return with_group(rows, fields, ("reporter", "decider"))


def _ends(rows: Sequence[Dissolution]) -> list[dict[str, Any]]:
    fields = ("id", "is_ordered", "to_group_id", "reason", "state", "requested_at", "decided_at", "decision_reason")
    return with_group(rows, (*fields, "points"), ("requester", "decider"))
