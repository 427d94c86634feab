"""Any history of any length: a small model in a dict says what should be true, and verify finds nothing.

Hypothesis prints the steps of a failing history and how to repeat it.
"""

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
from backend.ledger.accounts import (
    CHARITY_POOL,
    FEN,
    MINUTES,
    WALLETS,
    Account,
    Lot,
    fund_account,
    held_of,
    merchant_account,
    person_wallet,
)
from backend.ledger.drafts import Draft
from backend.ledger.errors import AlreadyResolved, AwardExpired, HoldExpired, InsufficientPoints, KeyReused
from backend.ledger.models import accounts, balances, lots
from tests.ledger.bookkeeping import BAKERY, Bookkeeper, dated, in_shanghai
from tests.ledger.model import BUDGET, Model

FUNDS = ("f1", "f2")
PEOPLE = tuple(Account(kind, f"{kind}-1") for kind in WALLETS)
PERSON, POT, GROUP = PEOPLE
THE_OTHER_ACCOUNT = person_wallet("person-2")
HOLD_LASTS = timedelta(days=2)

funds, people, points = st.sampled_from(FUNDS), st.sampled_from(PEOPLE), st.integers(1, 30)


class Histories(RuleBasedStateMachine):
    """Everything the ledger can do, and a clock that only runs forward."""

    app: ClassVar[Flask]
    awards = Bundle("awards")
    captures = Bundle("captures")
    holds = Bundle("holds")
    services = Bundle("services")

    def __init__(self) -> None:
        super().__init__()
        self.book = Bookkeeper.of_new_book(self.app)
        self.model = Model(self.book.id)
        self.at: datetime = in_shanghai(2025, 11, 20, 12)
        self.awarded: dict[UUID, tuple[Account, Lot, int]] = {}
        self.served: dict[UUID, tuple[Account, int]] = {}
        self.held: dict[UUID, tuple[Account, dict[Lot, int], datetime]] = {}
        self.resolved: dict[UUID, str] = {}
        self.paid: dict[UUID, tuple[Account, dict[Lot, int]]] = {}
        self.undone: set[UUID] = set()
        self.unclosed: list[UUID] = []
        self.statements = 0
        self.last_gift: Draft | None = None

    def today(self) -> date:
        return shanghai_day(self.at)

    @initialize(target=captures)
    def warm_start(self) -> Any:
        """A book in its second year, with a shop that sold something: short histories from nothing never see a point
        expire."""
        self.at = in_shanghai(2025, 11, 20, 12)
        for fund in FUNDS:
            self.allocates(fund, 90)
            self.reserves(fund, 80)
            for who in PEOPLE:
                self.is_awarded(fund, who, 12)
        self.at = in_shanghai(2026, 11, 20, 12)
        return self.captures_it(self.puts_on_hold(PERSON, 20), 0.9)

    @rule(days=st.sampled_from([0, 1, 3, 30, 45, 400]), hours=st.integers(1, 23))
    def time_passes(self, days: int, hours: int) -> None:
        self.at += timedelta(days=days, hours=hours)

    # funds and budgets

    @rule(fund=funds, amount=st.integers(1, 50))
    def allocates(self, fund: str, amount: int) -> None:
        self.book.posts(self.book.allocation(amount, fund, self.at), at=self.at)
        self.model.has[fund_account(fund), Lot.undated(fund)] += amount

    @rule(fund=funds, amount=points)
    def withdraws(self, fund: str, amount: int) -> None:
        place = fund_account(fund), Lot.undated(fund)
        if self.model.has[place] >= amount:
            self.book.posts(self.book.withdrawal(amount, fund, at=self.at), at=self.at)
            self.model.has[place] -= amount

    @rule(fund=funds, amount=points)
    def reserves(self, fund: str, amount: int) -> None:
        source, destination = (fund_account(fund), Lot.undated(fund)), (BUDGET, Lot.undated(fund))
        if self.model.has[source] >= amount:
            self.book.posts(self.book.reservation(amount, fund, self.at), at=self.at)
            self.model.move(source, destination, amount)

    # earning, and undoing it

    @rule(target=awards, fund=funds, who=people, amount=points)
    def is_awarded(self, fund: str, who: Account, amount: int) -> Any:
        if self.model.has[BUDGET, Lot.undated(fund)] < amount:
            return multiple()
        award = self.book.award(amount, who, fund=fund, at=self.at)
        self.book.posts(award, at=self.at)
        lot = dated(self.at, fund)
        self.model.award(fund, who, lot, amount, self.today())
        self.awarded[award.id] = who, lot, amount
        return award.id

    @rule(award=awards)
    def is_undone(self, award: UUID) -> None:
        if award in self.undone:
            assert self.book.reverses(award, at=self.at).is_replay
            return
        who, lot, amount = self.awarded[award]
        if self.model.has[who, lot] == 0 and self.today() > lot.last_day:
            self._refused(lambda: self.book.reverses(award, at=self.at), AwardExpired, last_day=lot.last_day)
            return
        self.book.reverses(award, at=self.at)
        assert self.model.reverse(who, lot, amount, self.today())
        self.undone.add(award)

    @rule(target=services, minutes=st.integers(1, 600))
    def serves(self, minutes: int) -> UUID:
        draft = self.book.service(minutes, PERSON.owner, at=self.at)
        self.book.posts(draft, at=self.at)
        self.model.serve(PERSON, minutes)
        self.served[draft.id] = PERSON, minutes
        return draft.id

    @rule(service=services)
    def minutes_are_undone(self, service: UUID) -> None:
        if service not in self.undone and self.model.has[PERSON, MINUTES] < self.served[service][1]:
            return  # they were moved to another account of the person
        posted = self.book.reverses(service, at=self.at)
        assert posted.is_replay is (service in self.undone)
        if service not in self.undone:
            who, minutes = self.served[service]
            self.model.serve(who, -minutes)
            self.undone.add(service)

    # giving

    @rule(to=st.sampled_from([POT, CHARITY_POOL]), amount=points)
    def gives(self, to: Account, amount: int) -> None:
        draft = self.book.gift(amount, to, person=PERSON.owner, at=self.at)
        if self._pays(draft, PERSON, to, amount):
            self.last_gift = draft

    @rule(other=st.booleans())
    def gives_again_under_the_same_key(self, other: bool) -> None:
        if self.last_gift is None:
            return
        again = replace(self.last_gift, id=uuid7())
        if other:
            changed = replace(again, fingerprint=b"o" * 32)
            self._refused(lambda: self.book.posts(changed, at=self.at), KeyReused)
        else:
            assert self.book.posts(again, at=self.at)[0].id == self.last_gift.id

    @rule(amount=points)
    def thanks(self, amount: int) -> None:
        draft = self.book.thanks(amount, group=GROUP.owner, person=PERSON.owner, at=self.at)
        self._pays(draft, GROUP, PERSON, amount)

    @rule(source=st.sampled_from([*PEOPLE, CHARITY_POOL]), to=people, amount=st.one_of(st.none(), points))
    def transfers(self, source: Account, to: Account, amount: int | None) -> None:
        if source != to:
            wanted = amount or max(self.model.available(source, self.today()), 1)
            self._pays(self.book.transfer(amount, source, to, at=self.at), source, to, wanted)
            if source == PERSON and amount is None:
                self._moves_minutes()

    def _moves_minutes(self) -> None:
        """What a whole wallet's move brings along when two accounts are one person."""
        minutes = self.model.has[PERSON, MINUTES]
        if minutes:
            other = THE_OTHER_ACCOUNT.owner
            self.book.posts(self.book.minutes_moved(minutes, PERSON.owner, other, at=self.at), at=self.at)
            self.model.serve(PERSON, -minutes)
            self.model.serve(THE_OTHER_ACCOUNT, minutes)

    def _pays(self, draft: Draft, source: Account, to: Account, amount: int) -> bool:
        available = self.model.available(source, self.today())
        if available < amount:
            self._refused(lambda: self.book.posts(draft, at=self.at), InsufficientPoints, available=available)
            return False
        self.book.posts(draft, at=self.at)
        self.model.pay(source, to, amount, self.today())
        self.model.repay(to, self.today())
        return True

    # redeeming

    @rule(target=holds, who=people, amount=st.integers(1, 40))
    def puts_on_hold(self, who: Account, amount: int) -> Any:
        available = self.model.available(who, self.today())
        draft = self.book.hold(amount, who, lasts=HOLD_LASTS, at=self.at)
        if available < amount:
            self._refused(lambda: self.book.posts(draft, at=self.at), InsufficientPoints, available=available)
            return multiple()
        hold_id = self.book.posts(draft, at=self.at)[0].id
        assert self.book.posts(replace(draft, id=uuid7()), at=self.at)[0].id == hold_id
        taken = self.model.pay(who, held_of(who), amount, self.today())
        self.held[hold_id] = (who, taken, self.at + HOLD_LASTS)
        return hold_id

    @rule(target=captures, hold_id=holds, part=st.floats(0.01, 1))
    def captures_it(self, hold_id: UUID, part: float) -> Any:
        who, held, until = self.held[hold_id]
        wanted = max(1, int(part * sum(held.values())))
        before = self.resolved.get(hold_id)
        if before == "capture":
            assert self.book.captures(hold_id, wanted, at=self.at).is_replay
            return multiple()
        if before == "release":
            self._refused(lambda: self.book.captures(hold_id, at=self.at), AlreadyResolved, kind="release")
            return multiple()
        if self.at >= until:
            self._refused(lambda: self.book.captures(hold_id, at=self.at), HoldExpired, expired_at=until)
            return multiple()
        capture_id = self.book.captures(hold_id, wanted, at=self.at).id
        self.resolved[hold_id] = "capture"
        self.paid[capture_id] = (who, self.model.capture(who, held, wanted, self.today()))
        self.unclosed.append(capture_id)
        return capture_id

    @rule(hold_id=holds)
    def releases_it(self, hold_id: UUID) -> None:
        who, held, _ = self.held[hold_id]
        before = self.resolved.get(hold_id)
        if before == "release":
            assert self.book.releases(hold_id, at=self.at).is_replay
        elif before == "capture":
            self._refused(lambda: self.book.releases(hold_id, at=self.at), AlreadyResolved, kind="capture")
        else:
            self.book.releases(hold_id, at=self.at)
            self.resolved[hold_id] = "release"
            self.model.release(who, held, self.today())

    @rule(capture_id=captures)
    def refunds_it(self, capture_id: UUID) -> None:
        posted = self.book.refunds(capture_id, at=self.at)
        assert posted.is_replay is (capture_id in self.undone)
        if capture_id not in self.undone:
            self.undone.add(capture_id)
            self.model.refund(*self.paid[capture_id], self.today())
            self.unclosed.append(posted.id)

    # what comes by itself, and the end of the month

    @rule()
    def the_sweep_runs(self) -> None:
        assert self.book.expires(at=self.at) == self.model.expire(self.today())
        assert self.book.repays(at=self.at) == 0  # every gain has repaid what it could

    @rule()
    def the_merchant_is_settled(self) -> None:
        worth = 100 * sum(self.model.shop.values())
        if worth or any(self.model.shop.values()):
            self.statements += 1
            name = f"statement-{self.statements}"
            for again in (False, True):
                assert self.book.closes(name, self.unclosed, worth, at=self.at).is_replay is again
            if worth > 0:
                self.book.pays(name, worth, at=self.at)
            self.model.shop.clear()
            self.unclosed.clear()

    @invariant()
    def the_book_says_what_the_model_says(self) -> None:
        assert self._book() == self.model.places()

    def teardown(self) -> None:
        report = self.book.verified()
        assert [finding for check in report.checks for finding in check.findings] == []
        shop = merchant_account(BAKERY)
        for lot in {lot for _, paid in self.paid.values() for lot in paid}:
            assert self.book.sum_of(shop, lot) == self.model.shop[lot]
        assert self.book.sum_of(shop, FEN) <= 0  # what was closed with a positive worth was paid

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


def run(app: Flask, *, histories: int, steps: int) -> None:
    run_state_machine_as_test(
        type("HistoriesOnThisDatabase", (Histories,), {"app": app}),
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_history_agrees_with_the_model_and_verifies(app):
    run(app, histories=8, steps=40)


@pytest.mark.soak
def test_a_thousand_histories_agree_with_the_model_and_verify(app):
    run(app, histories=1000, steps=60)
