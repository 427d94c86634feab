"""Writing down what somebody did for somebody else, in the transaction that did it."""

from uuid import UUID

from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import add
from backend.foundation.ids import uuid7
from backend.foundation.tenancy import office_in_force
from backend.people.assisted_models import AssistedAct


def record(
    act: str,
    *,
    actor_id: UUID,
    beneficiary_id: UUID,
    channel: str,
    reason: str | None = None,
    subject_id: UUID | None = None,
    points: int = 0,
) -> AssistedAct:
    """Who did what for whom, how and why; `subject_id` is the row that the deed wrote, `points` what it spent."""
    noted = AssistedAct(
        office_id=office_in_force(),
        id=uuid7(),
        actor_id=actor_id,
        beneficiary_id=beneficiary_id,
        channel=channel,
        act=act,
        subject_id=subject_id,
        points=points,
        done_at=now(),
    )
    if reason is not None:
        noted.reason = reason
    return add(noted)


def record_for(by: Caller, act: str, *, subject_id: UUID | None = None, points: int = 0) -> None:
    """The same for a caller, if somebody acts for them."""
    if by.helper_id is None or by.channel is None:
        return
    record(
        act,
        actor_id=by.helper_id,
        beneficiary_id=by.person_id,
        channel=by.channel,
        reason=by.reason,
        subject_id=subject_id,
        points=points,
    )
