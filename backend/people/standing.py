"""What somebody counts as here: how far they are verified, behind which door, and as one person with whom.

Whatever a token or a cache may know of it changes in here and nowhere else.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from backend.foundation.db import session
from backend.people.models import Person

LEVELS = ("none", "phone", "resident")  # each includes the ones before


def rise_to(person: Person, verified: str) -> None:
    """Verified that far from now on; nobody falls back by it."""
    person.verified = max(person.verified, verified, key=LEVELS.index)
    session().flush()


def fall_to_none(person: Person) -> None:
    """Not verified any more: what it rested on is gone."""
    person.verified = "none"
    session().flush()


def move_in(person: Person, household_id: UUID, *, role: str, at: datetime | None) -> None:
    """They live behind that door since then (None: since before we wrote it down)."""
    person.household_id, person.household_role, person.household_since = household_id, role, at
    session().flush()


def move_out(person: Person) -> None:
    """They live behind no door that we know of; how far they are verified stays.

    Since when they lived behind the last one stays too: leaving first makes no move sooner, see `verifying`.
    """
    person.household_id = person.household_role = None
    session().flush()


def be_gone(person: Person, *, at: datetime) -> None:
    """They are nobody's member, and nobody logs in as them any more."""
    person.parted_at = at
    move_out(person)


def become_one(merged: Person, kept: Person, *, at: datetime) -> None:
    """The merged account is nobody of its own any more; whoever was merged into it before is the kept one now, too."""
    merged.merged_into_id = kept.id
    merged.household_id = merged.household_role = merged.household_since = None
    kept.took_over_at = at
    session().flush()
    session().execute(update(Person).where(Person.merged_into_id == merged.id).values(merged_into_id=kept.id))
