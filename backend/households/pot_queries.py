"""What the head and whoever asked see of requests to spend from the pot."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, false, select

from backend.foundation.callers import Caller
from backend.households.pot_models import SpendingRequest
from backend.households.standing import household_today, is_head_of
from backend.people.queries import people_now


def requests_to_see(by: Caller, *, state: str | None = None) -> Select[SpendingRequest]:
    """The caller's own; of the whole household if they are its head. Of a household one has left, nothing."""
    query = select(SpendingRequest)
    if by.household_id is None:
        return query.where(false())
    query = query.where(SpendingRequest.household_id == by.household_id)
    if not is_head_of(by, household_today(by.household_id)):
        query = query.where(SpendingRequest.person_id == by.person_id)
    return query.where(SpendingRequest.state == state) if state else query


def shown_requests(requests: Sequence[SpendingRequest]) -> list[dict[str, Any]]:
    """Requests with who asked."""
    people = people_now(request.person_id for request in requests)
    return [
        {
            **{column.key: getattr(request, column.key) for column in SpendingRequest.__table__.columns},
            "person": people[request.person_id].name,
        }
        for request in requests
    ]
