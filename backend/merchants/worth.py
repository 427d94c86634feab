"""What a redemption is worth to the merchant, per fund: fixed with the hold, stored, and only added afterwards."""

from uuid import UUID

from sqlalchemy import select

from backend.foundation.db import add, find, session
from backend.funds.models import Fund
from backend.ledger.holds import read_hold
from backend.merchants.models import Merchant, Redemption, RedemptionValue
from backend.merchants.settlement_rules import worth_in_fen
from backend.places.offices import the_book


def fix_the_worth(redemption: Redemption, merchant: Merchant, *, hold_id: UUID) -> None:
    """A change of rate or share counts for redemptions created afterwards, so both are written down now."""
    by_fund: dict[UUID, int] = {}
    for lot, amount in read_hold(the_book(), hold_id).parts:
        fund_id = UUID(lot.fund)
        by_fund[fund_id] = by_fund.get(fund_id, 0) + amount
    for fund_id, points in sorted(by_fund.items()):
        rate = find(Fund, fund_id).fen_per_100_points
        share = merchant.share_percent
        add(
            RedemptionValue(
                redemption_id=redemption.id,
                fund_id=fund_id,
                points=points,
                fen_per_100_points=rate,
                share_percent=share,
                fen=worth_in_fen(points, fen_per_100_points=rate, share_percent=share),
            )
        )


def fix_the_worth_anew(redemption: Redemption) -> None:
    """Fewer were handed over than were held: the worth of what left, earliest last day first, by the same rates."""
    left = redemption.points
    taken: dict[UUID, int] = {}
    for lot, amount in read_hold(the_book(), redemption.hold_id).parts:
        paid = min(amount, left)
        left -= paid
        taken[UUID(lot.fund)] = taken.get(UUID(lot.fund), 0) + paid
    fixed = select(RedemptionValue).where(RedemptionValue.redemption_id == redemption.id)
    for value in session().scalars(fixed.order_by(RedemptionValue.id)).all():
        points = taken[value.fund_id]
        if not points:
            session().delete(value)
            continue
        value.points = points
        value.fen = worth_in_fen(points, fen_per_100_points=value.fen_per_100_points, share_percent=value.share_percent)
    session().flush()
