"""Opening a fund."""

from uuid import UUID

from backend.foundation import trail
from backend.foundation.clock import now
from backend.foundation.db import insert_once
from backend.funds.errors import FundNameTaken
from backend.funds.models import Fund
from backend.places.areas import open_ground


def open_fund(
    *,
    name: str,
    source: str,
    fen_per_100_points: int,
    opener_id: UUID,
    area_id: UUID | None = None,
    leader_limit_points: int | None = None,
) -> Fund:
    """Open a fund without points; they come by allocations. Raises `NotFound`, `AreaClosed` or `FundNameTaken`."""
    if area_id is not None:
        open_ground(area_id)
    fund = insert_once(
        Fund,
        name=name,
        source=source,
        fen_per_100_points=fen_per_100_points,
        area_id=area_id,
        leader_limit_points=leader_limit_points,
        opener_id=opener_id,
        opened_at=now(),
    )
    if fund is None:
        raise FundNameTaken()
    trail.record("funds.open", fund, after={"source": source, "area": area_id})
    return fund
