"""A deed broken off anywhere has no effect or its whole effect, and the same request sent again has it exactly once.

Every kind of entry is broken off before and after each of its statements, by a COMMIT that fails and by one whose
acknowledgement is lost. Each attempt is the retry of the one before, gets one step further, and finds the book as it
was. `DEEDS` is the list of all kinds, each in a world of its own that is made for it.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from backend.foundation.db import db
from backend.foundation.ids import uuid7
from backend.ledger import closing, drafts, holds, known, posting, reversals, sweeps
from backend.ledger.accounts import CHARITY_POOL, Account, Lot, budget_account, person_wallet
from backend.ledger.book import Book, Posted
from backend.ledger.claiming import Claims, claim
from backend.ledger.drafts import Draft
from backend.ledger.kinds import MOVES
from backend.ledger.models import accounts, lots
from backend.ledger.posting import post, post_many
from tests.ledger.bookkeeping import BAKERY, GROUP, LI, POT, WANG, Bookkeeper, dated, in_shanghai, told

EARLIER, AT = in_shanghai(2025, 5, 4, 10), in_shanghai(2026, 5, 4, 10)
EXPIRED = in_shanghai(2028, 1, 1, 9)  # the points of AT were good to the end of 2027

Doing = Callable[[Book], Any]


class Snapped(Exception):
    """Something that breaks a deed off."""


class Scene:
    """A book while it is prepared: 500 points in each of two funds, 300 of each set aside; one transaction for all."""

    def __init__(self, book: Bookkeeper, inside: Book) -> None:
        self.book, self.inside = book, inside
        for fund in ("f1", "f2"):
            self.posts(book.allocation(500, fund, AT), book.reservation(300, fund, AT))

    def posts(self, *made: Draft) -> Posted:
        return post_many(self.inside, made)[0]

    def awards(self, points: int, to: Account = WANG, fund: str = "f1") -> Posted:
        return self.posts(awarded(self, points, to, fund=fund))

    def holds(self, points: int, wallet: Account = WANG) -> Posted:
        return self.posts(self.book.hold(points, wallet, lasts=timedelta(days=3), at=AT))

    def captures(self, hold: Posted) -> Posted:
        return captures(hold)(self.inside)

    def buys(self, points: int, wallet: Account = WANG) -> Posted:
        return self.captures(self.holds(points, wallet))

    def owes(self, points: int, wallet: Account = WANG) -> None:
        """The wallet spent what it should not have got."""
        award = self.awards(points, wallet)
        self.buys(points, wallet)
        reverses(award)(self.inside)

    def awards_unseen(self, points: int) -> None:
        """Points come without anybody asking what is owed, as in a deed that did not see the debt."""

        def blind(of_book: Book, made: Any) -> Claims:
            return Claims(claim(of_book, made).answers, owing=False)

        with patch.object(posting, "claim", blind):
            self.awards(points, fund="f2")


def awarded(scene: Scene, points: int, to: Account = WANG, *, fund: str = "f1", origin: str | None = None) -> Draft:
    """Points of f2 were earned a year earlier, so that it is the same in every book which are spent first."""
    made = scene.book.award(points, to, fund=fund, origin=origin, at=AT if fund == "f1" else EARLIER)
    return replace(made, id=uuid7())


# What is done. A deed can be run again: then it has the same keys and new ids, as a request that is sent again.


def posting_again(*made: Draft) -> Doing:
    return lambda b: post_many(b, [replace(draft, id=uuid7()) for draft in made])


def captures(hold: Posted, points: int | None = None, *, at: datetime = AT) -> Doing:
    return lambda b: post(
        b, holds.capture(b, hold_id=hold.id, merchant=BAKERY, points=points, told=told(at), entry_id=uuid7())
    )


def releases(hold: Posted) -> Doing:
    return lambda b: post(b, holds.release(b, hold_id=hold.id, told=told(AT), entry_id=uuid7()))


def refunds(capture: Posted, *, at: datetime = AT) -> Doing:
    return lambda b: post(b, holds.refund(b, capture_id=capture.id, told=told(at), entry_id=uuid7()))


def reverses(award: Posted) -> Doing:
    return lambda b: post(
        b, reversals.reverse(b, entry_id=award.id, payer=budget_account("a1"), told=told(AT), new_id=uuid7())
    )


def closes(*on_it: Posted, fen: int = 1200) -> Doing:
    entry_ids = [entry.id for entry in on_it]
    return lambda b: post(
        b,
        closing.close(b, statement="s1", merchant=BAKERY, entry_ids=entry_ids, fen=fen, told=told(AT), new_id=uuid7()),
    )


# The scenes, one per kind of entry


def allocate(scene: Scene) -> Doing:
    return posting_again(scene.book.allocation(40, "a new fund", AT))


def withdraw(scene: Scene) -> Doing:
    return posting_again(scene.book.withdrawal(40, at=AT))


def reserve(scene: Scene) -> Doing:
    return posting_again(scene.book.reservation(40, at=AT))


def give_back(scene: Scene) -> Doing:
    return posting_again(
        drafts.give_back(fund="f1", activity="a1", points=40, version=2, told=told(AT), entry_id=uuid7())
    )


def award(scene: Scene) -> Doing:
    return posting_again(scene.book.award(20, origin="door", at=AT))


def award_to_somebody_known(scene: Scene) -> Doing:
    scene.awards(5)
    return posting_again(scene.book.award(20, origin="door", at=AT))


def award_with_minutes(scene: Scene) -> Doing:
    return posting_again(scene.book.award(20, origin="door", at=AT), scene.book.service(90, origin="door", at=AT))


def serve(scene: Scene) -> Doing:
    return posting_again(scene.book.service(90, origin="door", at=AT))


def undo_minutes(scene: Scene) -> Doing:
    return reverses(scene.posts(scene.book.service(90, at=AT)))


def reverse_with_a_remainder_owed(scene: Scene) -> Doing:
    award = scene.awards(20)
    scene.buys(15)
    return reverses(award)


def reverse_with_a_recovery(scene: Scene) -> Doing:
    award = scene.awards(20)
    scene.buys(20)
    scene.awards(8, fund="f2")
    return reverses(award)


def recover_by_sweep(scene: Scene) -> Doing:
    scene.owes(20)
    scene.awards_unseen(30)
    return lambda b: sweeps.repay(b, WANG, told=told(AT))


def gift_to_a_pot(scene: Scene) -> Doing:
    scene.awards(10)
    scene.awards(10, fund="f2")
    return posting_again(scene.book.gift(15, POT, key="tap", at=AT))


def gift_to_the_pool(scene: Scene) -> Doing:
    scene.awards(10)
    scene.awards(10, fund="f2")
    return posting_again(scene.book.gift(15, CHARITY_POOL, key="tap", at=AT))


def thank(scene: Scene) -> Doing:
    scene.awards(30, GROUP)
    return posting_again(scene.book.thanks(12, at=AT))


def transfer(scene: Scene) -> Doing:
    scene.awards(10)
    scene.awards(10, fund="f2")
    return posting_again(scene.book.transfer(None, WANG, LI, request="death", at=AT))


def transfer_of_minutes(scene: Scene) -> Doing:
    scene.posts(scene.book.service(90, at=AT))
    return posting_again(scene.book.minutes_moved(90, "wang", "li", request="merge", at=AT))


def transfer_from_the_pool(scene: Scene) -> Doing:
    scene.awards(20)
    scene.posts(scene.book.gift(15, CHARITY_POOL, at=AT))
    return posting_again(scene.book.transfer(12, CHARITY_POOL, LI, request="aid", at=AT))


def hold(scene: Scene) -> Doing:
    scene.awards(10)
    scene.awards(10, fund="f2")
    return posting_again(scene.book.hold(15, key="tap", at=AT))


def capture_of_a_part(scene: Scene) -> Doing:
    scene.awards(10)
    scene.awards(10, fund="f2")
    return captures(scene.holds(18), 12)


def release(scene: Scene) -> Doing:
    scene.awards(10)
    scene.awards(10, fund="f2")
    return releases(scene.holds(15))


def release_that_repays(scene: Scene) -> Doing:
    award = scene.awards(20)
    hold = scene.holds(20)
    reverses(award)(scene.inside)
    return releases(hold)


def refund(scene: Scene) -> Doing:
    scene.awards(10)
    scene.awards(10, fund="f2")
    return refunds(scene.buys(15))


def refund_of_expired_lots(scene: Scene) -> Doing:
    scene.awards(10)
    scene.awards(10, fund="f2")
    return refunds(scene.buys(15), at=EXPIRED)


def expire(scene: Scene) -> Doing:
    scene.awards(10)
    return lambda b: sweeps.expire(b, (WANG, dated(AT)), told=told(EXPIRED))


def close(scene: Scene) -> Doing:
    scene.awards(10)
    scene.awards(10, fund="f2")
    return closes(scene.buys(15))


def pay(scene: Scene) -> Doing:
    scene.awards(12)
    closes(scene.buys(12))(scene.inside)
    return posting_again(closing.pay(statement="s1", merchant=BAKERY, fen=1200, told=told(AT), new_id=uuid7()))


def award_followed_by_a_recovery(scene: Scene) -> Doing:
    scene.owes(20)
    return posting_again(scene.book.award(30, origin="door", at=AT))


def batch_of_awards_in_any_order(scene: Scene) -> Doing:
    scene.owes(4)
    people = [WANG, *(person_wallet(name) for name in ("an", "bo", "chen", "dong"))]
    batch = [
        draft
        for who in people
        for draft in (
            scene.book.award(5, who, origin=f"door-{who.owner}", at=AT),
            awarded(scene, 3, who, fund="f2", origin=f"garden-{who.owner}"),
            scene.book.service(60, who.owner, origin=f"door-{who.owner}", at=AT),
        )
    ]
    random.Random(20260504).shuffle(batch)
    return posting_again(*batch)


@dataclass(frozen=True)
class Deed:
    """Something the ledger does: the scene is set, then it happens at an instant."""

    scene: Callable[[Scene], Doing]
    at: datetime = AT

    @property
    def name(self) -> str:
        return self.scene.__name__.replace("_", " ")

    def prepared(self, app: Flask) -> tuple[Bookkeeper, Doing]:
        """A new book in which it can happen, and the doing of it."""
        book = Bookkeeper.of_new_book(app)
        return book, book.does(lambda inside: self.scene(Scene(book, inside)), at=AT)


DEEDS = [
    *map(Deed, (allocate, withdraw, reserve, give_back, award, award_to_somebody_known, award_with_minutes, serve)),
    *map(Deed, (undo_minutes, reverse_with_a_remainder_owed, reverse_with_a_recovery, recover_by_sweep)),
    *map(Deed, (gift_to_a_pot, gift_to_the_pool, thank, transfer, transfer_of_minutes, transfer_from_the_pool)),
    *map(Deed, (hold, capture_of_a_part)),
    *map(Deed, (release, release_that_repays, refund)),
    Deed(refund_of_expired_lots, EXPIRED),
    Deed(expire, EXPIRED),
    *map(Deed, (close, pay, award_followed_by_a_recovery, batch_of_awards_in_any_order)),
]
each_deed = pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)


# Breaking off


Failpoint = tuple[str, int]
COMMIT_FAILS, ACKNOWLEDGEMENT_IS_LOST = ("before COMMIT", 0), ("after COMMIT", 0)


@contextmanager
def broken_off(app: Flask, *where: Failpoint, trouble: Exception | None = None) -> Iterator[list[str]]:
    """Note the statements of the block, and break it off at each of those points once."""
    seen: list[str] = []
    left, begun = list(where), 0

    def reaches(moment: str, number: int) -> None:
        if (moment, number) in left:
            left.remove((moment, number))
            raise trouble or Snapped(f"{moment} {number}: {seen[-1] if seen else ''}")

    def rolled_back(_: Any) -> None:
        nonlocal begun  # another attempt counts from its own beginning
        begun = len(seen)

    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        reaches("before", len(seen) - begun)
        seen.append(statement)

    def after(*_: Any) -> None:
        reaches("after", len(seen) - begun - 1)

    def commit(connection: Any) -> None:
        reaches(*COMMIT_FAILS)
        really_commit(connection)
        reaches(*ACKNOWLEDGEMENT_IS_LOST)

    with app.app_context():
        engine = db.engine
    really_commit = engine.dialect.do_commit
    listeners = {"rollback": rolled_back, "before_cursor_execute": before, "after_cursor_execute": after}
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        with patch.object(engine.dialect, "do_commit", commit):
            yield seen
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)
    assert left == [], f"{left} were not reached"


def statements_of(book: Bookkeeper, doing: Doing, at: datetime) -> int:
    """How many statements it takes; its COMMIT fails."""
    with pytest.raises(Snapped), broken_off(book.app, COMMIT_FAILS) as seen:
        book.does(doing, at=at)
    return len(seen)


Contents = dict[str, Counter[Any]]


def contents(book: Bookkeeper) -> Contents:
    """Every row of a book but for what differs between two books in which the same happened: ids, times, numbers."""
    rows = book.everything()
    account = {row[1]: row[2:] for row in rows["ledger_accounts"]}
    lot = {row[1]: row[2:] for row in rows["ledger_lots"]}
    key = {row[1]: re.sub(r"[0-9a-f-]{36}|\d+", "#", row[2]) for row in rows["ledger_entries"]} | {None: None}
    return {
        "accounts": Counter(account.values()),
        "lots": Counter(lot.values()),
        "balances": Counter((account[row[1]], lot[row[2]], *row[3:]) for row in rows["ledger_balances"]),
        "entries": Counter((key[row[1]], *row[3:8], key[row[8]], key[row[9]]) for row in rows["ledger_entries"]),
        "postings": Counter(
            (key[row[1]], row[2], lot[row[3]], account[row[4]], account[row[5]], *row[6:])
            for row in rows["ledger_postings"]
        ),
    }


def believed_but_missing(book: Bookkeeper, after: Contents) -> set[tuple[str, Any]]:
    """Accounts and lots that the cache takes for known although the database has no such row."""
    rows = book.everything()
    wanted = {
        accounts.name: {Account(*row).id_in(book.id) for row in after["accounts"]},
        lots.name: {Lot(*row).id_in(book.id) for row in after["lots"]},
    }
    there = {name: {row[1] for row in rows[name]} for name in wanted}
    return {
        (name, row_id)
        for name, ids in wanted.items()
        for row_id in ids - book.looks(lambda b, name=name, ids=ids: known.missing(b.session, name, ids))
        if row_id not in there[name]
    }


def undisturbed(app: Flask, deed: Deed) -> Contents:
    """What a book holds after the deed when nothing goes wrong."""
    book, doing = deed.prepared(app)
    book.does(doing, at=deed.at)
    return contents(book)


def survives_every_failpoint(app: Flask, deed: Deed) -> None:
    """Break the deed off everywhere and send it again each time: it must have happened once, as if nothing had been."""
    expected = undisturbed(app, deed)
    book, doing = deed.prepared(app)
    before = book.everything()
    statements = statements_of(book, doing, deed.at)
    assert book.everything() == before, COMMIT_FAILS
    for where in [(moment, number) for number in range(statements) for moment in ("before", "after")]:
        with pytest.raises(Snapped), broken_off(app, where):
            book.does(doing, at=deed.at)
        assert book.everything() == before, where
        assert believed_but_missing(book, expected) == set(), where

    with pytest.raises(Snapped), broken_off(app, ACKNOWLEDGEMENT_IS_LOST):
        book.does(doing, at=deed.at)
    assert contents(book) == expected
    done = book.everything()
    for _ in range(2):
        book.does(doing, at=deed.at)
        assert book.everything() == done
    assert book.verified().total == 0


@each_deed
def test_a_deed_broken_off_anywhere_and_sent_again_happens_exactly_once(app, deed):
    survives_every_failpoint(app, deed)


@each_deed
def test_a_deed_that_the_database_asks_to_repeat_happens_once_without_anybody_noticing(app, deed):
    """A serialisation failure half-way, at the last statement and at COMMIT: the edge runs the whole deed again."""
    expected = undisturbed(app, deed)
    book, doing = deed.prepared(app)
    statements = statements_of(book, doing, deed.at)
    points = ("before", statements // 2), ("after", statements - 1), COMMIT_FAILS

    with broken_off(app, *points, trouble=asked_to_repeat()):
        book.does(doing, at=deed.at)

    assert contents(book) == expected
    assert book.verified().total == 0


def asked_to_repeat() -> OperationalError:
    original = Exception("could not serialize access")
    original.sqlstate = "40001"  # type: ignore[attr-defined]
    return OperationalError("", {}, original)


def test_every_kind_of_entry_is_broken_off(app):
    posted = set()
    for deed in DEEDS:
        book, doing = deed.prepared(app)
        before = Counter(book.kinds())
        book.does(doing, at=deed.at)
        posted |= set(Counter(book.kinds()) - before)

    assert posted == set(MOVES)
