"""What the features would have written beside the entries of a big book: the rows that check 9 reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.activities.models import BudgetChange, CheckIn
from backend.funds.models import Allocation
from backend.ledger.drafts import Draft
from backend.merchants.models import Redemption, RedemptionValue
from tests.benchmarks.scribe import Rows

FEN_PER_100_POINTS = 50

ALLOCATION = (
    *("office_id", "id", "fund_id", "points", "state", "requester_id", "request_key", "request_fingerprint"),
    *("requested_at", "decider_id", "decided_at", "entry_id"),
)
BUDGET_CHANGE = ("office_id", "id", "activity_id", "kind", "points", "entry_id")
CHECK_IN = (
    *("office_id", "id", "activity_id", "session_id", "person_id", "recorder_id", "checked_in_at", "confidence"),
    *("state", "minutes", "points", "points_due", "award_id", "serve_id"),
)
REDEMPTION = (
    *("office_id", "id", "offer_id", "merchant_id", "person_id", "quantity", "points", "price_fen", "state", "code"),
    *("request_key", "request_fingerprint", "hold_id", "held_at", "expires_at", "clerk_id"),
    *("capture_id", "captured_at", "release_id", "released_at", "refund_id", "voided_at"),
)
VALUE = ("office_id", "id", "redemption_id", "fund_id", "points", "fen_per_100_points", "share_percent", "fen")


@dataclass
class Redeemed:
    """A redemption; its row is written when everything has happened to it."""

    merchant: str
    begun: tuple[Any, ...]
    clerk: UUID
    state: str = "held"
    capture: Draft | None = None
    release: Draft | None = None
    refund: Draft | None = None

    def captured(self, entry: Draft) -> None:
        self.state, self.capture = "captured", entry

    def released(self, entry: Draft) -> None:
        self.state, self.release = "expired", entry

    def voided(self, entry: Draft) -> None:
        self.state, self.refund = "voided", entry

    def row(self) -> tuple[Any, ...]:
        steps = (self.capture, self.release, self.refund)
        named = [field for step in steps for field in ((step.id, step.told.at) if step else (None, None))]
        return (*self.begun[:8], self.state, *self.begun[8:], self.clerk if self.capture else None, *named)


class Business:
    """The rows of one office, until they are written."""

    def __init__(self, office_id: int) -> None:
        self._office = office_id
        self._allocations: list[tuple[Any, ...]] = []
        self._changes: list[tuple[Any, ...]] = []
        self._check_ins: list[tuple[Any, ...]] = []
        self._values: list[tuple[Any, ...]] = []
        self._redemptions: list[Redeemed] = []

    def allocated(self, wish: str, fund: str, points: int, *, by: str, and_by: str, at: datetime, entry: UUID) -> None:
        one, other = UUID(by), UUID(and_by)
        self._allocations.append(
            (self._office, UUID(wish), UUID(fund), points, "approved", one, wish, b"?" * 32, at, other, at, entry)
        )

    def budget_changed(self, change: UUID, activity: str, kind: str, points: int, entry: UUID) -> None:
        self._changes.append((self._office, change, UUID(activity), kind, points, entry))

    def was_there(
        self,
        presence: str,
        activity: str,
        session: UUID,
        person: str,
        at: datetime,
        minutes: int,
        points: int,
        *,
        awarded: UUID,
        served: UUID | None,
    ) -> None:
        who = UUID(person)
        self._check_ins.append(
            (
                *(self._office, UUID(presence), UUID(activity), session, who, who, at, "self"),
                *("recorded", minutes, points, points, awarded, served),
            )
        )

    def redeemed(
        self, wish: str, merchant: str, points: int, hold: Draft, person: str, key: str, clerk: str
    ) -> Redeemed:
        number, shop = UUID(wish), UUID(merchant)
        code = f"{len(self._redemptions):X}"
        begun = (
            *(self._office, number, shop, shop, UUID(person), 1, points, 0),
            *(code, key, hold.fingerprint, hold.id, hold.told.at, hold.hold_expires_at),
        )
        self._redemptions.append(one := Redeemed(merchant, begun, UUID(clerk)))
        return one

    def is_worth(self, value: UUID, wish: str, *, fund: str, points: int) -> None:
        fen = (points * FEN_PER_100_POINTS * 100 + 5_000) // 10_000
        self._values.append((self._office, value, UUID(wish), UUID(fund), points, FEN_PER_100_POINTS, 100, fen))

    def written(self) -> Iterator[Rows]:
        """What will not change any more, once."""
        for table, columns, rows in (
            (Allocation.__tablename__, ALLOCATION, self._allocations),
            (BudgetChange.__tablename__, BUDGET_CHANGE, self._changes),
            (CheckIn.__tablename__, CHECK_IN, self._check_ins),
            (RedemptionValue.__tablename__, VALUE, self._values),
        ):
            yield table, columns, rows
            rows.clear()

    def standing(self) -> Iterator[Rows]:
        """What could change until the end."""
        yield Redemption.__tablename__, REDEMPTION, [one.row() for one in self._redemptions]
