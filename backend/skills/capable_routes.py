"""Endpoints of capable people: 能人库."""

from typing import Any
from uuid import UUID

from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound, Unprocessable
from backend.foundation.pages import page, page_of
from backend.people.assisted import assisted
from backend.people.permissions import workers_and_officers
from backend.safety.judged import judged
from backend.skills import finding
from backend.skills.capable_queries import (
    is_about,
    listed,
    own,
    queue,
    residents_and_staff,
    shown_listed,
    shown_suggestions,
    works_over_them,
)
from backend.skills.errors import CapableDecided, DeclinedLately, NotToBeListed, OwnSuggestion, SuggestedBefore
from backend.skills.models import CapablePerson
from backend.skills.schemas import (
    CapableDecisionForm,
    CapableQuery,
    CapableView,
    OwnCapableQuery,
    QueueQuery,
    SuggestForm,
    SuggestionView,
)

capable_people = Blueprint("capable_people", __name__, description="能人库")


@capable_people.get("/capable-people")
@requires(residents_and_staff)
@capable_people.arguments(CapableQuery, location="query")
@capable_people.response(200, page_of(CapableView))
@refuses(NotFound)
def list_capable(asked: dict[str, Any]) -> dict[str, Any]:
    """Who is known for what, with what they have done and who found them; `q` finds by Chinese, pinyin, initials."""
    found = page(listed(asked), asked, by=(CapablePerson.id,))
    return {**found, "items": shown_listed(found["items"])}


@capable_people.get("/me/capable-people")
@requires(anybody_here)
@capable_people.arguments(OwnCapableQuery, location="query")
@capable_people.response(200, page_of(SuggestionView))
def list_mine(asked: dict[str, Any]) -> dict[str, Any]:
    """For what I was suggested, invited or listed; with `role=finder`, whom I suggested and what became of it."""
    found = page(own(asked, by=caller()), asked, by=(CapablePerson.id,))
    return {**found, "items": shown_suggestions(found["items"])}


@capable_people.get("/capable-people/suggestions")
@requires(workers_and_officers)
@capable_people.arguments(QueueQuery, location="query")
@capable_people.response(200, page_of(SuggestionView))
@refuses(NotFound)
def list_queue(asked: dict[str, Any]) -> dict[str, Any]:
    """Who was suggested in the areas I work for, with what they have done; the oldest first."""
    found = page(queue(asked, by=caller()), asked, by=(CapablePerson.id,), newest_first=False)
    return {**found, "items": shown_suggestions(found["items"])}


@capable_people.post("/capable-people")
@requires(residents_and_staff)
@capable_people.arguments(SuggestForm)
@capable_people.creates(SuggestionView)
@refuses(NotFound, OwnSuggestion, NotToBeListed, DeclinedLately, SuggestedBefore)
@judged("title", "reason", about=CapablePerson)
def suggest(form: dict[str, Any]) -> Any:
    """Suggest somebody for a skill: a worker looks at it and invites them, and they decide."""
    capable, is_new = finding.suggest(form["person_id"], by=caller(), title=form["title"], reason=form["reason"])
    return _one(capable), 201 if is_new else 200


@capable_people.put("/capable-people/<uuid:capable_id>")
@requires(anybody_here)
@capable_people.arguments(CapableDecisionForm)
@capable_people.response(200, SuggestionView)
@refuses(NotFound, Forbidden, OwnSuggestion, CapableDecided)
@transactional
@assisted("decide_capable")
def decide(form: dict[str, Any], capable_id: UUID) -> dict[str, Any]:
    """Workers invite or dismiss; the person accepts, declines, or withdraws, which a worker does with a reason."""
    capable = find(CapablePerson, capable_id)
    is_mine, is_worker = is_about(caller(), capable), works_over_them(caller(), capable)
    visible(is_mine or is_worker)
    decision, reason = form["decision"], form.get("reason")
    if decision in ("invited", "dismissed"):
        allow(is_worker)
        if decision == "invited":
            return _one(finding.invite(capable, worker=caller()))
        return _one(finding.dismiss(capable, worker=caller(), reason=reason))
    if decision == "withdrawn":
        if not is_mine and reason is None:
            raise Unprocessable(errors={"reason": ["请填写移出能人库的原因"]})
        return _one(finding.withdraw(capable, by=caller(), reason=reason))
    allow(is_mine)
    if decision == "accepted":
        return _one(finding.accept(capable, shown_as=form.get("shown_as", "masked")))
    return _one(finding.decline(capable, by=caller(), reason=reason))


def _one(capable: CapablePerson) -> dict[str, Any]:
    return shown_suggestions([capable])[0]
