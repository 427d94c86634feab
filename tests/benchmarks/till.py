"""A till: where a benchmark posts into a book, each deed in a transaction of its own as at the edge, with a stop watch.

Beside it stands `plain`, what a transaction costs on this machine at all: three statements by hand (insert, update,
insert) on the same database, through the same driver and the same pool, like pgbench's simple update.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Any, TypeVar
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import func, select

from backend.foundation.clock import now
from backend.foundation.db import db, session, transactional
from backend.foundation.ids import uuid7
from backend.ledger import drafts, holds
from backend.ledger.accounts import Account, budget_account, person_wallet
from backend.ledger.drafts import Draft, Told
from backend.ledger.models import entries
from backend.ledger.posting import Book, Posted, post, post_many
from backend.web import create_app
from tests.benchmarks.big_book import BigBook
from tests.conftest import test_config as settings

T = TypeVar("T")
ACTIVITY = "benchmark"
PLAIN_ROWS = 78_000


@dataclass(frozen=True)
class Lap:
    """How long a deed took, and how much of that was before COMMIT."""

    seconds: float
    before_commit: float


@dataclass
class Till:
    """One application on the database of one book."""

    app: Flask
    of: BigBook
    chance: random.Random
    wallets: list[tuple[Account, str]] = field(default_factory=list)  # and the fund of points they have
    held: list[UUID] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @classmethod
    @contextmanager
    def opened_at(cls, book: BigBook) -> Iterator["Till"]:
        app = create_app(settings(book.url))
        try:
            yield cls(app, book, random.Random(2))
        finally:
            with app.app_context():
                db.engine.dispose()
            app.extensions["wechat"].close()

    def stock(self, *, newcomers: int) -> None:
        """The day before: budgets are filled; residents came for the first time, twice, and have points on hold.

        What a wallet is like does not depend on the size of its book: each has two lots. Accounts and lots are known.
        """
        for fund in self.of.funds:
            self.does(lambda book, fund=fund: post_many(book, self._filled(fund)))
        funds = self.of.funds
        for n in range(newcomers):
            self.wallets.append((person_wallet(str(uuid7())), funds[n % len(funds)]))
        next_fund = dict(zip(funds, [*funds[1:], funds[0]], strict=True))
        for n in range(0, newcomers, 100):
            some = self.wallets[n : n + 100]
            for people in (some, [(wallet, next_fund[fund]) for wallet, fund in some]):
                self.does(lambda book, people=people: post_many(book, [self.award(*one, points=100) for one in people]))
            posted = self.does(lambda book, some=some: post_many(book, [self.hold(wallet) for wallet, _ in some]))
            self.held += [one.id for one in posted]
        self.chance.shuffle(self.held)

    def _filled(self, fund: str) -> list[Draft]:
        told = Told("资金入账", "person:officer", "allocation:benchmark", now())
        activity = ACTIVITY + fund
        return [
            drafts.allocate(fund=fund, points=10**9, allocation=fund, told=told, entry_id=uuid7()),
            drafts.reserve(fund=fund, activity=activity, points=10**9, edit=1, told=told, entry_id=uuid7()),
        ]

    @property
    def entries(self) -> int:
        return self.does(lambda book: session().scalars(select(func.count()).where(entries.c.book_id == book.id)).one())

    # what may be timed

    def posts_an_award(self, book: Book) -> Posted:
        return post(book, self.award(*self.chance.choice(self.wallets)))

    def posts_a_hold(self, book: Book) -> Posted:
        return post(book, self.hold(self.chance.choice(self.wallets)[0]))

    def posts_a_capture(self, book: Book) -> Posted:
        told = Told("已领取", "person:clerk", "redemption:benchmark", now())
        merchant = self.chance.choice(self.of.merchants)
        capture = holds.capture(book, hold_id=self.held.pop(), merchant=merchant, told=told, entry_id=uuid7())
        return post(book, capture)

    def posts_a_hundred_awards(self, book: Book) -> list[Posted]:
        """A whole activity at once: one budget, a hundred wallets."""
        fund = self.chance.choice(self.of.funds)
        there = [one for one in self.wallets if one[1] == fund]
        return post_many(book, [self.award(*one) for one in self.chance.sample(there, 100)])

    # how it is timed

    def does(self, deed: Callable[[Book], T]) -> T:
        with self.app.app_context():
            return transactional(lambda: deed(Book(session(), self.of.id)))()

    def times(self, deed: Callable[[Book], Any]) -> Lap:
        """One deed by the stop watch, from before BEGIN until after COMMIT."""
        done_at = 0.0

        def watched() -> None:
            nonlocal done_at
            deed(Book(session(), self.of.id))
            done_at = perf_counter()

        with self.app.app_context():
            edge = transactional(watched)
            session()  # a request has one before its deed begins
            began = perf_counter()
            edge()
            ended = perf_counter()
        return Lap(ended - began, done_at - began)

    def award(self, wallet: Account, fund: str, points: int = 1) -> Draft:
        origin = str(uuid7())
        told = Told("参加活动", "person:leader", f"check_in:{origin}", now())
        return drafts.award(
            fund=fund,
            payer=budget_account(ACTIVITY + fund),
            wallet=wallet,
            points=points,
            origin=origin,
            undone=0,
            told=told,
            entry_id=uuid7(),
        )

    def hold(self, wallet: Account) -> Draft:
        told = Told("兑换：馒头", f"person:{wallet.owner}", "redemption:benchmark", now())
        return drafts.hold(
            wallet=wallet,
            points=1,
            person=wallet.owner,
            key=f"benchmark-{next(self._numbers)}",
            fingerprint=drafts.fingerprint_of("hold", points=1),
            expires_at=told.at + timedelta(hours=1),
            told=told,
            entry_id=uuid7(),
        )


@contextmanager
def plain_transactions(till: Till) -> Iterator[Callable[[], float]]:
    """A function that runs a plain transaction on the till's database and says how many seconds it took."""
    with till.app.app_context():
        engine = db.engine
    is_sqlite = engine.dialect.name == "sqlite"
    mark, begin = ("?", "BEGIN IMMEDIATE") if is_sqlite else ("%s", "BEGIN")
    insert_entry = f"INSERT INTO plain_entries (id, key, reason) VALUES ({mark}, {mark}, {mark})"
    update_balance = (
        f"UPDATE plain_balances SET balance = balance + 1, version = version + 1 WHERE id = {mark} RETURNING balance"
    )
    insert_posting = f"INSERT INTO plain_postings (entry_id, n, balance_id, amount) VALUES ({mark}, 1, {mark}, 1)"
    connection: Any = engine.raw_connection()
    driver = connection.driver_connection
    if not is_sqlite:
        driver.autocommit = True  # we say BEGIN ourselves, as the pool's SQLite connections do anyway
    cursor = driver.cursor()
    for table in (
        "plain_entries (id CHAR(36) PRIMARY KEY, key VARCHAR(240) UNIQUE NOT NULL, reason VARCHAR(200) NOT NULL)",
        "plain_balances (id INTEGER PRIMARY KEY, balance BIGINT NOT NULL, version BIGINT NOT NULL)",
        "plain_postings (entry_id CHAR(36), n INTEGER, balance_id INTEGER, amount BIGINT, PRIMARY KEY (entry_id, n))",
    ):
        cursor.execute(f"CREATE TABLE {table}")
    cursor.execute("BEGIN")
    cursor.executemany(f"INSERT INTO plain_balances VALUES ({mark}, 0, 0)", ((n,) for n in range(PLAIN_ROWS)))
    cursor.execute("COMMIT")

    def one() -> float:
        entry, place = str(uuid4()), till.chance.randrange(PLAIN_ROWS)
        began = perf_counter()
        cursor.execute(begin)
        cursor.execute(insert_entry, (entry, f"award:{entry}", "参加活动"))
        cursor.execute(update_balance, (place,))
        cursor.fetchone()
        cursor.execute(insert_posting, (entry, place))
        cursor.execute("COMMIT")
        return perf_counter() - began

    try:
        yield one
    finally:
        for name in ("plain_entries", "plain_balances", "plain_postings"):
            cursor.execute(f"DROP TABLE {name}")
        connection.invalidate()  # its way of beginning is not the pool's
