"""Any history of any length: a small model in a dict says what should be true, and verify finds nothing.

Hypothesis prints the steps of a failing history and how to repeat it.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from backend.foundation.clock import shanghai_day
from backend.foundation.ids import uuid7
from backend.ledger.accounts import WALLETS, Account, Lot, budget_account, fund_account, held_of, last_day_of_returned
from backend.ledger.errors import AlreadyResolved, HoldExpired, InsufficientPoints
from backend.ledger.models import accounts, balances, lots
from tests.ledger.bookkeeping import Bookkeeper, dated, in_shanghai

FUNDS = ("f1", "f2")
PEOPLE = tuple(Account(kind, f"{kind}-1") for kind in WALLETS)
HOLD_LASTS = timedelta(days=2)


class Histories(RuleBasedStateMachine):
    """Everything the ledger can do, and a clock that only runs forward."""

    app: ClassVar[Flask]
    captures = Bundle("captures")
    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.book = Bookkeeper.of_new_book(self.app)
        self.at: datetime = in_shanghai(2025, 11, 20, 12)
        self.has: dict[tuple[Account, Lot], int] = defaultdict(int)
        self.held: dict[UUID, tuple[Account, dict[Lot, int], datetime]] = {}
        self.resolved: dict[UUID, str] = {}
        self.paid: dict[UUID, tuple[Account, dict[Lot, int]]] = {}
        self.refunded: set[UUID] = set()

    def today(self) -> date:
        return shanghai_day(self.at)

    @initialize(target=captures)
    def warm_start(self) -> Any:
        """A book in its second year: short histories from nothing never see a point expire."""
        self.at = in_shanghai(2025, 11, 20, 12)
        given = []
        for fund in FUNDS:
            given += [self.book.allocation(90, fund, self.at), self.book.reservation(80, fund, self.at)]
            given += [self.book.award(12, who, fund=fund, at=self.at) for who in PEOPLE]
            self.has[fund_account(fund), Lot.undated(fund)] = 10
            self.has[budget_account("a1"), Lot.undated(fund)] = 80 - 12 * len(PEOPLE)
            self.has |= {(who, dated(self.at, fund)): 12 for who in PEOPLE}
        self.book.posts(*given, at=self.at)
        self.at = in_shanghai(2026, 11, 20, 12)
        return self.captures_it(self.puts_on_hold(PEOPLE[0], 20), 0.9)

    @rule(days=st.sampled_from([0, 1, 3, 30, 45, 400]), hours=st.integers(1, 23))
    def time_passes(self, days: int, hours: int) -> None:
        self.at += timedelta(days=days, hours=hours)

    @rule(fund=st.sampled_from(FUNDS), points=st.integers(1, 50))
    def allocates(self, fund: str, points: int) -> None:
        self.book.posts(self.book.allocation(points, fund, self.at), at=self.at)
        self.has[fund_account(fund), Lot.undated(fund)] += points

    @rule(fund=st.sampled_from(FUNDS), points=st.integers(1, 50))
    def reserves(self, fund: str, points: int) -> None:
        source, destination = (fund_account(fund), Lot.undated(fund)), (budget_account("a1"), Lot.undated(fund))
        if self.has[source] >= points:
            self.book.posts(self.book.reservation(points, fund, self.at), at=self.at)
            self._moves(source, destination, points)

    @rule(fund=st.sampled_from(FUNDS), who=st.sampled_from(PEOPLE), points=st.integers(1, 30))
    def awards(self, fund: str, who: Account, points: int) -> None:
        payer = (budget_account("a1"), Lot.undated(fund))
        if self.has[payer] >= points:
            self.book.posts(self.book.award(points, who, fund=fund, at=self.at), at=self.at)
            self._moves(payer, (who, dated(self.at, fund)), points)

    @rule(target=holds, who=st.sampled_from(PEOPLE), points=st.integers(1, 40))
    def puts_on_hold(self, who: Account, points: int) -> Any:
        live = sorted(
            (lot.last_day, lot.id_in(self.book.id).hex, lot)
            for (account, lot), balance in self.has.items()
            if account == who and balance and lot.last_day >= self.today()
        )
        available = sum(self.has[who, lot] for *_, lot in live)
        draft = self.book.hold(points, who, lasts=HOLD_LASTS, at=self.at)
        if available < points:
            self._refused(lambda: self.book.posts(draft, at=self.at), InsufficientPoints, available=available)
            return multiple()
        hold_id = self.book.posts(draft, at=self.at)[0].id
        assert self.book.posts(replace(draft, id=uuid7()), at=self.at)[0].id == hold_id
        taken: dict[Lot, int] = {}
        for *_, lot in live:
            amount = min(points, self.has[who, lot])
            if amount:
                taken[lot] = amount
                self._moves((who, lot), (held_of(who), lot), amount)
                points -= amount
        self.held[hold_id] = (who, taken, self.at + HOLD_LASTS)
        return hold_id

    @rule(target=captures, hold_id=holds, part=st.floats(0.01, 1))
    def captures_it(self, hold_id: UUID, part: float) -> Any:
        who, lots_held, until = self.held[hold_id]
        points = max(1, int(part * sum(lots_held.values())))
        before = self.resolved.get(hold_id)
        if before == "capture":
            assert self.book.captures(hold_id, points, at=self.at).is_replay
            return multiple()
        if before == "release":
            self._refused(lambda: self.book.captures(hold_id, at=self.at), AlreadyResolved, kind="release")
            return multiple()
        if self.at >= until:
            self._refused(lambda: self.book.captures(hold_id, at=self.at), HoldExpired, expired_at=until)
            return multiple()
        capture_id = self.book.captures(hold_id, points, at=self.at).id
        self.resolved[hold_id] = "capture"
        paid: dict[Lot, int] = {}
        for lot, amount in sorted(
            lots_held.items(), key=lambda pair: (pair[0].last_day, pair[0].id_in(self.book.id).hex)
        ):
            paid[lot] = min(points, amount)
            points -= paid[lot]
            self.has[held_of(who), lot] -= amount
            self.has[who, lot] += amount - paid[lot]
        self.paid[capture_id] = (who, paid)
        return capture_id

    @rule(hold_id=holds)
    def releases_it(self, hold_id: UUID) -> None:
        who, lots_held, _ = self.held[hold_id]
        before = self.resolved.get(hold_id)
        if before == "release":
            assert self.book.releases(hold_id, at=self.at).is_replay
        elif before == "capture":
            self._refused(lambda: self.book.releases(hold_id, at=self.at), AlreadyResolved, kind="capture")
        else:
            self.book.releases(hold_id, at=self.at)
            self.resolved[hold_id] = "release"
            for lot, amount in lots_held.items():
                self._moves((held_of(who), lot), (who, lot), amount)

    @rule(capture_id=captures)
    def refunds_it(self, capture_id: UUID) -> None:
        if capture_id in self.refunded:
            assert self.book.refunds(capture_id, at=self.at).is_replay
            return
        self.book.refunds(capture_id, at=self.at)
        self.refunded.add(capture_id)
        who, paid = self.paid[capture_id]
        for lot, amount in paid.items():
            good = lot if lot.last_day >= self.today() else Lot.dated(lot.fund, last_day_of_returned(self.today()))
            self.has[who, good] += amount

    @invariant()
    def the_book_says_what_the_model_says(self) -> None:
        assert self._book() == {place: balance for place, balance in self.has.items() if balance}

    def teardown(self) -> None:
        report = self.book.verified()
        assert [finding for check in report.checks for finding in check.findings] == []

    def _moves(self, source: tuple[Account, Lot], destination: tuple[Account, Lot], points: int) -> None:
        self.has[source] -= points
        self.has[destination] += points

    def _refused(self, deed: Callable[[], Any], refusal: type[Exception], **facts: Any) -> None:
        before = self.book.everything()
        with pytest.raises(refusal) as refused:
            deed()
        assert {name: refused.value.facts[name] for name in facts} == facts
        assert self.book.everything() == before

    def _book(self) -> dict[tuple[Account, Lot], int]:
        query = (
            select(accounts.c.kind, accounts.c.owner, lots.c.unit, lots.c.fund, lots.c.last_day, balances.c.balance)
            .select_from(balances)
            .join(accounts, (accounts.c.book_id == balances.c.book_id) & (accounts.c.id == balances.c.account_id))
            .join(lots, (lots.c.book_id == balances.c.book_id) & (lots.c.id == balances.c.lot_id))
            .where(balances.c.book_id == self.book.id, balances.c.balance > 0)
        )
        rows = self.book.looks(lambda book: book.session.execute(query).all())
        return {(Account(row.kind, row.owner), Lot(row.unit, row.fund, row.last_day)): row.balance for row in rows}


def test_any_history_agrees_with_the_model_and_verifies(app):
    machine = type("HistoriesOnThisDatabase", (Histories,), {"app": app})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=35,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
