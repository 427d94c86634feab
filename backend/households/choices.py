"""What the head chose for the household: up to how much a member spends at once, and whether awards go to the pot."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.ids import uuid7
from backend.households.pot_models import HouseholdChoice
from backend.households.standing import is_head_of, locked_household
from backend.households.telling import adults_of, tell_again
from backend.places.models import Household

LIMIT_POINTS = 100  # of one redemption from the pot, until the head says another


def choose(
    home: Household, *, by: Caller, spend_limit_points: int | None = None, awards_to_pot: bool | None = None
) -> HouseholdChoice:
    """Change what is given; the adults are told when their awards begin or cease to go to the pot.

    Raises `NotFound`, `Forbidden` for a member who is not the head.
    """
    home = locked_household(home.id)
    if not is_head_of(by, home):
        raise Forbidden() if by.household_id == home.id else NotFound()
    known = chosen_by(home.id)
    went_to_pot = known is not None and known.awards_to_pot
    values = {"chosen_by_id": by.person_id, "chosen_at": now()}
    if spend_limit_points is not None:
        values["spend_limit_points"] = spend_limit_points
    if awards_to_pot is not None:
        values["awards_to_pot"] = awards_to_pot
    if known is None:
        defaults = {"spend_limit_points": LIMIT_POINTS, "awards_to_pot": False}
        insert_once(HouseholdChoice, id=uuid7(), household_id=home.id, **(defaults | values))
    else:
        session().execute(update(HouseholdChoice).where(HouseholdChoice.id == known.id).values(**values))
        session().refresh(known)
    if awards_to_pot is not None and awards_to_pot != went_to_pot:
        tell_again([adult.id for adult in adults_of(home.id)], "awards_to_pot" if awards_to_pot else "awards_to_own")
    chosen = chosen_by(home.id)
    assert chosen is not None  # noqa: S101  # written above
    return chosen


def chosen_by(household_id: UUID) -> HouseholdChoice | None:
    """The row of a household, if its head has ever chosen."""
    return session().scalar(select(HouseholdChoice).where(HouseholdChoice.household_id == household_id))


def limit_of(household_id: UUID) -> int:
    """How many points of the pot a member may spend at once without the head."""
    chosen = chosen_by(household_id)
    return LIMIT_POINTS if chosen is None else chosen.spend_limit_points


def award_to_pot(household_ids: Collection[UUID]) -> set[UUID]:
    """Those households whose adults' awards go to the pot."""
    if not household_ids:
        return set()
    wanted = select(HouseholdChoice.household_id).where(
        HouseholdChoice.household_id.in_(household_ids), HouseholdChoice.awards_to_pot.is_(True)
    )
    return set(session().scalars(wanted))
