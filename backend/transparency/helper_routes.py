"""Endpoint of helper–elder patterns, for auditors and officers."""

from datetime import timedelta
from typing import Any

from backend.foundation.admission import requires
from backend.foundation.api import Blueprint
from backend.foundation.clock import now, shanghai_day, start_of_day
from backend.people.permissions import officers_and_auditors
from backend.transparency.helper_patterns import helper_patterns
from backend.transparency.helper_schemas import PatternQuery, PatternsView

auditing = Blueprint("auditing", __name__, description="审计：代办情况")

DAYS = 30


@auditing.get("/office/helper-patterns")
@requires(officers_and_auditors)
@auditing.arguments(PatternQuery, location="query")
@auditing.response(200, PatternsView)
def list_patterns(asked: dict[str, Any]) -> dict[str, Any]:
    """Who acts for whom: the pairs with the most points, then acts, 100 at most; names masked."""
    until = asked.get("until") or shanghai_day(now())
    since = asked.get("since") or until - timedelta(days=DAYS)
    found = helper_patterns(since=start_of_day(since), until=start_of_day(until + timedelta(days=1)))
    return {"items": found, "next": None}
