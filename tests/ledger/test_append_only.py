"""The past is not edited, not even by hand: the database itself refuses, and REPLACE changes nothing."""

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from backend.foundation.db import db
from backend.foundation.sqlite import WRITES
from backend.ledger.models import accounts, balances, entries, lots, postings
from tests.ledger.bookkeeping import WANG

APPEND_ONLY = [lots, accounts, entries, postings]
BY_HAND = {
    lots: {"fund": "f2"},
    accounts: {"owner": "li"},
    entries: {"reason": "改过"},
    postings: {"amount": 7},
}


@pytest.fixture
def history(book):
    book.gives(30)
    book.captures(book.holds(10))
    return book


def by_hand(book, statement):
    """Run one statement as somebody with the database's password would."""
    with book.app.app_context(), db.engine.connect().execution_options(**{WRITES: True}) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("table", APPEND_ONLY, ids=lambda table: table.name)
def test_nothing_is_updated(history, table):
    before = history.everything()

    with pytest.raises(DatabaseError, match="append-only"):
        by_hand(history, update(table).where(table.c.book_id == history.id).values(**BY_HAND[table]))

    assert history.everything() == before


@pytest.mark.parametrize("table", APPEND_ONLY, ids=lambda table: table.name)
def test_nothing_is_deleted(history, table):
    before = history.everything()

    with pytest.raises(DatabaseError, match="append-only"):
        by_hand(history, delete(table).where(table.c.book_id == history.id))

    assert history.everything() == before


@pytest.mark.parametrize("table", APPEND_ONLY, ids=lambda table: table.name)
def test_nothing_is_emptied_on_postgresql_or_replaced_on_sqlite(history, table):
    before = history.everything()
    is_sqlite = history.looks(lambda b: b.session.get_bind().dialect.name) == "sqlite"
    if is_sqlite:
        row = history.looks(
            lambda b: b.session.execute(select(table).where(table.c.book_id == b.id).limit(1)).one()._asdict()
        )
        replacing = table.insert().prefix_with("OR REPLACE", dialect="sqlite").values(row | BY_HAND[table])
        by_hand(history, replacing)  # is ignored: a refusal would stop every honest repeat, too
    else:
        with pytest.raises(DatabaseError, match="append-only"):
            by_hand(history, text(f"TRUNCATE {table.name} CASCADE"))

    assert history.everything() == before


def test_a_second_row_under_a_taken_key_is_not_slipped_in_by_replacing(history):
    """An entry of the same key but another id would push the first one out of a database that replaces."""
    before = history.everything()
    first = history.looks(
        lambda b: b.session.execute(select(entries).where(entries.c.book_id == b.id).limit(1)).one()._asdict()
    )
    other = first | {"id": history.allocation(1).id, "reason": "换过"}
    is_sqlite = history.looks(lambda b: b.session.get_bind().dialect.name) == "sqlite"
    if is_sqlite:
        by_hand(history, entries.insert().prefix_with("OR REPLACE").values(other))
    else:
        with pytest.raises(DatabaseError, match="duplicate key"):
            by_hand(history, entries.insert().values(other))

    assert history.everything() == before


def test_a_balance_never_goes_below_zero_even_by_hand(history):
    with pytest.raises(DatabaseError, match="never_below_zero"):
        by_hand(
            history,
            update(balances)
            .where(balances.c.book_id == history.id, balances.c.account_id == WANG.id_in(history.id))
            .values(balance=-1),
        )
