"""What redemptions say about their ledger entries, and about what they are worth; gathered in `evidence`."""

from typing import Any

from sqlalchemy import BigInteger, String, case, cast, func, literal, or_, select

from backend.ledger.verify_business import NOBODY, Evidence, claim, share, written
from backend.merchants.models import Redemption, RedemptionValue
from backend.transparency.group_evidence import confirmed_for_something_else

_redemptions: Any = Redemption.__table__.c
_values: Any = RedemptionValue.__table__.c


def of_redemptions(office_id: int) -> Evidence:
    """Each step of a redemption: out of the wallet that pays, to the shop, or back."""
    steps = {"hold": "hold_id", "capture": "capture_id", "release": "release_id", "refund": "refund_id"}
    keys = {
        "hold": written("hold:", _redemptions.person_id, ":", _redemptions.request_key),
        "capture": written("capture:", _redemptions.hold_id),
        "release": written("release:", _redemptions.hold_id),
        "refund": written("refund:", _redemptions.capture_id),
    }
    by_group, by_pot = _redemptions.group_id.is_not(None), _redemptions.household_id.is_not(None)
    sides = {
        "merchant": written(_redemptions.merchant_id),
        "person": case((or_(by_group, by_pot), NOBODY), else_=written(_redemptions.person_id)),
        "household": case((by_pot, written(_redemptions.household_id)), else_=NOBODY),
        "group": case((by_group, written(_redemptions.group_id)), else_=NOBODY),
    }

    def step(kind: str) -> Any:
        entry = _redemptions[steps[kind]]
        columns = claim(
            entry=entry,
            kind=kind,
            amount=_redemptions.points + (_redemptions.returned_points if kind in ("hold", "release") else 0),
            origin=written("redemption:", _redemptions.id),
            key=keys[kind],
            accounts=sides,
        )
        return select(*columns).where(_redemptions.office_id == office_id, entry.is_not(None))

    return Evidence(
        "redemptions",
        tuple(steps),
        tuple(step(kind) for kind in steps),
        shares=(_shares(office_id),),
        contradictions=(
            _worth_of_other_points(office_id),
            _worth_not_rounded_as_agreed(office_id),
            confirmed_for_something_else(office_id),
        ),
    )


def _values_joined(office_id: int) -> Any:
    of_it = (_values.office_id == _redemptions.office_id) & (_values.redemption_id == _redemptions.id)
    return Redemption.__table__.outerjoin(RedemptionValue.__table__, of_it)


def _shares(office_id: int) -> Any:
    """In the hold, and once it is captured in the capture, because fewer may have been handed over."""
    entry = func.coalesce(_redemptions.capture_id, _redemptions.hold_id)
    columns = share(entry=entry, fund=written(_values.fund_id), amount=_values.points)
    return (
        select(*columns)
        .select_from(_values_joined(office_id))
        .where(_redemptions.office_id == office_id, _values.id.is_not(None))
    )


def _worth_of_other_points(office_id: int) -> Any:
    """Redemptions whose worth was fixed for more or fewer points than they cost."""
    fixed = func.coalesce(func.sum(_values.points), 0)
    return (
        select(
            cast(_redemptions.id, String).label("subject"),
            (
                literal("cost ")
                + cast(_redemptions.points, String)
                + literal(" points, and the worth of ")
                + cast(fixed, String)
                + literal(" was fixed")
            ).label("said"),
        )
        .select_from(_values_joined(office_id))
        .where(_redemptions.office_id == office_id)
        .group_by(_redemptions.office_id, _redemptions.id, _redemptions.points)
        .having(fixed != _redemptions.points)
    )


def _worth_not_rounded_as_agreed(office_id: int) -> Any:
    """Redemptions whose fen are not points × rate × share, rounded half up to a fen (`settlement_rules`)."""
    exact = cast(_values.points, BigInteger) * _values.fen_per_100_points * _values.share_percent + 5_000
    stated = cast(_values.fen, BigInteger) * 10_000
    return select(
        cast(_values.redemption_id, String).label("subject"),
        (literal("is worth ") + cast(_values.fen, String) + literal(" fen, which its rate does not make")).label(
            "said"
        ),
    ).where(_values.office_id == office_id, or_(stated > exact, stated + 10_000 <= exact))
