"""A book as large as a real street's, made in two minutes, for which verify is silent, with what the features say.

`build` lives through thirty months of a street: activities open, reserve their points and return the rest; residents
check in, are awarded points and minutes, redeem them at a shop or let the hold go; a few get a refund. What an entry
moves is said by the ledger's own drafts. Only the arithmetic of `post_many` is repeated (`scribe`), in memory, because
a million entries through it would take an hour; verify, which recomputes everything, says whether that was done well.

The rows are written (`loading`) in the order in which they would have come, so that the indexes have the shape that a
book gets by growing. The same seed makes the same street; its last entry is from the day of the build. Beside the
ledger there are the rows that name its entries (`business`), for check 9, but not what those rows refer to: people
and activities are only ids.
"""

import heapq
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from sqlalchemy import create_engine, make_url

from backend.foundation.clock import now, shanghai_day
from backend.ledger import drafts
from backend.ledger.accounts import (
    VINTAGE,
    Account,
    Lot,
    budget_account,
    fund_account,
    held_of,
    last_day_of_returned,
    merchant_account,
)
from backend.ledger.drafts import Draft, Posting, Told
from backend.ledger.kinds import MOVES
from backend.ledger.spending import live, take
from tests.benchmarks.business import Business, Redeemed
from tests.benchmarks.loading import loading, settle
from tests.benchmarks.scribe import Scribe

SPAN = timedelta(days=912)  # thirty months: three last days are met, and one of them may have passed
MINUTE = timedelta(minutes=1)
CHUNK = 50_000  # entries kept in memory before they are written


@dataclass(frozen=True)
class Size:
    """How much of everything there is. One wallet in thirty is a household's pot."""

    entries: int
    wallets: int
    merchants: int
    funds: int
    activities: int


STREET = Size(entries=1_000_000, wallets=78_000, merchants=40, funds=20, activities=350)
BEGINNING = Size(entries=400, wallets=78, merchants=4, funds=2, activities=5)  # a thousand, when a till has opened


@dataclass
class BigBook:
    """What there is in a book that was built, and how long it took."""

    url: str
    id: int
    funds: list[str]
    wallets: list[Account]
    merchants: list[str]
    activities: dict[str, str] = field(default_factory=dict)  # still open → their fund
    kinds: Counter[str] = field(default_factory=Counter)
    seconds: float = 0

    @property
    def entries(self) -> int:
        return self.kinds.total()

    @property
    def missing_kinds(self) -> set[str]:
        """Kinds that the ledger knows and this book has no entry of."""
        return set(MOVES) - set(self.kinds)


def build(
    url: str, size: Size, *, book_id: int = 1, seed: int = 1, say: Callable[[str], None] = lambda _: None
) -> BigBook:
    """Write such a book into a migrated database; `say` is told how far it is."""
    began = time.perf_counter()
    engine = create_engine(make_url(url))
    life = _Life(BigBook(url, book_id, [], [], []), size, random.Random(seed))
    with loading(engine) as write:
        for _ in life.lived():
            for table, columns, rows in chain(life.scribe.written(), life.business.written()):
                write(table, columns, rows)
            say(f"{engine.dialect.name}: {life.book.entries:,} entries after {time.perf_counter() - began:.0f} s")
        for table, columns, rows in chain(life.scribe.standing(), life.business.standing()):
            write(table, columns, rows)
    settle(engine)
    engine.dispose()
    life.book.seconds = time.perf_counter() - began
    return life.book


class _Life:
    """What happens in the street, in the order of time."""

    def __init__(self, book: BigBook, size: Size, chance: random.Random) -> None:
        self.book, self.size, self.chance = book, size, chance
        self.scribe, self.business = Scribe(book.id), Business(book.id)
        self.at = now() - SPAN
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._edits: Counter[str] = Counter()
        book.kinds = self.scribe.kinds
        book.funds = [self._fresh() for _ in range(size.funds)]
        book.wallets = [Account(_kind_of_wallet(n), self._fresh()) for n in range(size.wallets)]
        book.merchants = [self._fresh() for _ in range(size.merchants)]
        self._officer, self._second, self._clerk = (self._fresh() for _ in range(3))

    def lived(self) -> Iterator[None]:
        """Live, and stop for breath whenever there is enough to be written down."""
        begin, step, stop = self.at, SPAN * 0.999 / self.size.entries, CHUNK
        while self.book.entries < self.size.entries:
            next_at = max(self.at, begin + step * self.book.entries)
            while self._due and self._due[0][0] <= next_at:
                self.at, _, deed = heapq.heappop(self._due)
                deed()
            self.at = next_at
            self._announce()
            if self.chance.random() < 0.32:
                self._redeem()
            else:
                self._check_in()
            if self.book.entries >= stop:
                stop += CHUNK
                yield
        yield

    def _announce(self) -> None:
        """Activities open one after the other; a dozen of them (of a few, two) are open at the same time."""
        while len(self._edits) <= self.book.entries * self.size.activities // self.size.entries:
            activity = self._fresh()
            self.book.activities[activity] = self.chance.choice(self.book.funds)
            self._reserve(activity, 12_000)
            if len(self.book.activities) > max(2, min(12, self.size.activities // 2)):
                self._close(next(iter(self.book.activities)))

    def _reserve(self, activity: str, points: int) -> None:
        fund = self.book.activities[activity]
        if self.scribe.balance(fund_account(fund), Lot.undated(fund)) < points:
            self._allocate(fund, 50 * points)
        self._edits[activity] += 1
        told = self._told("活动预算", f"activity:{activity}")
        edit, born = self._edits[activity], self._born()
        self._write(drafts.reserve(fund=fund, activity=activity, points=points, edit=edit, told=told, entry_id=born))
        self.business.budget_changed(self._born(), activity, "reserve", points, born)

    def _allocate(self, fund: str, points: int) -> None:
        wish, born = self._fresh(), self._born()
        told = self._told("资金入账", f"allocation:{wish}")
        self._write(drafts.allocate(fund=fund, points=points, allocation=wish, told=told, entry_id=born))
        self.business.allocated(wish, fund, points, by=self._officer, and_by=self._second, at=self.at, entry=born)

    def _close(self, activity: str) -> None:
        fund = self.book.activities.pop(activity)
        left, version = self.scribe.after(budget_account(activity), Lot.undated(fund))
        if left:
            told, born = self._told("活动结算", f"activity:{activity}"), self._born()
            self._write(
                drafts.give_back(fund=fund, activity=activity, points=left, version=version, told=told, entry_id=born)
            )
            self.business.budget_changed(self._born(), activity, "return", left, born)

    def _check_in(self) -> None:
        activity, fund = self.chance.choice(list(self.book.activities.items()))
        wallet, payer = self._somebody(), budget_account(activity)
        points = self.chance.choice((10, 20, 20, 30))
        if self.scribe.balance(payer, Lot.undated(fund)) < points:
            self._reserve(activity, 4_000)
        presence, awarded, served, minutes = self._fresh(), self._born(), None, 0
        told = self._told("参加活动", f"check_in:{presence}")
        award = drafts.award(
            fund=fund, payer=payer, wallet=wallet, points=points, origin=presence, undone=0, told=told, entry_id=awarded
        )
        self._write(award)
        if wallet.kind == "person":
            served, minutes = self._born(), self.chance.randrange(30, 241)
            self._write(
                drafts.serve(
                    person=wallet.owner, minutes=minutes, origin=presence, undone=0, told=told, entry_id=served
                )
            )
        self.business.was_there(
            presence, activity, self._born(), wallet.owner, self.at, minutes, points, awarded=awarded, served=served
        )

    def _redeem(self) -> None:
        wallet = self._somebody()
        good = live(self.scribe.holdings(wallet), today=shanghai_day(self.at))
        has = sum(holding.balance for holding in good)
        if not has or wallet.kind != "person":
            self._check_in()
            return
        points = min(has, self.chance.choice((5, 10, 15, 40)))
        lasts = timedelta(days=30) if self.chance.random() < 0.03 else 15 * MINUTE  # a voucher, or at the counter
        wish, key, born = self._fresh(), self._fresh(), self._born()
        draft = drafts.hold(
            wallet=wallet,
            points=points,
            person=wallet.owner,
            key=key,
            fingerprint=self.chance.randbytes(32),
            expires_at=self.at + lasts,
            told=self._told("兑换：馒头", f"redemption:{wish}", by=wallet.owner),
            entry_id=born,
        )
        moves = tuple(Posting(lot, wallet, held_of(wallet), amount) for lot, amount in take(good, points) or ())
        self._write(draft.planned(moves))
        merchant = self.chance.choice(self.book.merchants)
        redeemed = self.business.redeemed(wish, merchant, points, draft, wallet.owner, key, self._clerk)
        for lot, amount in _by_fund(moves).items():
            self.business.is_worth(self._born(), wish, fund=lot, points=amount)
        if self.chance.random() < 0.85:
            self._later(lasts * self.chance.uniform(0.05, 0.9), lambda: self._capture(redeemed, draft, moves))
        else:
            self._later(lasts + MINUTE, lambda: self._release(redeemed, draft, moves))

    def _capture(self, redeemed: Redeemed, hold: Draft, held: tuple[Posting, ...]) -> None:
        merchant = merchant_account(redeemed.merchant)
        moves = tuple(Posting(move.lot, move.destination, merchant, move.amount) for move in held)
        told = self._told("已领取", hold.told.origin)
        capture = Draft("capture", f"capture:{hold.id}", told, moves, resolves_id=hold.id, id=self._born())
        self._write(capture)
        redeemed.captured(capture)
        if self.chance.random() < 0.05:
            wait = timedelta(days=self.chance.uniform(0.01, 5))
            self._later(wait, lambda: self._refund(redeemed, capture, held[0].source))

    def _release(self, redeemed: Redeemed, hold: Draft, held: tuple[Posting, ...]) -> None:
        moves = tuple(Posting(move.lot, move.destination, move.source, move.amount) for move in held)
        told = self._told("已过期", hold.told.origin)
        release = Draft("release", f"release:{hold.id}", told, moves, resolves_id=hold.id, id=self._born())
        self._write(release)
        redeemed.released(release)

    def _refund(self, redeemed: Redeemed, capture: Draft, wallet: Account) -> None:
        told = self._told("退还", capture.told.origin)
        day = shanghai_day(told.at)
        moves: list[Posting] = []
        for paid in capture.postings:
            if day <= paid.lot.last_day:
                moves.append(Posting(paid.lot, paid.destination, wallet, paid.amount))
            else:
                renewed = Lot.dated(paid.lot.fund, last_day_of_returned(day))
                moves.append(Posting(paid.lot, paid.destination, VINTAGE, paid.amount))
                moves.append(Posting(renewed, VINTAGE, wallet, paid.amount))
        key = f"refund:{capture.id}"
        refund = Draft("refund", key, told, tuple(moves), reverses_id=capture.id, id=self._born())
        self._write(refund)
        redeemed.voided(refund)

    def _later(self, wait: timedelta, deed: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.at + wait, self.chance.getrandbits(62), deed))

    def _write(self, draft: Draft) -> None:
        self.scribe.write(draft)

    def _told(self, reason: str, origin: str, *, by: str | None = None) -> Told:
        return Told(reason, f"person:{by or self._clerk}", origin, self.at)

    def _somebody(self) -> Account:
        """Some come every week and some once: half of all presences are those of a quarter of the people."""
        return self.book.wallets[int(len(self.book.wallets) * self.chance.random() ** 2)]

    def _fresh(self) -> str:
        return str(self._born())

    def _born(self) -> UUID:
        """A version 7 identifier made now."""
        ms, bits = int(self.at.timestamp() * 1000), self.chance.getrandbits
        return UUID(int=ms << 80 | 0x7 << 76 | bits(12) << 64 | 0b10 << 62 | bits(62))


def _kind_of_wallet(n: int) -> str:
    return "household" if n % 30 == 29 else "person"


def _by_fund(moves: tuple[Posting, ...]) -> Counter[str]:
    shares: Counter[str] = Counter()
    for move in moves:
        shares[move.lot.fund] += move.amount
    return shares
