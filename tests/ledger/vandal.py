"""Somebody who owns the database and edits it by hand, triggers or not; everything is rolled back in the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Row, insert, select, text, update
from sqlalchemy.orm import Session

from backend.foundation.clock import now
from backend.foundation.db import db
from backend.foundation.ids import uuid7
from backend.foundation.sqlite import WRITES
from backend.ledger import triggers
from backend.ledger.accounts import (
    VINTAGE,
    Account,
    Lot,
    budget_account,
    group_wallet,
    last_day_for,
    person_wallet,
)
from backend.ledger.models import accounts, balances, entries, lots, postings
from backend.ledger.posting import Book
from backend.ledger.triggers import APPEND_ONLY
from backend.ledger.verify import verify
from backend.people.parting_models import Bequest
from backend.people.verification_models import CarryOver
from backend.transparency.evidence import evidence_of
from tests.ledger.history import History


@dataclass
class Vandal:
    """Somebody with the database's password, and what they find there."""

    sql: Connection
    of: History

    @property
    def book(self) -> int:
        return self.of.book

    @property
    def is_sqlite(self) -> bool:
        return self.sql.dialect.name == "sqlite"

    def id(self, account: Account) -> UUID:
        return account.id_in(self.book)

    @property
    def wang(self) -> Account:
        return person_wallet(str(self.of.wang))

    @property
    def li(self) -> Account:
        return person_wallet(str(self.of.li))

    @property
    def undated(self) -> Lot:
        return Lot.undated(str(self.of.fund))

    @property
    def dated(self) -> Lot:
        return Lot.dated(str(self.of.fund), last_day_for(now().date()))

    def entry(self, kind: str, *where: Any) -> Row[Any]:
        query = select(entries).where(entries.c.book_id == self.book, entries.c.kind == kind, *where)
        return self.sql.execute(query.order_by(entries.c.id).limit(1)).one()

    def award_of(self, wallet: Account) -> Row[Any]:
        return self.sql.execute(
            select(postings).where(
                postings.c.book_id == self.book,
                postings.c.destination_id == self.id(wallet),
                postings.c.source_id == self.id(VINTAGE),
            )
        ).one()

    def carried(self, unit: str) -> Row[Any]:
        """What the merge of the history carried from the account that ended."""
        rows = CarryOver.__table__
        return self.sql.execute(select(rows).where(rows.c.office_id == self.book, rows.c.unit == unit)).one()

    @property
    def left(self) -> Row[Any]:
        """What somebody who died left to the pot of their household."""
        rows = Bequest.__table__
        return self.sql.execute(select(rows).where(rows.c.office_id == self.book)).one()

    def change(self, table: Any, *where: Any, **values: Any) -> None:
        """Change rows of a ledger or business table of this office."""
        table = getattr(table, "__table__", table)
        office = table.c.book_id if "book_id" in table.c else table.c.office_id
        changed = self.sql.execute(update(table).where(office == self.book, *where).values(**values)).rowcount
        assert changed > 0, "the edit met no row"

    def lift_check(self, name: str) -> None:
        """Do away with a CHECK of the entries."""
        if self.is_sqlite:
            self.sql.execute(text("PRAGMA ignore_check_constraints = ON"))
        else:
            self.sql.execute(text(f"ALTER TABLE ledger_entries DROP CONSTRAINT ck_ledger_entries_{name}"))

    def change_posting(self, posting: Row[Any], **values: Any) -> None:
        self.change(postings, postings.c.entry_id == posting.entry_id, postings.c.n == posting.n, **values)

    def know(self, *rows: Account | Lot) -> None:
        for row in rows:
            table: Any = accounts if isinstance(row, Account) else lots
            known = select(table.c.id).where(table.c.book_id == self.book, table.c.id == row.id_in(self.book))
            if self.sql.scalar(known) is None:
                self.sql.execute(insert(table).values(book_id=self.book, id=row.id_in(self.book), **vars(row)))

    def forge(self, kind: str, *moves: tuple[Lot, Account, Account, int], **changes: Any) -> UUID:
        """A new entry with balances, versions and all that is right about it."""
        at, entry_id = now(), uuid7()
        facts = {"reason": "伪造", "actor": "person:x", "origin": "forged:1", "occurred_at": at, "recorded_at": at}
        entry = facts | {"book_id": self.book, "id": entry_id, "kind": kind, "key": f"{kind}:{entry_id}"} | changes
        self.sql.execute(insert(entries).values(entry))
        for n, (lot, source, destination, amount) in enumerate(moves, start=1):
            self.know(lot, source, destination)
            row = {"book_id": self.book, "entry_id": entry_id, "n": n, "lot_id": lot.id_in(self.book), "amount": amount}
            for side, account, sign in (("source", source, -1), ("destination", destination, 1)):
                row[f"{side}_id"] = self.id(account)
                after = self._moved(account, lot, sign * amount) if account.is_bounded else (None, None)
                row[f"{side}_after"], row[f"{side}_version"] = after
            self.sql.execute(insert(postings).values(row))
        return entry_id

    def a_group_with(self, points: int) -> Account:
        """A group that was awarded points, by forgery."""
        group = group_wallet("a-group")
        payer = budget_account(str(self.of.activity))
        self.forge("award", (self.undated, payer, VINTAGE, points), (self.dated, VINTAGE, group, points))
        return group

    def _moved(self, account: Account, lot: Lot, amount: int) -> tuple[int, int]:
        place = (
            balances.c.book_id == self.book,
            balances.c.account_id == self.id(account),
            balances.c.lot_id == lot.id_in(self.book),
        )
        row = self.sql.execute(select(balances).where(*place)).one_or_none()
        if row is None:
            fresh = {"book_id": self.book, "account_id": self.id(account), "lot_id": lot.id_in(self.book)}
            self.sql.execute(insert(balances).values(balance=amount, version=1, **fresh))
            return amount, 1
        self.change(balances, *place[1:], balance=row.balance + amount, version=row.version + 1)
        return row.balance + amount, row.version + 1


Edit = Callable[[Vandal], None]


class Edits(dict[str, tuple[str, Edit]]):
    """A table of edits by hand, each with the rule under which verify must find it."""

    def found_as(self, rule: str) -> Callable[[Edit], Edit]:
        def enter(edit: Edit) -> Edit:
            self[edit.__name__] = (rule, edit)
            return edit

        return enter

    def rows(self) -> list[Any]:
        return [pytest.param(rule, edit, id=name.replace("_", " ")) for name, (rule, edit) in self.items()]


@contextmanager
def vandalised(history: History) -> Iterator[Vandal]:
    """Triggers and foreign keys are off; everything is rolled back in the end."""
    with history.street.app.app_context(), db.engine.connect().execution_options(**{WRITES: True}) as connection:
        raw: Any = connection.connection.driver_connection
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            raw.execute("PRAGMA foreign_keys = OFF")
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        switch_triggers(connection, on=False)
        try:
            yield Vandal(connection, history)
        finally:
            connection.rollback()
            if is_sqlite:
                raw.execute("PRAGMA foreign_keys = ON")
                raw.execute("PRAGMA ignore_check_constraints = OFF")


def switch_triggers(connection: Connection, *, on: bool) -> None:
    if connection.dialect.name == "sqlite":
        sql = triggers.statements("sqlite") if on else [f"DROP TRIGGER {name}" for name in triggers.names("sqlite")]
    else:
        how = "ENABLE ALWAYS" if on else "DISABLE"
        endings = ("append_only", "no_truncate")
        sql = [f"ALTER TABLE {t.name} {how} TRIGGER {t.name}_{end}" for t in APPEND_ONLY for end in endings]
    for statement in sql:
        connection.execute(text(statement))


def rules_broken(vandal: Vandal, *, since: datetime | None = None) -> set[str]:
    report = verify(Book(Session(vandal.sql), vandal.book), evidence_of(vandal.book), since=since)
    assert all(check.total >= len(check.findings) for check in report.checks)
    return report.rules
