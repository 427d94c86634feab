"""Which lots a payment takes: live ones only, earliest last day first, ties by lot id. No database in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backend.ledger.accounts import Lot


@dataclass(frozen=True)
class Holding:
    """What an account has of one lot; `version` counts the entries that changed it."""

    lot: Lot
    lot_id: UUID
    balance: int
    version: int = 0


def live(holdings: Iterable[Holding], *, today: date) -> list[Holding]:
    """What may still be spent on that day, in the order in which it is: a lot's last day is its last good one."""
    dated = (
        holding for holding in holdings if holding.balance > 0 and holding.lot.form == "D"
    )  # minutes lie there too
    good = (holding for holding in dated if today <= holding.lot.last_day)
    return sorted(good, key=lambda holding: (holding.lot.last_day, holding.lot_id.hex))


def take(holdings: Iterable[Holding], points: int) -> list[tuple[Lot, int]] | None:
    """Lots and amounts that add up to the points, in the order given; None when there is not enough."""
    taken: list[tuple[Lot, int]] = []
    for holding in holdings:
        if points == 0:
            break
        amount = min(points, holding.balance)
        taken.append((holding.lot, amount))
        points -= amount
    return taken if points == 0 else None
