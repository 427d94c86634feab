"""Each harness catches a deliberately broken variant: a test that cannot fail guarantees nothing.

What is broken here is put back after each test. "Caught" means that the harness said no, and not that it passed.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.selectable import Select

from backend.foundation.errors import Busy
from backend.foundation.ids import uuid7
from backend.ledger import accounts, balancing, claiming, drafts, holds, known, plans, posting, sweeps
from backend.ledger.accounts import CHARITY_POOL, Account
from backend.ledger.balancing import After
from backend.ledger.book import Book, Place
from backend.ledger.claiming import Claims
from backend.ledger.drafts import Draft
from backend.ledger.errors import InsufficientPoints
from backend.ledger.models import balances
from backend.ledger.posting import post, post_many
from tests.ledger import test_closing as closing_tests
from tests.ledger import test_edges as edge_tests
from tests.ledger import test_expiry as expiry_tests
from tests.ledger import test_posting as posting_tests
from tests.ledger import test_properties as properties
from tests.ledger import test_races as race_tests
from tests.ledger import test_reversals as reversal_tests
from tests.ledger.bookkeeping import BAKERY, WANG, in_shanghai, told
from tests.ledger.test_failpoints import AT, Deed, Doing, Scene, award, gift_to_a_pot, survives_every_failpoint
from tests.ledger.test_lock_order import locks_in_order


@contextmanager
def caught(*by: type[BaseException]) -> Iterator[None]:
    """The harness inside says no."""
    with pytest.raises(by or (AssertionError, pytest.fail.Exception)):
        yield


def short_histories(app: Any) -> None:
    """The state machine, the same few histories each time."""
    machine = type("HistoriesOfACanary", (properties.Histories,), {"app": app})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=6,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def findings(book: Any) -> set[tuple[int, str]]:
    """What verify says of a book, by check and rule."""
    return {(check.number, finding.rule) for check in book.verified().checks for finding in check.findings}


def test_the_harnesses_let_the_ledger_through_as_it_is(app, book):
    """Or what follows would show nothing."""
    short_histories(app)
    survives_every_failpoint(app, Deed(gift_to_a_pot))
    expiry_tests.test_what_is_on_hold_is_left_alone_and_expires_when_it_comes_back(book)


# Keys


def test_an_expiry_keyed_without_the_version_is_caught_by_what_comes_back_from_a_hold(book, monkeypatch):
    def without_version(kind: str, key: str, *rest: Any, **named: Any) -> Draft:
        return Draft(kind, key.rpartition(":")[0] if kind == "expire" else key, *rest, **named)

    monkeypatch.setattr(sweeps, "Draft", without_version)
    with caught():
        expiry_tests.test_what_is_on_hold_is_left_alone_and_expires_when_it_comes_back(book)


def new_key_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    real = posting.claim

    def never_twice(book: Book, made: Any) -> Claims:
        return real(book, [replace(draft, key=f"{draft.key}:{draft.id}") for draft in made])

    monkeypatch.setattr(posting, "claim", never_twice)


def test_a_replay_that_posts_again_is_caught_by_the_failpoints(app, monkeypatch):
    new_key_each_time(monkeypatch)
    with caught():
        survives_every_failpoint(app, Deed(award))


def test_a_replay_that_posts_again_is_caught_by_the_races(book, monkeypatch):
    new_key_each_time(monkeypatch)
    with caught():
        race_tests.test_of_fifty_with_the_same_clients_key_one_posts_and_all_get_its_answer(book)


def test_a_replay_that_posts_again_is_caught_by_the_histories(app, monkeypatch):
    new_key_each_time(monkeypatch)
    with caught(AssertionError, InsufficientPoints):
        short_histories(app)


def test_a_replay_that_moves_points_without_an_entry_is_refused_by_the_database(book, monkeypatch):
    real = posting.claim

    def nothing_is_a_replay(of_book: Book, made: Any) -> Claims:
        claims = real(of_book, made)
        return replace(claims, answers={key: replace(one, is_replay=False) for key, one in claims.answers.items()})

    monkeypatch.setattr(posting, "claim", nothing_is_a_replay)
    with caught(IntegrityError):
        posting_tests.test_the_same_origin_is_awarded_once_and_a_repeat_names_the_first(book)


def resolutions_in_one_batch(scene: Scene) -> Doing:
    """The later hold is captured, the earlier one released: in the order of holds the release comes first."""
    scene.awards(10)
    earlier, later = scene.holds(4), scene.holds(5)

    def doing(b: Book) -> Any:
        made = [
            holds.capture(b, hold_id=later.id, merchant=BAKERY, told=told(AT), entry_id=uuid7()),
            holds.release(b, hold_id=earlier.id, told=told(AT), entry_id=uuid7()),
        ]
        return post_many(b, made)

    return doing


def test_claims_out_of_order_are_caught_in_the_statement_log(app, monkeypatch):
    monkeypatch.setattr(claiming, "_contested", lambda draft: draft.id)  # as they came
    with caught():
        locks_in_order(app, Deed(resolutions_in_one_batch))


def test_claims_sorted_by_key_alone_are_caught_in_the_statement_log(app, monkeypatch):
    """A capture and a release of one hold have different keys, and fight for the hold."""
    monkeypatch.setattr(claiming, "_contested", lambda draft: draft.key)
    with caught():
        locks_in_order(app, Deed(resolutions_in_one_batch))


def test_balances_out_of_order_are_caught_in_the_statement_log(app, monkeypatch):
    def budgets_first(book: Book, place: Place) -> tuple[int, str, str]:
        account, lot = place
        return -account.lock_rank, account.id_in(book.id).hex, lot.id_in(book.id).hex

    monkeypatch.setattr(balancing, "_lock_order", budgets_first)
    with caught():
        locks_in_order(app, Deed(award))


# Bounds


def bounding(monkeypatch: pytest.MonkeyPatch, kind: str, *, bounded: bool) -> None:
    def is_bounded(account: Account) -> bool:
        return bounded if account.kind == kind else account.kind not in accounts.UNBOUNDED

    monkeypatch.setattr(Account, "is_bounded", property(is_bounded))
    monkeypatch.setitem(accounts._LOCK_RANK, kind, 3)


def test_a_merchant_with_a_balance_is_caught_by_a_refund_after_the_statement(book, monkeypatch):
    """Its points are gone with the statement, and a customer's refund would have to wait for new ones."""
    bounding(monkeypatch, "merchant", bounded=True)
    book.gives(15, fund="f1", at=closing_tests.AT)
    book.gives(30, fund="f2", at=closing_tests.AT)
    with caught(Busy):
        closing_tests.test_a_void_after_close_and_payment_is_a_negative_line_of_the_next_one(book)


def test_a_merchant_with_a_balance_is_caught_by_verify(book, monkeypatch):
    bounding(monkeypatch, "merchant", bounded=True)
    book.gives(15)
    book.captures(book.holds(15))

    assert (2, "outside_has_no_balance") in findings(book)


def test_a_wallet_without_a_balance_is_caught_by_the_histories(app, monkeypatch):
    bounding(monkeypatch, "person", bounded=False)
    with caught():
        short_histories(app)


def test_a_pool_without_a_balance_is_caught_by_verify(book, monkeypatch):
    book.gives(15)
    bounding(monkeypatch, "charity_pool", bounded=False)
    book.posts(book.gift(5, CHARITY_POOL))

    assert (3, "step_is_recorded") in findings(book)


def lose_without_condition(book: Book, place: Place, amount: int, times: int) -> After:
    account, lot = place
    row = book.session.execute(
        update(balances)
        .where(
            balances.c.book_id == book.id,
            balances.c.account_id == account.id_in(book.id),
            balances.c.lot_id == lot.id_in(book.id),
        )
        .values(balance=balances.c.balance - amount, version=balances.c.version + times)
        .returning(balances.c.balance, balances.c.version)
    ).one()
    return After(row.balance, row.version)


def test_a_balance_changed_without_its_condition_is_caught_by_the_race_for_the_last_points(book, monkeypatch):
    """The table refuses it as well (a CHECK), but as a bug and not as a refusal."""
    monkeypatch.setattr(balancing, "_lose", lose_without_condition)
    with caught(IntegrityError):
        race_tests.test_of_fifty_who_want_the_last_of_a_budget_exactly_as_many_win_as_it_pays(book)


def test_a_balance_changed_without_its_condition_goes_below_zero_nowhere(book, monkeypatch):
    book.posts(book.allocation(100))
    before = book.everything()
    monkeypatch.setattr(balancing, "_lose", lose_without_condition)

    with pytest.raises(IntegrityError, match="never_below_zero"):
        book.posts(book.reservation(101))

    assert book.everything() == before


# Plans


def test_a_release_that_repays_nothing_is_caught(book, monkeypatch):
    gaining = Draft.may_gain.fget
    monkeypatch.setattr(Draft, "may_gain", property(lambda it: set() if it.kind == "release" else gaining(it)))
    funded(book)
    with caught():
        reversal_tests.test_what_is_on_hold_is_owed_until_it_comes_back(book)


def funded(book: Any) -> None:
    """What the fixture of the tests of reversals does."""
    for fund in ("f1", "f2"):
        at = reversal_tests.AT
        book.posts(book.allocation(500, fund, at), book.reservation(300, fund, at), at=at)


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)  # on SQLite a deed is alone anyway
def test_a_payment_planned_without_a_lock_is_caught_by_the_one_that_waits(book, monkeypatch):
    monkeypatch.setattr(Select, "with_for_update", lambda self, **_: self)
    monkeypatch.setattr(posting, "take_turns", lambda *_, **__: None)
    with caught():
        race_tests.test_a_spend_that_waited_for_another_is_planned_once_on_what_is_true_then(book)


def test_a_payment_planned_from_expired_lots_is_caught_by_the_histories(app, monkeypatch):
    real = plans.live
    monkeypatch.setattr(plans, "live", lambda holdings, *, today: real(holdings, today=date(today.year - 20, 1, 1)))
    with caught():
        short_histories(app)


# All or nothing


def test_a_refused_entry_that_is_committed_is_caught(book, monkeypatch):
    monkeypatch.setattr(posting, "all_or_nothing", lambda _: nullcontext())
    with caught():
        posting_tests.test_a_deed_that_swallows_a_refusal_cannot_commit_the_rest(book)


def test_a_refused_entry_that_is_committed_is_caught_by_verify(book, monkeypatch):
    monkeypatch.setattr(posting, "all_or_nothing", lambda _: nullcontext())

    def careless(b: Book) -> None:
        try:
            post(b, book.hold(10))
        except InsufficientPoints:
            return

    book.does(careless)
    assert 4 in {number for number, _ in findings(book)}  # an entry that moves nothing


def test_a_refusal_that_is_committed_is_caught_by_the_histories(app, monkeypatch):
    monkeypatch.setattr(posting, "all_or_nothing", lambda _: nullcontext())
    monkeypatch.setattr(InsufficientPoints, "is_recorded", True)
    with caught():
        properties_refuse(app)


def properties_refuse(app: Any) -> None:
    """The first thing that a history refuses."""
    machine = type("HistoryOfACanary", (properties.Histories,), {"app": app})()
    machine.warm_start()
    machine.puts_on_hold(properties.PEOPLE[0], 40)


def test_a_commit_half_way_is_caught_by_the_failpoints(app, monkeypatch):
    real = posting.claim

    def commits(book: Book, made: Any) -> Claims:
        claims = real(book, made)
        book.session.commit()
        return claims

    def in_a_sound_scene(scene: Scene) -> Doing:
        doing = award(scene)

        def broken(b: Book) -> Any:
            with patch.object(posting, "claim", commits):
                return doing(b)

        return broken

    with caught():
        survives_every_failpoint(app, Deed(in_a_sound_scene))


def test_a_cache_that_believes_before_the_commit_is_caught_by_the_failpoints(app, monkeypatch):
    def at_once(session: Any, table: str, ids: Any) -> None:
        known._known.setdefault(known._engine(session), set()).update((table, row_id) for row_id in ids)

    monkeypatch.setattr(known, "remember_after_commit", at_once)
    with caught():
        survives_every_failpoint(app, Deed(award))


def test_a_deed_that_gives_up_at_the_first_disturbance_is_caught(book, monkeypatch):
    monkeypatch.setattr("backend.foundation.db.ATTEMPTS", 1)
    with caught(Busy):
        posting_tests.test_a_missed_balance_runs_the_whole_deed_again_on_what_is_true_now(book)


# The calendar


def utc_day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def test_a_day_of_greenwich_is_caught_at_the_new_year(book, monkeypatch):
    monkeypatch.setattr(drafts, "shanghai_day", utc_day)
    with caught():
        edge_tests.test_the_year_is_shanghais_not_londons(book)


def test_a_day_of_greenwich_is_caught_by_verify(book, monkeypatch):
    monkeypatch.setattr(drafts, "shanghai_day", utc_day)
    book.gives(10, at=in_shanghai(2026, 1, 1, 4))

    assert (1, "last_day_fits_award") in findings(book)


def test_a_sweep_by_the_day_of_greenwich_is_caught_on_the_first_morning(book, monkeypatch):
    monkeypatch.setattr(sweeps, "shanghai_day", utc_day)
    with caught():
        expiry_tests.test_on_the_last_day_nothing_expires_and_on_the_next_everything_does(book)


# Verify itself


def test_a_balance_that_no_posting_explains_is_caught_by_verify(book, monkeypatch):
    real = posting.move

    def forgets(of_book: Book, made: Any) -> Any:
        after = real(of_book, made)
        of_book.session.execute(
            update(balances)
            .where(balances.c.book_id == of_book.id, balances.c.account_id == WANG.id_in(of_book.id))
            .values(balance=balances.c.balance + 1)
        )
        return after

    book.posts(book.allocation(50), book.reservation(50))
    monkeypatch.setattr(posting, "move", forgets)
    book.posts(book.award(10))

    assert 2 in {number for number, _ in findings(book)}
