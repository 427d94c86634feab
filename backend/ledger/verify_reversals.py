"""Checks 6 and 8 of what undoes, recovers and expires: each moves what an earlier entry left to be moved.

There are few such entries, so they come out of the database one by one and are held against the plans they were
posted by.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import and_, func, literal, select, union_all

from backend.foundation.clock import shanghai_day
from backend.ledger.accounts import OWED, SERVICE, VINTAGE, WALLETS, Account, fund_account, recoverable_of, wallet_owing
from backend.ledger.book import Extent, reading
from backend.ledger.errors import AwardExpired
from backend.ledger.findings import Report
from backend.ledger.kinds import Posting
from backend.ledger.models import entries, postings
from backend.ledger.plans import Contents, TakingBack
from backend.ledger.reading import as_posting, moves_joined
from backend.ledger.spending import Holding


def verify_reversals(book: Extent, report: Report) -> None:
    """6: a reversal takes back what is left of its award and lets the rest be owed, or takes back all its minutes."""
    for entry_id, at, new, old in _reversals(book):
        is_service = any(move.source == SERVICE for move in old)
        if is_service and Counter(new) != Counter(_minutes_back(old, _charged(new) or old[0].destination)):
            report.found(6, "reverse_is_its_service", f"entry {entry_id}", f"moves {new}, and what it undoes {old}")
        if not is_service and not _is_its_award(book, new, old, at):
            report.found(6, "reverse_is_its_award", f"entry {entry_id}", f"moves {new}, and what it undoes {old}")


def verify_recoveries(book: Extent, report: Report) -> None:
    """6: a recovery lowers what a wallet owes by what it takes from that wallet."""
    for entry_id, moves in _moves_of_kind(book, "recover"):
        taken, owed = Counter[str](), Counter[str]()
        for move in moves:
            if move.source.kind in WALLETS:
                taken[recoverable_of(move.source).owner] += move.amount
            if move.lot == OWED:
                owed[move.source.owner] += move.amount
        if len(taken) != 1 or taken != owed:
            report.found(6, "recovers_what_is_owed", f"entry {entry_id}", f"takes {dict(taken)} for {owed}")


def verify_expiry(book: Extent, report: Report) -> None:
    """8: what expires leaves nothing of its lot behind."""
    left = (  # an outer join, so that SQLite begins with the few entries (see verify_resolutions)
        select(entries.c.id, postings.c.source_id, postings.c.source_after)
        .outerjoin(postings, (postings.c.book_id == entries.c.book_id) & (postings.c.entry_id == entries.c.id))
        .where(book.entries, entries.c.kind == "expire", func.coalesce(postings.c.source_after, 0) > 0)
    )
    for row in reading(book, left):
        report.found(8, "expires_whole", f"entry {row.id}", f"leaves {row.source_after} in account {row.source_id}")


def _charged(new: list[Posting]) -> Account | None:
    """The wallet that a reversal takes from or makes owe: the one of its award, or one of the same owner.

    Which one may be charged is the feature's to say, and check 9 holds it against that.
    """
    wallets = {move.source for move in new if move.source.kind in WALLETS}
    wallets |= {wallet_owing(move.destination) for move in new if move.destination.kind == "recoverable"}
    return wallets.pop() if len(wallets) == 1 else None


def _minutes_back(old: list[Posting], charged: Account) -> Iterator[Posting]:
    return (Posting(move.lot, charged, SERVICE, move.amount) for move in old)


def _is_its_award(book: Extent, new: list[Posting], old: list[Posting], at: datetime) -> bool:
    given = [move for move in old if move.source == VINTAGE]
    paid = [move for move in old if move.destination == VINTAGE]
    if len(given) != 1 or len(paid) != 1:
        return False
    award = given[0]
    may_get_it = {paid[0].source, fund_account(award.lot.fund)}
    got_it = {move.destination for move in new if move.source == VINTAGE} & may_get_it
    charged = _charged(new) or award.destination
    was_left = sum(move.amount for move in new if move.source == charged)
    has = Contents(book.id)
    has.put(charged, Holding(award.lot, award.lot.id_in(book.id), was_left))
    undone = TakingBack(charged, award.lot, award.amount, next(iter(got_it), paid[0].source))
    try:
        return Counter(new) == Counter(undone.spelt_out(has, shanghai_day(at)))
    except AwardExpired:
        return False


def _reversals(book: Extent) -> Iterator[tuple[UUID, datetime, list[Posting], list[Posting]]]:
    """Each reversal: its id, when, what it moved, and what the entry that it undoes had moved."""
    sides = (("new", entries.c.id), ("old", entries.c.reverses_id))
    rows = union_all(
        *(
            moves_joined(
                and_(postings.c.book_id == entries.c.book_id, postings.c.entry_id == names),
                entries.c.id.label("of"),
                entries.c.occurred_at,
                literal(side).label("side"),
            ).where(book.entries, entries.c.kind == "reverse")
            for side, names in sides
        )
    ).order_by("of")
    for (entry_id, at), of_entry in groupby(reading(book, rows), key=lambda row: (row.of, row.occurred_at)):
        moves: dict[str, list[Posting]] = {"new": [], "old": []}
        for row in of_entry:
            moves[row.side].append(as_posting(row))
        yield entry_id, at, moves["new"], moves["old"]


def _moves_of_kind(book: Extent, kind: str) -> Iterator[tuple[UUID, list[Posting]]]:
    rows = (
        moves_joined(
            and_(postings.c.book_id == entries.c.book_id, postings.c.entry_id == entries.c.id),
            entries.c.id.label("of"),
        )
        .where(book.entries, entries.c.kind == kind)
        .order_by(entries.c.id)
    )
    for entry_id, of_entry in groupby(reading(book, rows), key=lambda row: row.of):
        yield entry_id, [as_posting(row) for row in of_entry]
