"""What a wallet has, and a person's entries (明细). Reads only; figures of one moment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, select, union_all

from backend.ledger.accounts import MINUTES, Account, Lot, held_of, recoverable_of
from backend.ledger.book import Book
from backend.ledger.kinds import Posting
from backend.ledger.models import accounts, balances, entries, lots, postings

IN_ONE_STATEMENT = 5_000  # ids; SQLite takes 32,766 parameters, PostgreSQL 65,535


@dataclass(frozen=True)
class Wallet:
    """What somebody can spend, what waits at a counter, and until when. Points and minutes are whole numbers."""

    available: int
    held: int
    expiring: tuple[tuple[date, int], ...]  # last day → points, earliest first
    minutes: int
    recoverable: int  # awarded by mistake and already spent: taken from later awards


@dataclass(frozen=True)
class Line:
    """One entry as its owner reads it."""

    id: UUID
    kind: str
    reason: str
    origin: str
    occurred_at: datetime
    points: int  # what the wallet gained or lost
    held: int  # what went on hold or left it
    minutes: int
    balance_after: int  # what the wallet had, live and expired points alike


def wallet_of(book: Book, account: Account, *, today: date) -> Wallet:
    """The wallet on that day (Asia/Shanghai): lots whose last day has passed are no longer available."""
    held, owed = held_of(account), recoverable_of(account)
    rows = book.session.execute(
        select(balances.c.account_id, lots.c.unit, lots.c.last_day, balances.c.balance)
        .join(lots, (lots.c.book_id == balances.c.book_id) & (lots.c.id == balances.c.lot_id))
        .where(
            balances.c.book_id == book.id,
            balances.c.account_id.in_([side.id_in(book.id) for side in (account, held, owed)]),
            balances.c.balance > 0,
        )
    ).all()
    own = [row for row in rows if row.account_id == account.id_in(book.id)]
    expiring: dict[date, int] = {}
    for row in own:
        if row.unit == "points" and today <= row.last_day:
            expiring[row.last_day] = expiring.get(row.last_day, 0) + row.balance
    return Wallet(
        available=sum(expiring.values()),
        held=sum(row.balance for row in rows if row.account_id == held.id_in(book.id)),
        expiring=tuple(sorted(expiring.items())),
        minutes=sum(row.balance for row in own if row.unit == MINUTES.unit),
        recoverable=sum(row.balance for row in rows if row.account_id == owed.id_in(book.id)),
    )


def balance_of(book: Book, account: Account, lot: Lot) -> tuple[int, int]:
    """Balance and version of one lot in one bounded account; (0, 0) when nothing ever reached it."""
    row = book.session.execute(
        select(balances.c.balance, balances.c.version).where(
            balances.c.book_id == book.id,
            balances.c.account_id == account.id_in(book.id),
            balances.c.lot_id == lot.id_in(book.id),
        )
    ).one_or_none()
    return (row.balance, row.version) if row else (0, 0)


def balances_of(book: Book, places: list[tuple[Account, Lot]]) -> dict[tuple[Account, Lot], int]:
    """Balances of several lots at once, for a list on a screen."""
    wanted = {(account.id_in(book.id), lot.id_in(book.id)): (account, lot) for account, lot in places}
    rows = book.session.execute(
        select(balances.c.account_id, balances.c.lot_id, balances.c.balance).where(
            balances.c.book_id == book.id, balances.c.account_id.in_({account_id for account_id, _ in wanted})
        )
    )
    found = dict.fromkeys(places, 0)
    for row in rows:
        if (place := wanted.get((row.account_id, row.lot_id))) is not None:
            found[place] = row.balance
    return found


def not_empty(book: Book, wallets: Collection[Account]) -> set[Account]:
    """Which of these have anything: to spend, on hold, or owed; live and expired points alike."""
    owners = {
        side.id_in(book.id): wallet for wallet in wallets for side in (wallet, held_of(wallet), recoverable_of(wallet))
    }
    found: set[Account] = set()
    ids = list(owners)
    for first in range(0, len(ids), IN_ONE_STATEMENT):
        wanted = select(balances.c.account_id).where(
            balances.c.book_id == book.id,
            balances.c.account_id.in_(ids[first : first + IN_ONE_STATEMENT]),
            balances.c.balance > 0,
        )
        found |= {owners[account_id] for account_id in book.session.scalars(wanted)}
    return found


def moves_of(book: Book, entry_id: UUID) -> list[Posting]:
    """What an entry moved, in its own order; nothing if there is no such entry."""
    of_entry = (entries.c.book_id == book.id) & (entries.c.id == entry_id)
    its_own = (postings.c.book_id == entries.c.book_id) & (postings.c.entry_id == entries.c.id)
    return [
        as_posting(row) for row in book.session.execute(moves_joined(its_own).where(of_entry).order_by(postings.c.n))
    ]


def moves_joined(which: ColumnElement[bool], *more: Any) -> Select[Any]:
    """Entries with postings, by a condition that joins the two; the rows are for `as_posting`.

    The joins are outer ones, and what they miss is left out by conditions that no planner sees through: SQLite, which
    knows no statistics, then begins with the entries asked for instead of with all postings.
    """
    source, destination = accounts.alias("source"), accounts.alias("destination")
    there = (lots.c.unit, source.c.kind, destination.c.kind)
    return (
        select(
            *more,
            lots.c.unit,
            lots.c.fund,
            lots.c.last_day,
            source.c.kind.label("source_kind"),
            source.c.owner.label("source_owner"),
            destination.c.kind.label("destination_kind"),
            destination.c.owner.label("destination_owner"),
            postings.c.amount,
        )
        .select_from(entries)
        .outerjoin(postings, which)
        .outerjoin(lots, (lots.c.book_id == postings.c.book_id) & (lots.c.id == postings.c.lot_id))
        .outerjoin(source, (source.c.book_id == postings.c.book_id) & (source.c.id == postings.c.source_id))
        .outerjoin(
            destination, (destination.c.book_id == postings.c.book_id) & (destination.c.id == postings.c.destination_id)
        )
        .where(*(func.coalesce(column, "") != "" for column in there))
    )


def as_posting(row: Any) -> Posting:
    """A row of `moves_joined`."""
    return Posting(
        Lot(row.unit, row.fund, row.last_day),
        Account(row.source_kind, row.source_owner),
        Account(row.destination_kind, row.destination_owner),
        row.amount,
    )


def lines_of(book: Book, account: Account, *, before: UUID | None, limit: int) -> list[Line]:
    """A wallet's entries, newest first, each with the wallet's points after it; `before` is the last id seen."""
    own, held = account.id_in(book.id), held_of(account).id_in(book.id)
    legs = union_all(*(_leg(book, side, sign, own, held) for side, sign in (("source", -1), ("destination", 1))))
    leg = legs.subquery()
    per_entry = (
        select(
            leg.c.entry_id,
            func.sum(leg.c.points).label("points"),
            func.sum(leg.c.held).label("held"),
            func.sum(leg.c.minutes).label("minutes"),
        )
        .group_by(leg.c.entry_id)
        .subquery()
    )
    running = select(
        per_entry,
        func.sum(per_entry.c.points).over(order_by=per_entry.c.entry_id).label("balance_after"),
    ).subquery()
    query = (
        select(running, entries.c.kind, entries.c.reason, entries.c.origin, entries.c.occurred_at)
        .join(entries, (entries.c.book_id == book.id) & (entries.c.id == running.c.entry_id))
        .order_by(running.c.entry_id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(running.c.entry_id < before)
    return [
        Line(
            id=row.entry_id,
            kind=row.kind,
            reason=row.reason,
            origin=row.origin,
            occurred_at=row.occurred_at,
            points=int(row.points),
            held=int(row.held),
            minutes=int(row.minutes),
            balance_after=int(row.balance_after),
        )
        for row in book.session.execute(query)
    ]


def _leg(book: Book, side: str, sign: int, own: UUID, held: UUID) -> Any:
    account = postings.c[f"{side}_id"]
    amount = postings.c.amount * sign
    mine = account == own
    return (
        select(
            postings.c.entry_id,
            case((mine & (lots.c.unit == "points"), amount), else_=literal(0)).label("points"),
            case((account == held, amount), else_=literal(0)).label("held"),
            case((mine & (lots.c.unit == "minutes"), amount), else_=literal(0)).label("minutes"),
        )
        .join(lots, (lots.c.book_id == postings.c.book_id) & (lots.c.id == postings.c.lot_id))
        .where(postings.c.book_id == book.id, account.in_([own, held]))
    )
