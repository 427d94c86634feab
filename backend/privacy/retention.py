"""How long we keep what nothing refers to, and letting it go afterwards, a piece at a time.

个人信息保护法 art. 19: as short as the purpose needs, where no law or administrative regulation says otherwise. The
terms are ours; nothing here has one by law. What the ledger, a service record or a decision refers to is not here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select

from backend.foundation.db import session
from backend.foundation.outbox import OutboxMessage
from backend.people.session_models import AccessChange, Device, RefreshToken
from backend.privacy.erasure_models import ErasureRequest
from backend.safety.models import ContentReview, Picture, PictureFile

MONTH, HALF_A_YEAR, YEAR = timedelta(days=30), timedelta(days=180), timedelta(days=365)


@dataclass(frozen=True)
class Rule:
    """Rows of a table that were over before an instant; `why` says what they are kept for until then."""

    name: str
    term: timedelta
    why: str
    model: Any
    over: Callable[[datetime], Any]

    def found(self, *, at: datetime) -> Select[UUID]:
        """The ids of what may go."""
        return select(self.model.id).where(self.over(at - self.term))


# In this order: tokens go before the device that they are of.
RULES = (
    Rule(
        "refresh-tokens",
        HALF_A_YEAR,
        "a stolen token that is used again ends its family",
        RefreshToken,
        lambda before: RefreshToken.expires_at < before,
    ),
    Rule(
        "devices",
        HALF_A_YEAR,
        "their owner asks which phone that was",
        Device,
        lambda before: (
            (Device.ended_at < before)
            & ~select(RefreshToken.id)
            .where(RefreshToken.office_id == Device.office_id, RefreshToken.family_id == Device.id)
            .exists()
        ),
    ),
    Rule(
        "access-changes",
        MONTH,
        "every server hears within seconds; no access token lives for an hour",
        AccessChange,
        lambda before: AccessChange.changed_at < before,
    ),
    Rule(
        "messages",
        2 * YEAR,
        "they read again what they were told; a key is laid out once",
        OutboxMessage,
        lambda before: OutboxMessage.created_at < before,
    ),
    Rule(
        "content-reviews",
        YEAR,
        "the author asks why it was removed",
        ContentReview,
        lambda before: (
            (ContentReview.decided_at < before)
            | ((ContentReview.state == "replaced") & (ContentReview.created_at < before))
        ),
    ),
    Rule(
        "refused-pictures",
        MONTH,
        "the sender asks why it is not shown; the row stays and counts against the day",
        PictureFile,
        lambda before: (
            select(Picture.id)
            .where(
                Picture.office_id == PictureFile.office_id,
                Picture.id == PictureFile.id,
                Picture.state == "refused",
                Picture.created_at < before,
            )
            .exists()
        ),
    ),
    Rule(
        "withdrawn-erasures",
        YEAR,
        "who thought better of it asks when that was",
        ErasureRequest,
        lambda before: (ErasureRequest.state == "withdrawn") & (ErasureRequest.ended_at < before),
    ),
)


def overdue(rule: Rule, *, at: datetime) -> int:
    """How many rows of the office in force may go by that rule."""
    return session().scalars(select(func.count()).select_from(rule.found(at=at).subquery())).one()


def let_go(rule: Rule, *, at: datetime, limit: int) -> int:
    """Delete the oldest of them; how many. What another worker deletes this very moment is gone all the same."""
    ids: Sequence[UUID] = session().scalars(rule.found(at=at).order_by(rule.model.id).limit(limit)).all()
    if ids:
        session().execute(
            delete(rule.model).where(rule.model.id.in_(ids)), execution_options={"synchronize_session": False}
        )
    return len(ids)
