"""Endpoints of the pot: the head's choices, and what the head is asked to approve."""

from typing import Any
from uuid import UUID

from backend.foundation.admission import requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.pages import page, page_of
from backend.households import choices, spending
from backend.households.claim_queries import shown_household
from backend.households.claim_schemas import HouseholdView
from backend.households.errors import SpendingDecided
from backend.households.pot_models import SpendingRequest
from backend.households.pot_queries import requests_to_see, shown_requests
from backend.households.pot_schemas import ChoiceForm, SpendingDecisionForm, SpendingQuery, SpendingView
from backend.households.standing import household_today

pots = Blueprint("pots", __name__, description="家庭积分")


@pots.put("/households/<uuid:household_id>")
@requires(anybody_here)
@pots.arguments(ChoiceForm)
@pots.response(200, HouseholdView)
@refuses(NotFound, Forbidden)
@transactional
def choose(form: dict[str, Any], household_id: UUID) -> dict[str, Any]:
    """As the head: how much of the pot a member spends at once, and whether what adults earn goes to the pot."""
    home = household_today(household_id)
    choices.choose(home, **form, by=caller())
    return shown_household(home, to=caller())


@pots.get("/spending-requests")
@requires(anybody_here)
@pots.arguments(SpendingQuery, location="query")
@pots.response(200, page_of(SpendingView))
def list_requests(asked: dict[str, Any]) -> dict[str, Any]:
    """What my household's members want to spend above the limit, to the head; else what I asked for. Newest first."""
    found = page(requests_to_see(caller(), state=asked.get("state")), asked, by=(SpendingRequest.id,))
    return {**found, "items": shown_requests(found["items"])}


@pots.put("/spending-requests/<uuid:request_id>")
@requires(anybody_here)
@pots.arguments(SpendingDecisionForm)
@pots.response(200, SpendingView)
@refuses(NotFound, Forbidden, SpendingDecided)
@transactional
def decide(form: dict[str, Any], request_id: UUID) -> dict[str, Any]:
    """As the head: approve (good once, for 7 days) or decline; as whoever asked: withdraw."""
    return shown_requests([spending.decide(request_id, by=caller(), decision=form["decision"])])[0]
