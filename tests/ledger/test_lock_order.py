"""Everybody takes locks in one order, so nobody waits for somebody who waits for them.

Asserted from the statements that each kind of entry sends, for the deeds of `test_failpoints`; then by experiment.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Insert, Select, Update, event, text

from backend.foundation.db import db
from backend.foundation.errors import AppError
from backend.foundation.ids import uuid7
from backend.ledger import holds, reversals
from backend.ledger.accounts import CHARITY_POOL, Account, budget_account, household_pot, person_wallet
from backend.ledger.book import Book
from backend.ledger.posting import post_many
from tests.builders.races import at_once, deadlocks_counted
from tests.ledger.bookkeeping import BAKERY, GROUP, LI, WANG, Bookkeeper, dated, fresh, told
from tests.ledger.test_failpoints import AT, DEEDS, Deed, Scene, awarded, each_deed

# The order of README.md, said once more: whoever changes it there has to change it here.
RANKS = (
    {"person", "household", "group"},
    {"charity_pool"},
    {"recoverable"},
    {"held"},
    {"activity_budget", "fund"},
)


@dataclass(frozen=True)
class Sent:
    """One statement: what it does to which table, with the values of each of its rows."""

    verb: str  # insert, update, lock
    table: str
    rows: list[dict[str, Any]]
    sql: str


@contextmanager
def sent_by(app: Flask) -> Iterator[list[Sent]]:
    """The statements of the block that take locks, in order."""
    seen: list[Sent] = []

    def note(_connection: Any, _cursor: Any, sql: str, _values: Any, context: Any, _many: Any) -> None:
        statement = context.compiled.statement if context.compiled else None
        rows = context.compiled_parameters if context.compiled else []
        if isinstance(statement, Insert):
            seen.append(Sent("insert", statement.table.name, rows, sql))
        elif isinstance(statement, Update):
            seen.append(Sent("update", statement.table.name, rows, sql))
        elif isinstance(statement, Select) and statement._for_update_arg is not None:
            seen.append(Sent("lock", "ledger_balances", rows, sql))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def log_of(app: Flask, deed: Deed) -> tuple[Bookkeeper, list[Sent]]:
    book, doing = deed.prepared(app)
    with sent_by(app) as seen:
        book.does(doing, at=deed.at)
    return book, seen


def locks_in_order(app: Flask, deed: Deed) -> None:
    """Assert the order of a deed's statements, and the order of the rows in each."""
    book, seen = log_of(app, deed)
    assert phases(seen) == sorted(phases(seen), key=ORDER.index)
    accounts = {account.id_in(book.id): account for account in accounts_of(book)}
    looks = [(rank(account), account) for sent in seen if sent.verb == "lock" for account in looked_at(sent, accounts)]
    assert [number for number, _ in looks] == sorted(number for number, _ in looks)
    places = [
        (rank(accounts[account_id]), account_id.hex, lot_id.hex)
        for sent in seen
        if sent.verb != "lock" and sent.table == "ledger_balances"
        for account_id, lot_id in changed_in(sent)
    ]
    assert places == sorted(set(places)), "a balance is changed once, in lock order"
    for sent in seen:
        if sent.table in ("ledger_accounts", "ledger_lots"):
            assert in_order([row["id"].hex for row in sent.rows])
        if sent.table == "ledger_entries":
            assert in_order([contested(row) for row in sent.rows]), "twins meet in one order"


ORDER = ["ledger_accounts", "ledger_lots", "claims", "lock", "claims of recoveries", "balances", "ledger_postings"]


def phases(seen: list[Sent]) -> list[str]:
    """What each statement is there for."""
    found = []
    for sent in seen:
        if sent.verb == "lock":
            found.append("lock")
        elif sent.table == "ledger_balances":
            found.append("balances")
        elif sent.table == "ledger_entries" and "claims" in found:
            # Nobody else can want them: their keys are made of ids that were drawn a moment ago.
            assert {row["kind"] for row in sent.rows} == {"recover"}
            found.append("claims of recoveries")
        else:
            found.append("claims" if sent.table == "ledger_entries" else sent.table)
    return found


def accounts_of(book: Bookkeeper) -> list[Account]:
    return [Account(*row[2:]) for row in book.everything()["ledger_accounts"]]


def rank(account: Account) -> int:
    return next(number for number, kinds in enumerate(RANKS) if account.kind in kinds)


def looked_at(sent: Sent, accounts: dict[UUID, Account]) -> list[Account]:
    """Whose rows a SELECT … FOR UPDATE locks; some of them may not exist yet."""
    (row,) = sent.rows
    ids = (value for name, value in row.items() if name.startswith("account_id"))
    return [accounts[account_id] for account_id in ids if account_id in accounts]


def changed_in(sent: Sent) -> list[tuple[UUID, UUID]]:
    if sent.verb == "insert":
        return [(row["account_id"], row["lot_id"]) for row in sent.rows]
    (row,) = sent.rows
    return [(row["account_id_1"], row["lot_id_1"])]


def contested(row: dict[str, Any]) -> tuple[str, str]:
    return str(row["resolves_id"] or row["reverses_id"] or row["key"]), row["key"]


def in_order(values: list[Any]) -> bool:
    return values == sorted(values)


@each_deed
def test_every_deed_takes_its_locks_in_the_one_order(app, deed):
    locks_in_order(app, deed)


@pytest.mark.parametrize("kinds", RANKS, ids=lambda kinds: "/".join(sorted(kinds)))
def test_the_ledger_ranks_accounts_as_the_readme_says(kinds):
    assert {Account(kind, "x").lock_rank for kind in kinds} == {RANKS.index(kinds)}


def everything_at_once(scene: Scene) -> Any:
    """One batch of all that is planned on, made in the worst order: shared accounts first."""
    people = [WANG, LI, *(person_wallet(name) for name in ("an", "bo"))]
    for who in people:
        scene.awards(20, who)
        scene.awards(20, who, "f2")
    scene.owes(10, debtor := person_wallet("chen"))
    scene.posts(scene.book.gift(15, CHARITY_POOL, at=AT))
    resolved, reversed_ = scene.holds(5), scene.awards(6, people[2])
    key = fresh()

    def doing(b: Book) -> Any:
        make = scene.book
        batch = [
            make.reservation(5, at=AT),
            make.transfer(3, CHARITY_POOL, LI, request=key, at=AT),
            make.award(4, people[3], origin=key, at=AT),
            make.gift(6, CHARITY_POOL, key=key, at=AT),
            make.gift(6, household_pot("h1"), person="bo", key=key, at=AT),
            make.hold(7, people[3], key=key, at=AT),
            make.award(30, debtor, origin=f"{key}-chen", at=AT),
            holds.release(b, hold_id=resolved.id, told=told(AT), entry_id=uuid7()),
            reversals.reverse(b, entry_id=reversed_.id, payer=budget_account("a1"), told=told(AT), new_id=uuid7()),
        ]
        random.Random(7).shuffle(batch)
        return post_many(b, batch)

    return doing


def test_a_batch_of_everything_takes_its_locks_in_the_one_order(app):
    deed = Deed(everything_at_once)
    book, seen = log_of(app, deed)

    assert [len(sent.rows) for sent in seen if sent.table == "ledger_entries"] == [9, 1]  # and one recovery
    assert [sent.verb for sent in seen].count("lock") == 3  # wallets, the pool, what is owed
    assert book.verified().total == 0
    locks_in_order(app, deed)


def test_rows_to_be_planned_on_are_locked_in_the_order_of_account_and_lot(app):
    _, seen = log_of(app, Deed(everything_at_once))
    looks = [sent.sql for sent in seen if sent.verb == "lock"]

    with app.app_context():
        locks = db.engine.dialect.name == "postgresql"  # on SQLite a deed is alone
    assert all("ORDER BY ledger_balances.account_id, ledger_balances.lot_id" in sql for sql in looks)
    assert all(("FOR UPDATE OF ledger_balances" in sql) == locks for sql in looks)


def test_a_batch_changes_balances_by_few_statements_not_one_for_each(app):
    """Gains that stand together in lock order are one statement; each loss is its own, for it may miss."""
    deed = next(deed for deed in DEEDS if deed.name == "batch of awards in any order")
    _, seen = log_of(app, deed)

    changes = [(sent.verb, len(sent.rows)) for sent in seen if sent.table == "ledger_balances" and sent.verb != "lock"]
    assert sum(rows for verb, rows in changes if verb == "insert") > 10 > len(changes)


@pytest.mark.parametrize("with_minutes", [False, True], ids=["alone", "with its minutes"])
def test_an_award_is_four_statements_also_when_others_owe_something(book, with_minutes):
    def prepare(inside: Book) -> Any:
        scene = Scene(book, inside)
        scene.posts(book.service(1, at=AT))
        scene.awards(5)
        scene.owes(20, LI)

    book.does(prepare, at=AT)
    batch = [book.award(20, at=AT)] + ([book.service(90, at=AT)] if with_minutes else [])
    with sent_by(book.app) as seen:
        book.posts(*batch, at=AT)

    assert [(sent.verb, sent.table) for sent in seen] == [
        ("insert", "ledger_entries"),
        ("insert", "ledger_balances"),
        ("update", "ledger_balances"),
        ("insert", "ledger_postings"),
    ]
    assert [len(sent.rows) for sent in seen] == [len(batch), len(batch), 1, len(batch) + 1]
    assert (book.owes(LI), book.owes(WANG)) == (20, 0)


def test_a_batch_asks_once_what_all_its_wallets_owe(book):
    """And takes no lock to ask: nobody who owes nothing waits for anybody."""

    def prepare(inside: Book) -> Any:
        scene = Scene(book, inside)
        scene.awards(5)
        scene.awards(5, LI)

    book.does(prepare, at=AT)
    with sent_by(book.app) as seen:
        book.posts(book.award(20, at=AT), book.award(20, LI, at=AT), at=AT)

    assert [sent.verb for sent in seen] == ["insert", "insert", "update", "insert"]


# By experiment


def test_batches_of_every_kind_in_any_order_do_not_deadlock(book):
    """Holds, gifts to the pool, help from it, captures, releases, reversals and awards that repay, all overlapping."""
    people, debtors = ([person_wallet(f"{letter}{n}") for n in range(count)] for letter, count in (("p", 8), ("d", 4)))
    rng = random.Random(20260504)
    held, given = [], []

    def prepare(inside: Book) -> None:
        scene = Scene(book, inside)
        for fund in ("f1", "f2"):
            scene.posts(book.allocation(90_000, fund, AT), book.reservation(90_000, fund, AT))
        for who in people:
            scene.posts(*(awarded(scene, 400, who, fund=fund) for fund in ("f1", "f2")))
            scene.posts(book.gift(50, CHARITY_POOL, person=who.owner, at=AT))
            held.extend(scene.holds(5, who) for _ in range(4))
            given.extend(scene.awards(6, who) for _ in range(4))
        for who in debtors:
            scene.owes(600, who)
        scene.posts(book.gift(2, household_pot("h1"), person="p0", at=AT))  # every row is there: see below

    book.does(prepare, at=AT)

    def batch() -> Any:
        who, owing = rng.sample(people, 6), rng.sample(debtors, 2)
        resolved, undone = rng.sample(held, 3), rng.sample(given, 3)
        order = random.Random(rng.random())

        def doing(b: Book) -> Any:
            made = [
                book.hold(2, who[0], lasts=timedelta(days=1), at=AT),
                book.hold(2, who[1], lasts=timedelta(days=1), at=AT),
                book.gift(2, CHARITY_POOL, person=who[2].owner, at=AT),
                book.gift(2, household_pot("h1"), person=who[1].owner, at=AT),
                book.transfer(2, CHARITY_POOL, who[3], at=AT),
                book.transfer(2, who[3], who[0], at=AT),
                book.award(3, who[4], at=AT),
                awarded(Quick(book), 3, who[5], fund="f2"),
                *(book.award(3, debtor, at=AT) for debtor in owing),
                *(resolution(b, hold) for hold in resolved),
                *(
                    reversals.reverse(b, entry_id=one.id, payer=budget_account("a1"), told=told(AT), new_id=uuid7())
                    for one in undone
                ),
            ]
            order.shuffle(made)
            return post_many(b, made)

        return doing

    def outcome(doing: Any) -> str:
        try:
            book.does(doing, at=AT)
        except AppError as refusal:
            return refusal.code
        return "done"

    batches = [batch() for _ in range(30)]
    with deadlocks_counted(book.app) as deadlocks:
        outcomes = at_once(*(partial(outcome, doing) for doing in batches))

    assert deadlocks == []
    assert Counter(outcomes) == {"done": len(batches)}
    assert all(0 < book.owes(debtor) < 600 for debtor in debtors)
    assert book.verified().total == 0


@dataclass(frozen=True)
class Quick:
    """As much of a scene as drafts need."""

    book: Bookkeeper


def resolution(b: Book, hold: Any) -> Any:
    """Each hold comes to one end, whoever is the first to bring it there."""
    if hold.id.int % 2:
        return holds.release(b, hold_id=hold.id, told=told(AT), entry_id=uuid7())
    return holds.capture(b, hold_id=hold.id, merchant=BAKERY, told=told(AT), entry_id=uuid7())


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
@pytest.mark.parametrize("first", ["a hold that looks twice", "thanks that bring the same lot"])
def test_a_lot_that_arrives_after_the_look_does_not_make_two_wait_for_each_other(book, first):
    """The first deed has locked the wallet's old lot. An award brings a new lot, whose id is smaller, and commits. The
    second deed locks the new lot and waits for the old one; now the first deed wants the new lot as well.
    """
    new, old = sorted(("f1", "f2"), key=lambda fund: dated(AT, fund).id_in(book.id).hex)

    def prepare(inside: Book) -> None:
        scene = Scene(book, inside)
        scene.posts(book.award(10, fund=old, at=AT))
        scene.posts(book.award(10, GROUP, fund=new, at=AT))
        scene.buys(1)

    book.does(prepare, at=AT)
    deeds = {
        "a hold that looks twice": partial(book.posts, book.hold(15, at=AT), at=AT),
        "thanks that bring the same lot": partial(book.posts, book.thanks(5, at=AT), at=AT),
    }
    with deadlocks_counted(book.app) as deadlocks, stopped_after_its_look(book.app) as (looked, may_go_on):

        def meanwhile() -> None:
            assert looked.wait(20)
            book.posts(book.award(20, fund=new, at=AT), at=AT)
            with ThreadPoolExecutor(1) as pool:
                second = pool.submit(book.posts, book.hold(1, at=AT), at=AT)
                until_somebody_waits(book)
                may_go_on.set()
                second.result(30)

        at_once(lambda: first_of_all(deeds[first]), meanwhile)

    assert book.verified().total == 0
    assert deadlocks == []


FIRST = threading.local()


def first_of_all(deed: Any) -> None:
    FIRST.is_here = True
    deed()


@contextmanager
def stopped_after_its_look(app: Flask) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The first deed stops, once, when it has locked the wallet's rows that it saw, until it may go on."""
    looked, may_go_on = threading.Event(), threading.Event()

    def stop(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if "FOR UPDATE" in sql and getattr(FIRST, "is_here", False) and not looked.is_set():
            looked.set()
            assert may_go_on.wait(20)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", stop)
    try:
        yield looked, may_go_on
    finally:
        event.remove(engine, "after_cursor_execute", stop)


def until_somebody_waits(book: Bookkeeper) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + 20
    while not book.looks(lambda b: b.session.scalar(waiting)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
