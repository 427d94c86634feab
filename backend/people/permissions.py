"""Who may do what: yes or no, from the caller's grants alone, without a database."""

from uuid import UUID

from backend.foundation.callers import Caller
from backend.people.models import Person


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
