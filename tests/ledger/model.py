"""What should be true: a ledger in a dict, written from the design and not from the code.

Places are (account, lot); only those with something in them are kept. Every method moves what its kind moves, or says
why it is refused.
"""

from collections import defaultdict
from datetime import date, timedelta

from backend.ledger.accounts import MINUTES, OWED, POTS, WALLETS, Account, Lot, held_of, recoverable_of

BUDGET = Account("activity_budget", "a1")


def fund_of(lot: Lot) -> tuple[Account, Lot]:
    return Account("fund", lot.fund), Lot.undated(lot.fund)


class Model:
    """One book."""

    def __init__(self, book_id: int) -> None:
        self.book_id = book_id
        self.has: dict[tuple[Account, Lot], int] = defaultdict(int)
        self.shop: dict[Lot, int] = defaultdict(int)  # what the merchant gathered and no statement has closed

    # what is there

    def places(self) -> dict[tuple[Account, Lot], int]:
        return {place: amount for place, amount in self.has.items() if amount}

    def live(self, who: Account, today: date) -> list[Lot]:
        """Lots that may be spent, earliest last day first, ties by the id of the lot."""
        good = [
            lot
            for (account, lot), amount in self.has.items()
            if account == who and amount and lot.unit == "points" and today <= lot.last_day
        ]
        return sorted(good, key=lambda lot: (lot.last_day, lot.id_in(self.book_id).hex))

    def available(self, who: Account, today: date) -> int:
        return sum(self.has[who, lot] for lot in self.live(who, today))

    def owed(self, who: Account) -> int:
        return self.has[recoverable_of(who), OWED]

    # what moves

    def move(self, source: tuple[Account, Lot], destination: tuple[Account, Lot], amount: int) -> None:
        assert 0 <= amount <= self.has[source], "the model itself overspends"
        self.has[source] -= amount
        self.has[destination] += amount

    def take(self, who: Account, points: int, today: date) -> dict[Lot, int]:
        """What a payment takes of each lot."""
        taken = {}
        for lot in self.live(who, today):
            amount = min(points, self.has[who, lot])
            if amount:
                taken[lot] = amount
                points -= amount
        assert not points, "the model itself overspends"
        return taken

    def pay(self, who: Account, to: Account, points: int, today: date) -> dict[Lot, int]:
        taken = self.take(who, points, today)
        for lot, amount in taken.items():
            self.move((who, lot), (to, lot), amount)
        return taken

    def award(self, fund: str, who: Account, lot: Lot, points: int, today: date) -> None:
        self.has[BUDGET, Lot.undated(fund)] -= points
        self.has[who, lot] += points
        self.repay(who, today)

    def reverse(self, who: Account, lot: Lot, points: int, today: date) -> bool:
        """Undo an award; whether there was anything to undo."""
        back = min(points, self.has[who, lot])
        owed = points - back if today <= lot.last_day else 0
        self.move((who, lot), (BUDGET, Lot.undated(lot.fund)), back)
        self.has[recoverable_of(who), OWED] += owed
        self.repay(who, today)
        return bool(back or owed)

    def repay(self, who: Account, today: date) -> None:
        """After every gain: what is owed is taken from live lots, each back to its own fund."""
        if who.kind not in WALLETS:
            return
        points = min(self.owed(who), self.available(who, today))
        for lot, amount in self.take(who, points, today).items():
            self.move((who, lot), fund_of(lot), amount)
        self.has[recoverable_of(who), OWED] -= points

    def release(self, who: Account, held: dict[Lot, int], today: date) -> None:
        for lot, amount in held.items():
            self.move((held_of(who), lot), (who, lot), amount)
        self.repay(who, today)

    def capture(self, who: Account, held: dict[Lot, int], points: int, today: date) -> dict[Lot, int]:
        """What the merchant got of each lot; the rest is back in the wallet."""
        paid = {}
        for lot in sorted(held, key=lambda lot: (lot.last_day, lot.id_in(self.book_id).hex)):
            paid[lot] = min(points, held[lot])
            points -= paid[lot]
            self.has[held_of(who), lot] -= paid[lot]
            self.shop[lot] += paid[lot]
            self.move((held_of(who), lot), (who, lot), held[lot] - paid[lot])
        if sum(paid.values()) < sum(held.values()):
            self.repay(who, today)
        return {lot: amount for lot, amount in paid.items() if amount}

    def refund(self, who: Account, paid: dict[Lot, int], today: date) -> None:
        for lot, amount in paid.items():
            self.shop[lot] -= amount
            self.has[who, lot if today <= lot.last_day else Lot.dated(lot.fund, renewed(today))] += amount
        self.repay(who, today)

    def expire(self, today: date) -> int:
        """How many lots went back to their funds."""
        late = [
            (account, lot)
            for (account, lot), amount in self.has.items()
            if amount and account.kind in POTS and lot.unit == "points" and lot.last_day < today
        ]
        for place in late:
            self.move(place, fund_of(place[1]), self.has[place])
        return len(late)

    def serve(self, who: Account, minutes: int) -> None:
        self.has[who, MINUTES] += minutes


def renewed(today: date) -> date:
    """The earliest 31 December at least 30 days ahead."""
    ends = (date(year, 12, 31) for year in (today.year, today.year + 1))
    return next(end for end in ends if end - today >= timedelta(days=30))
