"""post_many: once per key, all or none, and a refusal changes nothing."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, select, text

from backend.foundation.clock import now
from backend.foundation.db import db, session
from backend.foundation.errors import Busy
from backend.ledger.accounts import MINUTES, MOST, Lot, budget_account, fund_account
from backend.ledger.drafts import Draft, Posting
from backend.ledger.errors import BalanceTooLarge, InsufficientPoints, KeyReused
from backend.ledger.models import postings
from backend.ledger.posting import Book, post, post_many
from backend.ledger.refusing import RefusalSwallowed
from tests.ledger.bookkeeping import LI, WANG, dated, told


@contextmanager
def statements_of(app):
    """Every statement that reaches the database inside the block."""
    seen = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        seen.append((statement, parameters))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def written(seen):
    return [statement for statement, _ in seen if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK"))]


# once per key


def test_an_award_leaves_the_budget_and_arrives_with_a_last_day(book):
    book.posts(book.allocation(100), book.reservation(60))
    book.posts(book.award(20))

    assert (book.fund(), book.budget(), book.has(WANG, dated(now()))) == (40, 40, 20)
    assert book.verified().total == 0


def test_the_same_origin_is_awarded_once_and_a_repeat_names_the_first(book):
    book.posts(book.allocation(100), book.reservation(100))
    first = book.posts(book.award(20, origin="check-in-7"))[0]
    again = book.posts(book.award(20, origin="check-in-7"))[0]

    assert (again.id, again.is_replay, first.is_replay) == (first.id, True, False)
    assert book.wallet().available == 20


def test_a_natural_key_stands_for_what_happened_not_for_figures(book):
    """Two honest phones may disagree about the points; the first one wins and nobody is accused of misuse."""
    book.posts(book.allocation(100), book.reservation(100))
    book.posts(book.award(20, origin="check-in-7"))

    assert book.posts(book.award(50, LI, origin="check-in-7"))[0].is_replay
    assert (book.wallet(WANG).available, book.wallet(LI).available) == (20, 0)


def test_a_clients_key_with_the_same_figures_returns_the_first_hold(book):
    book.gives(50)
    first = book.holds(20, key="tap-1")

    again = book.posts(book.hold(20, key="tap-1"))[0]

    assert (again.id, again.is_replay, book.wallet().held) == (first, True, 20)


def test_a_clients_key_with_other_figures_is_refused_without_effect(book):
    book.gives(50)
    book.holds(20, key="tap-1")
    before = book.everything()

    with pytest.raises(KeyReused):
        book.posts(book.hold(30, key="tap-1"))

    assert book.everything() == before


def test_the_same_key_twice_in_one_batch_has_one_effect(book):
    book.posts(book.allocation(100), book.reservation(100))

    first, second = book.posts(book.award(20, origin="x"), book.award(20, origin="x"))

    assert (first.id, first.is_replay, second.is_replay) == (second.id, False, True)
    assert book.wallet().available == 20


def test_a_replay_is_found_by_index_however_long_the_book_is(book):
    book.gives(50)
    hold_id = book.holds(20)
    book.captures(hold_id)
    with statements_of(book.app) as seen:
        book.captures(hold_id)
    looks = [(sql, values) for sql, values in seen if sql.startswith("SELECT") and "UNION" in sql]

    assert len(looks) == 1
    if book.looks(lambda b: b.session.get_bind().dialect.name) == "sqlite":
        sql, values = looks[0]
        plan = book.looks(lambda b: b.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all())
        searches = [row.detail for row in plan if "ledger_entries" in row.detail]
        assert len(searches) == 2
        assert all("(book_id=? AND key=?)" in how or "(book_id=? AND resolves_id=?)" in how for how in searches)


def test_an_id_that_belongs_to_another_entry_is_a_bug(book):
    taken = book.posts(book.allocation(10))[0].id
    draft = book.allocation(10)
    object.__setattr__(draft, "id", taken)

    with pytest.raises(ValueError, match="belongs to another entry"):
        book.posts(draft)


# refusals


def test_nobody_spends_what_they_do_not_have(book):
    book.gives(20)
    before = book.everything()

    with pytest.raises(InsufficientPoints) as refused:
        book.holds(21)

    assert refused.value.facts == {"required": 21, "available": 20}
    assert book.everything() == before


def test_points_on_hold_are_not_available(book):
    book.gives(20)
    book.holds(15)

    with pytest.raises(InsufficientPoints) as refused:
        book.holds(6)

    assert refused.value.facts == {"required": 6, "available": 5}


def test_an_empty_wallet_has_nothing_to_spend(book):
    with pytest.raises(InsufficientPoints) as refused:
        book.holds(1)

    assert refused.value.facts["available"] == 0


def test_a_batch_is_posted_as_a_whole_or_not_at_all(book):
    book.gives(20)
    before = book.everything()

    with pytest.raises(InsufficientPoints):
        book.posts(book.allocation(500), book.hold(10), book.hold(11))

    assert book.everything() == before


def test_two_payments_of_a_batch_share_what_the_wallet_has(book):
    book.gives(20)

    book.posts(book.hold(12), book.hold(8))

    assert (book.wallet().available, book.wallet().held) == (0, 20)
    assert book.verified().total == 0


def test_a_balance_above_the_limit_is_refused(book):
    book.posts(book.allocation(MOST))
    before = book.everything()

    with pytest.raises(BalanceTooLarge):
        book.posts(book.allocation(1))

    assert book.everything() == before


def test_a_batch_that_adds_up_above_the_limit_is_refused(book):
    with pytest.raises(BalanceTooLarge):
        book.posts(book.allocation(MOST), book.allocation(MOST))

    assert book.everything()["ledger_entries"] == set()


def test_a_deed_that_swallows_a_refusal_cannot_commit_the_rest(book):
    def careless(b):
        post(b, book.allocation(5))
        try:
            post(b, book.hold(10))
        except InsufficientPoints:
            return "never mind"

    with pytest.raises(RefusalSwallowed):
        book.does(careless)

    assert book.everything()["ledger_entries"] == set()


def test_after_a_rollback_the_same_session_posts_again(book):
    def refused_then_allowed(b):
        with pytest.raises(InsufficientPoints):
            post(b, book.hold(10))
        b.session.rollback()

    with book.app.app_context():
        refused_then_allowed(Book(session(), book.id))
    book.posts(book.allocation(5))

    assert book.fund() == 5


# running again


def test_a_missed_balance_runs_the_whole_deed_again_on_what_is_true_now(book):
    book.posts(book.allocation(10))
    wanted = iter([11, 10])

    book.does(lambda b: post(b, book.reservation(next(wanted))))

    assert (book.fund(), book.budget()) == (0, 10)


def test_a_deed_that_never_fits_ends_busy_without_effect(book):
    book.posts(book.allocation(10))
    before = book.everything()

    with pytest.raises(Busy):
        book.posts(book.reservation(11))

    assert book.everything() == before


def test_a_dip_below_zero_inside_a_batch_is_not_posted(book):
    """The sum of the batch would do; the second entry alone would not, and the past must never show it."""
    book.posts(book.allocation(10), book.reservation(10))
    give_back = Posting(Lot.undated("f1"), budget_account("a1"), fund_account("f1"), 10)

    def dips(b):
        post_many(b, [book.reservation(5), Draft("return", "return:a1:1", told(), (give_back,))])

    with pytest.raises(Busy):
        book.does(dips)


# what is written down


def test_every_entry_of_a_batch_knows_the_balance_it_left(book):
    book.posts(book.allocation(100), book.reservation(100))
    first, second, third = (post.id for post in book.posts(book.award(10), book.award(20), book.award(30)))
    arrived = (
        select(
            postings.c.entry_id,
            postings.c.source_after,
            postings.c.source_version,
            postings.c.destination_after,
            postings.c.destination_version,
        )
        .where(postings.c.book_id == book.id, postings.c.entry_id.in_([first, second, third]))
        .order_by(postings.c.entry_id, postings.c.n)
    )
    rows = [tuple(row)[1:] for row in book.looks(lambda b: b.session.execute(arrived).all())]

    assert rows == [
        (90, 2, None, None),
        (None, None, 10, 1),
        (70, 3, None, None),
        (None, None, 30, 2),
        (40, 4, None, None),
        (None, None, 60, 3),
    ]


@pytest.mark.parametrize("with_minutes", [False, True])
def test_an_award_of_known_account_and_lot_is_four_statements(book, with_minutes):
    book.posts(book.allocation(100), book.reservation(100))
    book.posts(book.award(20), book.service(90))
    batch = [book.award(20)] + ([book.service(90)] if with_minutes else [])

    with statements_of(book.app) as seen:
        book.posts(*batch)

    tables = [statement.split()[2 if statement.startswith("INSERT") else 1] for statement in written(seen)]
    assert tables == ["ledger_entries", "ledger_balances", "ledger_balances", "ledger_postings"]
    assert book.has(WANG, MINUTES) == (180 if with_minutes else 90)


def test_what_was_rolled_back_is_not_remembered_as_known(book):
    def opens_an_account_then_fails(b):
        post(b, book.allocation(5, fund="never"))
        raise RuntimeError("something else went wrong")

    with pytest.raises(RuntimeError, match="something else"):
        book.does(opens_an_account_then_fails)
    book.posts(book.allocation(5, fund="never"))

    assert book.fund("never") == 5


def test_what_a_closed_session_began_is_not_remembered_as_known(book):
    with book.app.app_context():
        post(Book(session(), book.id), book.allocation(5, fund="closed"))
        session().close()
        session().execute(text("SELECT 1"))
        session().commit()
    book.posts(book.allocation(5, fund="closed"))

    assert book.fund("closed") == 5


def test_nothing_to_post_is_nothing(book):
    assert book.posts() == []


# drafts


def movement(**changes):
    facts = {"lot": Lot.undated("f1"), "source": fund_account("f1"), "destination": budget_account("a1"), "amount": 5}
    return Posting(**(facts | changes))


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "reservation:a1:1"},
        {"key": "reserve:" + "a" * 240},
        {"told": told(origin="")},
        {"told": told(origin="o" * 81)},
        {"fingerprint": b"x" * 32},
        {"resolves_id": uuid4()},
        {"reverses_id": uuid4()},
        {"hold_expires_at": now() + timedelta(days=1)},
        {"postings": ()},
        {"postings": (movement(amount=0),)},
        {"postings": (movement(amount=-5),)},
        {"postings": (movement(amount=2**53),)},
        {"postings": (movement(amount=True),)},
        {"postings": (movement(amount=5.0),)},
        {"postings": (movement(destination=WANG),)},
        {"postings": (movement(lot=dated(now())),)},
        {"kind": "award", "key": "award:a1:1"},
        {"kind": "invent", "key": "invent:a1:1"},
    ],
)
def test_a_draft_that_cannot_be_right_is_a_bug_found_before_the_database(wrong):
    facts = {"kind": "reserve", "key": "reserve:a1:1", "told": told(), "postings": (movement(),)}
    Draft(**facts)

    with pytest.raises(ValueError, match=":"):
        Draft(**(facts | wrong))


@pytest.mark.parametrize("key", ["gift:1", "award", "award:" + "x" * 235])
def test_a_key_begins_with_its_kind_and_has_at_most_240_characters(book, key):
    right = book.award(20)

    assert len(replace(right, key="award:" + "x" * 234).key) == 240
    with pytest.raises(ValueError, match="key"):
        replace(right, key=key)
