"""What goes from one pot to another without being spent, and which decision each of these entries follows from.

As in `evidence`, every select names its office.
"""

from typing import Any

from sqlalchemy import String, case, cast, func, literal, not_, or_, select

from backend.groups.life_models import Dissolution
from backend.groups.models import Group
from backend.households.transfer_models import PotTransfer
from backend.ledger.accounts import CHARITY_POOL
from backend.ledger.verify_business import Evidence, claim, written
from backend.people.models import Person
from backend.people.parting_models import Bequest, Parting
from backend.people.verification_models import CarryOver, PersonMerge
from backend.places.models import Household

_carried: Any = CarryOver.__table__.c
_ends: Any = Dissolution.__table__.c
_homes: Any = Household.__table__.c
_left: Any = Bequest.__table__.c
_merges: Any = PersonMerge.__table__.c
_partings: Any = Parting.__table__.c
_people: Any = Person.__table__.c
_pots: Any = PotTransfer.__table__.c


def of_transfers(office_id: int) -> Evidence:
    """Accounts or households that are one, what minors had before there was a pot, who is gone, groups that ended."""
    return Evidence(
        "transfers",
        ("transfer",),
        (_carried_over(office_id), _bequeathed(office_id), _disposed_of(office_id), _moved_into_pots(office_id)),
        contradictions=(
            _carried_between_strangers(office_id),
            _left_by_the_living(office_id),
            _taken_from_a_group_that_goes_on(office_id),
            _moved_into_strange_pots(office_id),
        ),
    )


def _carried_over(office_id: int) -> Any:
    columns = claim(
        entry=_carried.entry_id,
        kind="transfer",
        amount=_carried.amount,
        origin=written("person_merge:", _carried.merge_id),
        key=written("transfer:", _carried.merge_id, ":", _carried.n),
        accounts={
            "source": written("person:", _carried.source_id),
            "destination": written("person:", _carried.destination_id),
        },
    )
    return select(*columns).where(_carried.office_id == office_id)


def _bequeathed(office_id: int) -> Any:
    is_to_pool = _left.household_id.is_(None)
    columns = claim(
        entry=_left.entry_id,
        kind="transfer",
        amount=_left.points,
        origin=written("parting:", _left.parting_id),
        key=written("transfer:", _left.parting_id, ":", _left.n),
        accounts={
            "source": written("person:", _left.source_id),
            "destination": case(
                (is_to_pool, literal(f"{CHARITY_POOL.kind}:{CHARITY_POOL.owner}")),
                else_=written("household:", _left.household_id),
            ),
        },
    )
    return select(*columns).where(_left.office_id == office_id)


def _disposed_of(office_id: int) -> Any:
    to_pool = literal(f"{CHARITY_POOL.kind}:{CHARITY_POOL.owner}")
    columns = claim(
        entry=_ends.entry_id,
        kind="transfer",
        amount=_ends.points,
        origin=written("dissolution:", _ends.id),
        key=written("transfer:", _ends.id),
        accounts={
            "source": written("group:", _ends.group_id),
            "destination": case((_ends.to_group_id.is_(None), to_pool), else_=written("group:", _ends.to_group_id)),
        },
    )
    return select(*columns).where(_ends.office_id == office_id, _ends.entry_id.is_not(None))


def _moved_into_pots(office_id: int) -> Any:
    is_minors = _pots.person_id.is_not(None)
    columns = claim(
        entry=_pots.entry_id,
        kind="transfer",
        amount=_pots.points,
        origin=written("pot_transfer:", _pots.id),
        key=written("transfer:", _pots.id),
        accounts={
            "source": case(
                (is_minors, written("person:", _pots.person_id)), else_=written("household:", _pots.household_id)
            ),
            "destination": written("household:", _pots.into_id),
        },
    )
    return select(*columns).where(_pots.office_id == office_id)


def _carried_between_strangers(office_id: int) -> Any:
    """What was carried from an account that no decision ended, or to somebody else than who they are today."""
    ended, receiver = Person.__table__.alias("ended"), Person.__table__.alias("receiver")
    joined = (
        CarryOver.__table__.outerjoin(
            PersonMerge.__table__,
            (_merges.office_id == _carried.office_id)
            & (_merges.id == _carried.merge_id)
            & (_merges.merged_id == _carried.source_id)
            & (_merges.state == "merged"),
        )
        .outerjoin(ended, (ended.c.office_id == _carried.office_id) & (ended.c.id == _carried.source_id))
        .outerjoin(receiver, (receiver.c.office_id == _carried.office_id) & (receiver.c.id == _carried.destination_id))
    )
    is_today = func.coalesce(receiver.c.merged_into_id, receiver.c.id)
    return (
        select(
            cast(_carried.id, String).label("subject"),
            (
                literal("carries ") + cast(_carried.amount, String) + literal(" to somebody they were not merged into")
            ).label("said"),
        )
        .select_from(joined)
        .where(
            _carried.office_id == office_id,
            or_(_merges.id.is_(None), ended.c.merged_into_id.is_(None), is_today != ended.c.merged_into_id),
        )
    )


def _left_by_the_living(office_id: int) -> Any:
    """What went on from the wallet of somebody who is not recorded as gone, or to another pot than they left it to."""
    joined = Bequest.__table__.outerjoin(
        Parting.__table__,
        (_partings.office_id == _left.office_id)
        & (_partings.id == _left.parting_id)
        & (_partings.person_id == _left.source_id),
    )
    joined = joined.outerjoin(
        Person.__table__, (_people.office_id == _left.office_id) & (_people.id == _left.source_id)
    )
    # The household that was theirs may have been merged since.
    joined = joined.outerjoin(
        Household.__table__, (_homes.office_id == _partings.office_id) & (_homes.id == _partings.household_id)
    )
    is_theirs = or_(
        _partings.household_id.is_(None) & _left.household_id.is_(None),
        _left.household_id == _partings.household_id,
        _left.household_id == _homes.merged_into_id,
    )
    return (
        select(
            cast(_left.id, String).label("subject"),
            (literal("leaves ") + cast(_left.points, String) + literal(" points nobody left, or not to them")).label(
                "said"
            ),
        )
        .select_from(joined)
        .where(
            _left.office_id == office_id,
            or_(_partings.id.is_(None), _people.parted_at.is_(None), not_(func.coalesce(is_theirs, False))),
        )
    )


def _taken_from_a_group_that_goes_on(office_id: int) -> Any:
    """What was disposed of though the group is not dissolved, or nobody approved that."""
    groups = Group.__table__.c
    joined = Dissolution.__table__.outerjoin(
        Group.__table__, (groups.office_id == _ends.office_id) & (groups.id == _ends.group_id)
    )
    return (
        select(
            cast(_ends.id, String).label("subject"),
            (literal("disposes of ") + cast(_ends.points, String) + literal(" points of a group that goes on")).label(
                "said"
            ),
        )
        .select_from(joined)
        .where(
            _ends.office_id == office_id,
            _ends.entry_id.is_not(None),
            or_(_ends.state != "approved", func.coalesce(groups.stage, "") != "dissolved"),
        )
    )


def _moved_into_strange_pots(office_id: int) -> Any:
    """What went from the pot of a household that was not merged, or to another one than it was merged into."""
    ended, into = Household.__table__.alias("ended"), Household.__table__.alias("into")
    joined = PotTransfer.__table__.outerjoin(
        ended, (ended.c.office_id == _pots.office_id) & (ended.c.id == _pots.household_id)
    ).outerjoin(into, (into.c.office_id == _pots.office_id) & (into.c.id == _pots.into_id))
    is_today = func.coalesce(into.c.merged_into_id, into.c.id)
    return (
        select(
            cast(_pots.id, String).label("subject"),
            (
                literal("moves ") + cast(_pots.points, String) + literal(" points to a household it did not become")
            ).label("said"),
        )
        .select_from(joined)
        .where(
            _pots.office_id == office_id,
            _pots.cause == "merge",
            or_(ended.c.merged_into_id.is_(None), is_today != ended.c.merged_into_id),
        )
    )
