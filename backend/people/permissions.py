"""Who may do what: yes or no, from the caller's grants alone, without a database."""

from collections.abc import Iterable
from uuid import UUID

from backend.foundation.callers import Caller, Grant
from backend.people.models import Person
from backend.people.role_models import FITS
from backend.people.scopes import Scope


def is_close(caller: Caller, person: Person) -> bool:
    """Themselves or somebody of their household: nobody decides for those."""
    return caller.is_close_to(person.id, person.household_id)


def officers(caller: Caller) -> bool:
    return caller.holds("officer")


def officers_and_auditors(caller: Caller) -> bool:
    return caller.holds("officer", "auditor")


def workers_and_officers(caller: Caller) -> bool:
    return caller.holds("worker", "officer")


def scopes_worked_over(caller: Caller) -> list[str]:
    """The paths of the areas they work over, for a list."""
    return [grant.scope for grant in caller.grants if grant.role in ("worker", "officer")]


def organisers(caller: Caller) -> bool:
    """Everybody who prepares activities, or answers for those who do."""
    return caller.holds("leader", "deputy", "worker", "officer", "auditor")


def shop_people(caller: Caller) -> bool:
    return caller.holds("clerk", "owner")


def shop_people_and_officers(caller: Caller) -> bool:
    return caller.holds("clerk", "owner", "officer")


def works_over(caller: Caller, path: str) -> bool:
    """A worker of the area, or an officer."""
    return caller.holds("worker", "officer", over=path)


def leads(caller: Caller, group_id: UUID | None) -> bool:
    return group_id is not None and caller.holds("leader", "deputy", over=f"group:{group_id}")


def helps(caller: Caller, group_id: UUID | None) -> bool:
    """A leader, deputy or helper of the group: they stand at the door."""
    return group_id is not None and caller.holds("leader", "deputy", "helper", over=f"group:{group_id}")


def serves(caller: Caller, merchant_id: UUID) -> bool:
    """A clerk or the owner of the merchant."""
    return caller.holds("clerk", "owner", over=f"merchant:{merchant_id}")


def owns(caller: Caller, merchant_id: UUID) -> bool:
    return caller.holds("owner", over=f"merchant:{merchant_id}")


# Who may give which roles, and take them back: always below their own. Over *what* is `may_grant`'s second question.
GIVES: dict[str, frozenset[str]] = {
    "officer": frozenset({"officer", "auditor", "worker", "leader", "deputy", "helper", "owner", "clerk"}),
    "worker": frozenset({"leader", "deputy", "helper", "owner", "clerk"}),
    "leader": frozenset({"deputy", "helper"}),
    "deputy": frozenset({"helper"}),
    "owner": frozenset({"clerk"}),
}


def may_grant(grants: Iterable[Grant], role: str, *, over: Scope) -> bool:
    """May who holds these grants give this role over that scope, and withdraw it there?

    A role is given over what it fits, by somebody above it, within what that somebody's own grant covers: the scope
    itself or the ground it lies on. What is only delegated gives nothing. An officer needs a second officer on top of
    this, and nobody gives anything to themselves or their household: both are asked by the deeds.
    """
    return role in FITS[over.type] and any(
        gives(grant, role) and (grant.covers(over.path) or grant.covers(over.within)) for grant in grants
    )


def gives(grant: Grant, role: str) -> bool:
    """Is this role below that grant, wherever it may be?"""
    return not grant.is_delegated and role in GIVES.get(grant.role, ())
