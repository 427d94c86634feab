"""Who is asking. Frozen plain values, so that permission is a yes-or-no question answered without a database."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import g


@dataclass(frozen=True)
class Grant:
    """A right somebody has, and where: the whole office `/`, an area path `/…/…/`, `group:<id>` or `merchant:<id>`.

    A caller's grants are those in force at that moment; the dates tell how long one may be handed on.
    """

    role: str
    scope: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_delegated: bool = False  # lent to somebody of another body: it is used, and never passed on

    def covers(self, scope: str) -> bool:
        """An area covers the areas below it; the office covers everything in it."""
        return self.scope == scope or (self.scope.endswith("/") and scope.startswith(self.scope)) or self.scope == "/"

    def holds(self, *, at: datetime) -> bool:
        """Has it begun, and not ended?"""
        return (self.starts_at is None or self.starts_at <= at) and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True)
class Caller:
    office_id: int
    person_id: UUID
    household_id: UUID | None
    verified: str
    grants: frozenset[Grant]
    device_id: UUID | None = None  # what they are logged in on
    helper_id: UUID | None = None  # who acts for them in this request; everything else is theirs
    channel: str | None = None  # how: at the desk, or within the household
    reason: str | None = None  # why, in the helper's words

    @property
    def doer_id(self) -> UUID:
        """Who does it with their own hands: the person, or whoever acts for them."""
        return self.helper_id or self.person_id

    def holds(self, *roles: str, over: str | None = None) -> bool:
        """Do they hold one of the roles, over that scope if one is named?"""
        return any(grant.role in roles and (over is None or grant.covers(over)) for grant in self.grants)

    def is_close_to(self, person_id: UUID, household_id: UUID | None) -> bool:
        """The same person or the same household: nobody decides for themselves or their own."""
        return self.person_id == person_id or (household_id is not None and household_id == self.household_id)


def caller() -> Caller:
    """Who is asking in this request; only behind `requires`."""
    asking: Caller = g.caller
    return asking


def anybody_here(_: Caller) -> bool:
    """Everybody who is logged in to the office."""
    return True
