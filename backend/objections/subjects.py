"""What an objection may be about: whether it is theirs, where it happened, and who did it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from backend.activities.models import Activity, CheckIn, Session
from backend.activities.queries import the_session
from backend.activities.sign_ups import sign_up_of
from backend.foundation.db import find, session
from backend.foundation.errors import NotFound
from backend.ledger.accounts import held_of, household_pot, person_wallet, recoverable_of
from backend.ledger.reading import moves_of
from backend.ledger.recorded import Recorded, recorded
from backend.merchants.models import Merchant, Redemption
from backend.objections.models import Objection
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.places.models import Household
from backend.places.offices import the_book


@dataclass(frozen=True)
class Subject:
    """Facts about it as they are now."""

    area_id: UUID | None
    done_by: frozenset[UUID] = frozenset()  # who judges it no more
    activity_id: UUID | None = None
    session_id: UUID | None = None


def subject_of(person: Person, subject_type: str, subject_id: UUID | None) -> Subject:
    """What somebody objects to; what is not theirs does not exist for them. Raises `NotFound`."""
    if subject_id is None:
        return Subject(_home_of(person))
    return _KINDS[subject_type](person, subject_id)


def session_to_correct(objection: Objection, person: Person, session_id: UUID | None) -> Session | None:
    """The session of which something is missing; None where the objection is about nothing of that kind.

    Raises `NotFound` for one of another activity, `SessionNeeded` where there are several.
    """
    subject = subject_of(person, objection.subject_type, objection.subject_id)
    if subject.activity_id is not None:
        return the_session(find(Activity, subject.activity_id), subject.session_id or session_id)
    return find(Session, session_id) if session_id is not None and objection.subject_type == "other" else None


def _check_in(person: Person, check_in_id: UUID) -> Subject:
    presence = find(CheckIn, check_in_id)
    _theirs(presence.person_id, person)
    hands = (presence.recorder_id, presence.checked_out_by_id, presence.reviewer_id)
    return Subject(
        find(Activity, presence.activity_id).area_id,
        _others(person, *hands),
        presence.activity_id,
        presence.session_id,
    )


def _activity(person: Person, activity_id: UUID) -> Subject:
    """One they signed up for and were not recorded at, or not rightly."""
    activity = find(Activity, activity_id)
    if not activity.is_announced or sign_up_of(activity.id, person.id) is None:
        raise NotFound()
    theirs = CheckIn.person_id.in_(selves_of(person.id))
    hands = [
        hand
        for presence in session().scalars(select(CheckIn).where(CheckIn.activity_id == activity.id, theirs))
        for hand in (presence.recorder_id, presence.checked_out_by_id, presence.reviewer_id)
    ]
    return Subject(activity.area_id, _others(person, *hands), activity.id)


def _redemption(person: Person, redemption_id: UUID) -> Subject:
    redemption = find(Redemption, redemption_id)
    _theirs(redemption.person_id, person)
    hands = (redemption.clerk_id, redemption.voider_id)
    return Subject(find(Merchant, redemption.merchant_id).area_id, _others(person, *hands))


def _entry(person: Person, entry_id: UUID) -> Subject:
    """One of their wallet, of what it has on hold or owes, or of their household's pot."""
    entry = recorded(the_book(), entry_id)
    if entry is None:
        raise NotFound()
    wallets = [person_wallet(str(each)) for each in selves_of(person.id)]
    wallets += [household_pot(str(person.household_id))] if person.household_id else []
    mine = {side for wallet in wallets for side in (wallet, held_of(wallet), recoverable_of(wallet))}
    if not any(mine & {move.source, move.destination} for move in moves_of(the_book(), entry_id)):
        raise NotFound()
    behind = _behind(person, entry)
    actor = _id_in(entry.actor, "person")
    return Subject(behind.area_id, behind.done_by | _others(person, actor), behind.activity_id, behind.session_id)


def _behind(person: Person, entry: Recorded) -> Subject:
    """The check-in or redemption that an entry came from, if it is one of their own."""
    for kind in ("check_in", "redemption"):
        if origin := _id_in(entry.origin, kind):
            try:
                return _KINDS[kind](person, origin)
            except NotFound:  # an award to the pot, for somebody else of the household
                break
    return Subject(_home_of(person))


def _theirs(owner_id: UUID, person: Person) -> None:
    if owner_id not in selves_of(person.id):
        raise NotFound()


def _others(person: Person, *hands: UUID | None) -> frozenset[UUID]:
    return frozenset(hand for hand in hands if hand is not None) - set(selves_of(person.id))


def _home_of(person: Person) -> UUID | None:
    return find(Household, person.household_id).area_id if person.household_id else None


def _id_in(said: str, kind: str) -> UUID | None:
    """`kind:<id>` → the id."""
    is_kind, _, name = said.partition(":")
    try:
        return UUID(name) if is_kind == kind else None
    except ValueError:
        return None


_KINDS: dict[str, Callable[[Person, UUID], Subject]] = {
    "entry": _entry,
    "check_in": _check_in,
    "activity": _activity,
    "redemption": _redemption,
}
