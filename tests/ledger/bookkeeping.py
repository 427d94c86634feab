"""A book of its own for each test, and short ways to post into it. One transaction per call, as an edge would."""

import itertools
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask
from sqlalchemy import case, func, select

from backend.foundation.clock import as_of, now, shanghai_day
from backend.foundation.db import session, transactional
from backend.foundation.ids import uuid7
from backend.ledger import closing, drafts, holds, reversals, sweeps
from backend.ledger.accounts import (
    OWED,
    Account,
    Lot,
    budget_account,
    fund_account,
    group_wallet,
    held_of,
    household_pot,
    last_day_for,
    person_wallet,
    recoverable_of,
)
from backend.ledger.drafts import Draft, Told, fingerprint_of
from backend.ledger.findings import Report
from backend.ledger.kinds import Posting
from backend.ledger.models import accounts, balances, entries, lots, postings
from backend.ledger.posting import Book, Posted, post, post_many
from backend.ledger.reading import Wallet, balance_of, moves_of, wallet_of
from backend.ledger.verify import verify

T = TypeVar("T")
LEDGER_TABLES = (lots, accounts, balances, entries, postings)

_books = itertools.count(20_000)  # offices of other tests have small numbers
_times = itertools.count(1)

WANG, LI = person_wallet("wang"), person_wallet("li")
POT, GROUP = household_pot("h1"), group_wallet("g1")
BAKERY = "bakery"


@dataclass(frozen=True)
class Bookkeeper:
    """Keeps one book. `at` is when something happens; the clock stands there while it does."""

    app: Flask
    id: int

    @classmethod
    def of_new_book(cls, app: Flask) -> "Bookkeeper":
        return cls(app, next(_books))

    def does(self, deed: Callable[[Book], T], *, at: datetime | None = None) -> T:
        """Run a deed as an edge would: in one transaction, again after `Replan`."""
        with self.app.app_context(), as_of(at) if at else nullcontext():
            return transactional(lambda: deed(Book(session(), self.id)))()

    def looks(self, look: Callable[[Book], T]) -> T:
        with self.app.app_context():
            return look(Book(session(), self.id))

    def posts(self, *made: Draft, at: datetime | None = None) -> list[Posted]:
        return self.does(lambda book: post_many(book, made), at=at)

    # drafts

    def allocation(self, points: int, fund: str = "f1", at: datetime | None = None) -> Draft:
        return drafts.allocate(fund=fund, points=points, allocation=fresh(), told=told(at), entry_id=born(at))

    def reservation(self, points: int, fund: str = "f1", at: datetime | None = None) -> Draft:
        edit = next(_times)
        return drafts.reserve(
            fund=fund, activity="a1", points=points, edit=edit, told=told(at, "activity:a1"), entry_id=born(at)
        )

    def award(
        self,
        points: int,
        to: Account = WANG,
        *,
        fund: str = "f1",
        origin: str | None = None,
        at: datetime | None = None,
    ) -> Draft:
        return drafts.award(
            fund=fund,
            payer=budget_account("a1"),
            wallet=to,
            points=points,
            origin=origin or fresh(),
            undone=0,
            told=told(at),
            entry_id=born(at),
        )

    def service(
        self, minutes: int, person: str = "wang", origin: str | None = None, at: datetime | None = None
    ) -> Draft:
        return drafts.serve(
            person=person, minutes=minutes, origin=origin or fresh(), undone=0, told=told(at), entry_id=born(at)
        )

    def hold(
        self,
        points: int,
        wallet: Account = WANG,
        *,
        key: str | None = None,
        lasts: timedelta = timedelta(minutes=15),
        at: datetime | None = None,
    ) -> Draft:
        return drafts.hold(
            wallet=wallet,
            points=points,
            person=wallet.owner,
            key=key or fresh(),
            fingerprint=fingerprint_of("hold", points=points),
            expires_at=(at or now()) + lasts,
            told=told(at),
            entry_id=born(at),
        )

    def gift(
        self, points: int, to: Account, *, person: str = "wang", key: str | None = None, at: datetime | None = None
    ) -> Draft:
        return drafts.gift(
            person=person,
            to=to,
            points=points,
            key=key or fresh(),
            fingerprint=fingerprint_of("gift", to=to, points=points),
            told=told(at),
            entry_id=born(at),
        )

    def thanks(
        self,
        points: int,
        *,
        group: str = "g1",
        person: str = "wang",
        key: str | None = None,
        at: datetime | None = None,
    ) -> Draft:
        return drafts.thank(
            group=group,
            to=person_wallet(person),
            points=points,
            by="leader",
            key=fresh(),
            fingerprint=fingerprint_of("thank", person=person, points=points),
            told=told(at),
            entry_id=born(at),
        )

    def transfer(
        self,
        points: int | None,
        source: Account,
        destination: Account,
        *,
        request: str | None = None,
        at: datetime | None = None,
    ) -> Draft:
        return drafts.transfer(
            source=source,
            destination=destination,
            points=points,
            request=request or fresh(),
            told=told(at),
            entry_id=born(at),
        )

    def minutes_moved(
        self, minutes: int, source: str, destination: str, *, request: str | None = None, at: datetime | None = None
    ) -> Draft:
        return drafts.transfer_minutes(
            source=source,
            destination=destination,
            minutes=minutes,
            request=request or fresh(),
            told=told(at),
            entry_id=born(at),
        )

    def withdrawal(
        self, points: int, fund: str = "f1", request: str | None = None, at: datetime | None = None
    ) -> Draft:
        return drafts.withdraw(fund=fund, points=points, request=request or fresh(), told=told(at), entry_id=born(at))

    # deeds

    def gives(self, points: int, to: Account = WANG, *, fund: str = "f1", at: datetime | None = None) -> None:
        """Points in a wallet, all the way from an allocation."""
        for draft in (
            self.allocation(points, fund, at),
            self.reservation(points, fund, at),
            self.award(points, to, fund=fund, at=at),
        ):
            self.posts(draft, at=at)

    def holds(self, points: int, wallet: Account = WANG, *, at: datetime | None = None, **facts: Any) -> UUID:
        return self.posts(self.hold(points, wallet, at=at, **facts), at=at)[0].id

    def captures(self, hold_id: UUID, points: int | None = None, *, at: datetime | None = None) -> Posted:
        def capture(book: Book) -> Posted:
            return post(
                book,
                holds.capture(book, hold_id=hold_id, merchant=BAKERY, points=points, told=told(at), entry_id=born(at)),
            )

        return self.does(capture, at=at)

    def releases(self, hold_id: UUID, *, at: datetime | None = None) -> Posted:
        return self.does(
            lambda book: post(book, holds.release(book, hold_id=hold_id, told=told(at), entry_id=born(at))), at=at
        )

    def refunds(self, capture_id: UUID, *, at: datetime | None = None) -> Posted:
        return self.does(
            lambda book: post(book, holds.refund(book, capture_id=capture_id, told=told(at), entry_id=born(at))), at=at
        )

    def reverses(self, entry_id: UUID, *, payer: Account | None = None, at: datetime | None = None) -> Posted:
        """Undo an award or minutes; the budget gets the points back unless another payer is named."""

        def reverse(book: Book) -> Posted:
            to = payer or budget_account("a1")
            return post(book, reversals.reverse(book, entry_id=entry_id, payer=to, told=told(at), new_id=born(at)))

        return self.does(reverse, at=at)

    def expires(self, *, at: datetime) -> int:
        """Run the sweep of that day; how many lots went back."""
        places = self.looks(lambda book: sweeps.expired(book, today=shanghai_day(at), limit=1000))
        return sum(self.does(lambda book, p=place: sweeps.expire(book, p, told=told(at)), at=at) for place in places)

    def repays(self, *, at: datetime | None = None) -> int:
        """Run the sweep over wallets that owe; how many repaid something."""
        day = shanghai_day(at or now())
        able = self.looks(lambda book: sweeps.able_to_repay(book, today=day, limit=1000))
        return sum(self.does(lambda book, w=wallet: sweeps.repay(book, w, told=told(at)), at=at) for wallet in able)

    def closes(
        self, statement: str, entry_ids: list[UUID], fen: int, *, at: datetime | None = None, merchant: str = BAKERY
    ) -> Posted:
        def close(book: Book) -> Posted:
            return post(
                book,
                closing.close(
                    book,
                    statement=statement,
                    merchant=merchant,
                    entry_ids=entry_ids,
                    fen=fen,
                    told=told(at),
                    new_id=born(at),
                ),
            )

        return self.does(close, at=at)

    def pays(self, statement: str, fen: int, *, at: datetime | None = None, merchant: str = BAKERY) -> Posted:
        draft = closing.pay(statement=statement, merchant=merchant, fen=fen, told=told(at), new_id=born(at))
        return self.posts(draft, at=at)[0]

    # what became of it

    def has(self, account: Account, lot: Lot) -> int:
        return self.looks(lambda book: balance_of(book, account, lot)[0])

    def fund(self, fund: str = "f1") -> int:
        return self.has(fund_account(fund), Lot.undated(fund))

    def owes(self, account: Account = WANG) -> int:
        return self.has(recoverable_of(account), OWED)

    def moves(self, entry_id: UUID) -> list[Posting]:
        return self.looks(lambda book: moves_of(book, entry_id))

    def kinds(self) -> list[str]:
        """The kinds of all entries, in the order in which they were made."""
        query = select(entries.c.kind).where(entries.c.book_id == self.id).order_by(entries.c.id)
        return self.looks(lambda book: list(book.session.scalars(query)))

    def sum_of(self, account: Account, lot: Lot) -> int:
        """What an account gained, less what it lost, counted from the postings: also for those without a balance."""
        own, of_lot = account.id_in(self.id), postings.c.lot_id == lot.id_in(self.id)
        gained = func.sum(case((postings.c.destination_id == own, postings.c.amount), else_=-postings.c.amount))
        touching = (postings.c.destination_id == own) | (postings.c.source_id == own)
        query = select(gained).where(postings.c.book_id == self.id, of_lot, touching)
        return self.looks(lambda book: book.session.scalar(query) or 0)

    def budget(self, fund: str = "f1") -> int:
        return self.has(budget_account("a1"), Lot.undated(fund))

    def wallet(self, account: Account = WANG, *, today: date | None = None) -> Wallet:
        return self.looks(lambda book: wallet_of(book, account, today=today or shanghai_day(now())))

    def by_last_day(self, account: Account = WANG, fund: str = "f1") -> dict[date, int]:
        """What a wallet has of a fund, expired or not."""
        query = (
            select(lots.c.last_day, balances.c.balance)
            .join(lots, (lots.c.book_id == balances.c.book_id) & (lots.c.id == balances.c.lot_id))
            .where(balances.c.book_id == self.id, balances.c.account_id == account.id_in(self.id), lots.c.fund == fund)
            .where(balances.c.balance > 0)
        )
        return {row.last_day: row.balance for row in self.looks(lambda book: book.session.execute(query).all())}

    def everything(self) -> dict[str, set[Any]]:
        """Every row of the book, to see that a refusal changed none."""

        def read(book: Book) -> dict[str, set[Any]]:
            return {
                table.name: {
                    tuple(row) for row in book.session.execute(select(table).where(table.c.book_id == book.id))
                }
                for table in LEDGER_TABLES
            }

        return self.looks(read)

    def verified(self) -> Report:
        return self.looks(verify)


def told(at: datetime | None = None, origin: str = "test:1") -> Told:
    return Told("测试", "person:leader", origin, at or now())


def born(at: datetime | None) -> UUID:
    """The id of an entry made at that moment."""
    with as_of(at) if at else nullcontext():
        return uuid7()


def fresh() -> str:
    return f"k{next(_times)}"


def dated(day_of_award: datetime, fund: str = "f1") -> Lot:
    """The lot of an award of that day."""
    return Lot.dated(fund, last_day_for(shanghai_day(day_of_award)))


def in_shanghai(*when: int) -> datetime:
    """An instant by the wall clock in Shanghai."""
    return datetime(*when, tzinfo=UTC) - timedelta(hours=8)  # type: ignore[arg-type,misc]


HELD = held_of(WANG)
