"""Fifty at once: exactly as many win as there is something to win, and nobody waits for one who waits for them."""

import random
import threading
import time
from collections import Counter

from backend.foundation.clock import now
from backend.foundation.errors import AppError
from backend.ledger import holds
from backend.ledger.accounts import person_wallet
from backend.ledger.posting import post_many
from tests.builders.races import at_once, deadlocks_counted
from tests.ledger.bookkeeping import BAKERY, HELD, WANG, dated, told

FIFTY = 50


def outcome(deed, *args, **kwargs):
    """What came of it: the refusal's code, 'replay', or 'done'."""

    def run():
        try:
            posted = deed(*args, **kwargs)
        except AppError as refusal:
            return refusal.code, refusal.facts
        first = posted[0] if isinstance(posted, list) else posted
        return ("replay" if first.is_replay else "done"), first.id

    return run


def counted(outcomes):
    return dict(Counter(what for what, _ in outcomes))


def test_of_fifty_who_want_the_same_points_exactly_as_many_win_as_there_are_points(book):
    book.gives(100)

    outcomes = at_once(*(outcome(book.posts, book.hold(10)) for _ in range(FIFTY)))

    assert counted(outcomes) == {"done": 10, "insufficient_points": 40}
    assert (book.wallet().available, book.wallet().held) == (0, 100)
    assert book.verified().total == 0


def test_a_spend_over_several_lots_is_never_refused_while_there_is_enough(book):
    """Every one of them needs both lots; who waits for the first must see the second as it is then."""
    for fund in ("f1", "f2"):
        book.gives(100, fund=fund)

    outcomes = at_once(*(outcome(book.posts, book.hold(4)) for _ in range(FIFTY)))

    assert counted(outcomes) == {"done": FIFTY}
    assert book.wallet().available == 0
    assert book.verified().total == 0


def test_points_that_arrive_while_a_spend_waits_are_seen(book):
    """Before the other deed there were ten points of f1, after it ten of f2: at no moment was there less than ten."""
    book.gives(10, fund="f1")
    book.posts(book.allocation(10, "f2"), book.reservation(10, "f2"))
    book.releases(book.holds(1))  # so that both find the account of held points and meet at the wallet's row
    has_taken = threading.Event()

    def takes_the_old_and_brings_the_new(b):
        posted = post_many(b, [book.hold(10), book.award(10, fund="f2")])
        has_taken.set()
        time.sleep(0.4)
        return posted

    def spends():
        assert has_taken.wait(10)
        return outcome(book.posts, book.hold(10))()

    outcomes = at_once(outcome(book.does, takes_the_old_and_brings_the_new), spends)

    assert counted(outcomes) == {"done": 2}
    assert (book.wallet().available, book.wallet().held) == (0, 20)


def test_a_spend_that_waited_for_another_is_planned_once_on_what_is_true_then(book):
    book.gives(20)
    book.releases(book.holds(1))
    has_taken, attempts = threading.Event(), []

    def takes_half(b):
        posted = post_many(b, [book.hold(10)])
        has_taken.set()
        time.sleep(0.4)
        return posted

    def wants_more(b):
        attempts.append(1)
        return post_many(b, [book.hold(15)])

    def waits():
        assert has_taken.wait(10)
        return outcome(book.does, wants_more)()

    [_, (said, facts)] = at_once(outcome(book.does, takes_half), waits)

    assert (said, facts) == ("insufficient_points", {"required": 15, "available": 10})
    assert len(attempts) == 1


def test_of_fifty_with_the_same_clients_key_one_posts_and_all_get_its_answer(book):
    book.gives(100)

    outcomes = at_once(*(outcome(book.posts, book.hold(10, key="tap")) for _ in range(FIFTY)))

    assert counted(outcomes) == {"done": 1, "replay": FIFTY - 1}
    assert len({entry_id for _, entry_id in outcomes}) == 1
    assert book.wallet().held == 10


def test_of_fifty_who_scan_the_same_person_one_awards(book):
    book.posts(book.allocation(1000), book.reservation(1000))

    outcomes = at_once(*(outcome(book.posts, book.award(20, origin="door-7")) for _ in range(FIFTY)))

    assert counted(outcomes) == {"done": 1, "replay": FIFTY - 1}
    assert (book.wallet().available, book.budget()) == (20, 980)


def test_of_fifty_who_want_the_last_of_a_budget_exactly_as_many_win_as_it_pays(book):
    """The others find it changed, plan again, and here, where no deed records them as unpaid, end up busy."""
    book.posts(book.allocation(100), book.reservation(100))

    outcomes = at_once(*(outcome(book.posts, book.award(20)) for _ in range(20)))

    assert counted(outcomes) == {"done": 5, "busy": 15}
    assert (book.budget(), book.has(WANG, dated(now()))) == (0, 100)
    assert book.verified().total == 0


def test_new_lots_and_accounts_that_everybody_needs_at_once_are_made_once(book):
    book.posts(book.allocation(1000), book.reservation(1000))

    with deadlocks_counted(book.app) as deadlocks:
        outcomes = at_once(*(outcome(book.posts, book.award(10, person_wallet(f"p{n % 5}"))) for n in range(FIFTY)))

    assert counted(outcomes) == {"done": FIFTY}
    assert deadlocks == []
    assert [book.wallet(person_wallet(f"p{n}")).available for n in range(5)] == [100] * 5


def test_overlapping_batches_in_any_order_do_not_deadlock_and_each_award_happens_once(book):
    book.posts(book.allocation(100_000), book.reservation(100_000))
    people = [f"p{n}" for n in range(40)]

    def batch():
        chosen = random.sample(people, 30)
        return [
            draft
            for name in chosen
            for draft in (
                book.award(10, person_wallet(name), origin=f"door:{name}"),
                book.service(60, name, origin=f"door:{name}"),
            )
        ]

    batches = [batch() for _ in range(FIFTY)]
    with deadlocks_counted(book.app) as deadlocks:
        at_once(*(outcome(book.posts, *drafts) for drafts in batches))

    assert deadlocks == []
    came = {draft.postings[-1].destination.owner for drafts in batches for draft in drafts}
    assert all(book.wallet(person_wallet(name)).available == 10 for name in came)
    assert book.budget() == 100_000 - 10 * len(came)
    assert book.verified().total == 0


def test_awards_to_the_same_people_in_any_order_do_not_deadlock(book):
    """No two batches share a key, so nothing but the order of balances keeps them apart."""
    book.posts(book.allocation(100_000), book.reservation(100_000))
    people = [person_wallet(f"p{n}") for n in range(30)]
    batches = [[book.award(5, wallet) for wallet in random.sample(people, 20)] for _ in range(FIFTY)]

    with deadlocks_counted(book.app) as deadlocks:
        outcomes = at_once(*(outcome(book.posts, *drafts) for drafts in batches))

    assert counted(outcomes) == {"done": FIFTY}
    assert deadlocks == []
    assert book.budget() == 100_000 - 5 * 20 * FIFTY
    assert book.verified().total == 0


def test_batches_that_take_and_give_in_the_same_wallets_do_not_deadlock(book):
    people = [person_wallet(f"p{n}") for n in range(12)]
    for wallet in people:
        book.gives(1000, wallet)
    book.posts(book.allocation(10_000), book.reservation(10_000))

    def batch():
        wallets = random.sample(people, 8)
        return [book.hold(5, wallet) if random.random() < 0.5 else book.award(5, wallet) for wallet in wallets]

    with deadlocks_counted(book.app) as deadlocks:
        outcomes = at_once(*(outcome(book.posts, *batch()) for _ in range(FIFTY)))

    assert counted(outcomes) == {"done": FIFTY}
    assert deadlocks == []
    assert book.verified().total == 0


def test_a_hold_is_captured_or_released_never_both(book):
    book.gives(30)
    hold_id = book.holds(30)

    outcomes = at_once(
        *(outcome(book.captures if n % 2 else book.releases, hold_id) for n in range(FIFTY)),
    )

    assert counted(outcomes) == {"done": 1, "replay": FIFTY // 2 - 1, "already_resolved": FIFTY // 2}
    [winner] = {facts["kind"] for what, facts in outcomes if what == "already_resolved"}
    assert (book.wallet().available, book.wallet().held) == (0 if winner == "capture" else 30, 0)
    assert book.verified().total == 0


def test_a_capture_is_refunded_once_while_others_still_capture_and_release(book):
    book.gives(30)
    hold_id = book.holds(30)
    captured = book.captures(hold_id)
    late = [outcome(book.releases, hold_id), outcome(book.captures, hold_id)] * 10

    outcomes = at_once(*([outcome(book.refunds, captured.id) for _ in range(30)] + late))

    assert counted(outcomes) == {"done": 1, "replay": 29 + 10, "already_resolved": 10}
    assert (book.wallet().available, book.has(HELD, dated(now()))) == (30, 0)
    assert book.verified().total == 0


def test_batches_of_captures_and_releases_of_the_same_holds_do_not_deadlock(book):
    """Twins fight for the hold, not for a key; so batches meet in the order of holds."""
    book.gives(500)
    held = [book.holds(5) for _ in range(16)]

    def resolves(b):
        def draft(hold_id):
            if random.random() < 0.5:
                return holds.release(b, hold_id=hold_id, told=told(), entry_id=book.allocation(1).id)
            return holds.capture(b, hold_id=hold_id, merchant=BAKERY, told=told(), entry_id=book.allocation(1).id)

        return post_many(b, [draft(hold_id) for hold_id in random.sample(held, 8)])

    with deadlocks_counted(book.app) as deadlocks:
        outcomes = at_once(*(outcome(book.does, resolves) for _ in range(FIFTY)))

    assert deadlocks == []
    assert set(counted(outcomes)) <= {"done", "replay", "already_resolved"}
    assert book.verified().total == 0
