"""Check 6, and captures of 8: what resolves a hold moves all of it, and a refund undoes its capture.

The joins are outer ones although nothing is missing in a sound book: SQLite, which knows no statistics, then begins
with the few entries that name another one instead of with all postings.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, union_all

from backend.ledger.accounts import VINTAGE
from backend.ledger.book import Extent, reading
from backend.ledger.findings import Report
from backend.ledger.kinds import REVERSALS
from backend.ledger.models import entries, postings

_named = entries.alias("named")


def verify_resolutions(book: Extent, report: Report) -> None:
    """A capture or release names a hold, is in time, and moves all that was held, lot by lot."""
    names = entries.c.resolves_id
    for row in reading(book, _naming(book, names).where(or_(_named.c.kind.is_(None), _named.c.kind != "hold"))):
        report.found(6, "resolves_a_hold", f"entry {row.id}", f"a {row.kind} names {row.named or 'nothing'}")
    late = and_(entries.c.kind == "capture", entries.c.occurred_at >= _named.c.hold_expires_at)
    for row in reading(book, _naming(book, names).where(late)):
        said = f"captured at {row.occurred_at.isoformat()}, the hold ended at {row.hold_expires_at.isoformat()}"
        report.found(8, "captured_in_time", f"entry {row.id}", said)
    for row in reading(book, _left_over(book, names)):
        said = f"leaves {row.left} of its hold in account {row.account_id}, lot {row.lot_id}"
        report.found(6, "hold_is_resolved_whole", f"entry {row.entry_id}", said)


def verify_refunds(book: Extent, report: Report) -> None:
    """A refund names a capture, takes from its merchant what it gave, lot by lot, and goes to the hold's wallet."""
    names = entries.c.reverses_id
    other = or_(*(and_(entries.c.kind == kind, _named.c.kind.not_in(of)) for kind, of in REVERSALS.items()))
    for row in reading(book, _naming(book, names).where(or_(_named.c.kind.is_(None), other))):
        report.found(6, "reverses_its_kind", f"entry {row.id}", f"a {row.kind} names {row.named or 'nothing'}")
    to_merchant = postings.c.destination_version.is_(None)
    from_merchant = postings.c.source_id != VINTAGE.id_in(book.id)
    refunds = _left_over(book, names, brought=to_merchant, taken=from_merchant, kind="refund")
    for row in reading(book, refunds):
        said = f"leaves {row.left} of its capture with merchant account {row.account_id}, lot {row.lot_id}"
        report.found(6, "refund_is_its_capture", f"entry {row.entry_id}", said)
    for row in reading(book, _refunded_elsewhere(book)):
        said = f"goes to account {row.destination_id}, from which the hold took nothing"
        report.found(6, "refund_goes_back", f"entry {row.id}", said)


def _naming(book: Extent, names: ColumnElement[Any]) -> Select[Any]:
    """Entries that name another one, and what that is."""
    return (
        select(
            entries.c.id,
            entries.c.kind,
            entries.c.occurred_at,
            _named.c.kind.label("named"),
            _named.c.hold_expires_at,
        )
        .select_from(entries.outerjoin(_named, and_(_named.c.book_id == entries.c.book_id, _named.c.id == names)))
        .where(book.entries, names.is_not(None))
    )


def _left_over(
    book: Extent,
    names: ColumnElement[Any],
    *,
    brought: ColumnElement[bool] | None = None,
    taken: ColumnElement[bool] | None = None,
    kind: str | None = None,
) -> Select[Any]:
    """Where the named entry brought more or less than the one that names it took away, per account and lot."""

    def side(
        entry_id: ColumnElement[Any], account: str, amount: Any, counts: ColumnElement[bool] | None
    ) -> Select[Any]:
        of_entry = and_(postings.c.book_id == entries.c.book_id, postings.c.entry_id == entry_id)
        return (
            select(
                entries.c.id.label("entry_id"),
                postings.c[account].label("account_id"),
                postings.c.lot_id,
                amount.label("amount"),
            )
            .select_from(entries.outerjoin(postings, and_(of_entry, true() if counts is None else counts)))
            .where(book.entries, names.is_not(None), true() if kind is None else entries.c.kind == kind)
        )

    both = union_all(
        side(names, "destination_id", postings.c.amount, brought),
        side(entries.c.id, "source_id", -postings.c.amount, taken),
    ).subquery()
    left = func.sum(both.c.amount)
    place = (both.c.entry_id, both.c.account_id, both.c.lot_id)
    return select(*place, left.label("left")).group_by(*place).having(left != 0)


def _refunded_elsewhere(book: Extent) -> Select[Any]:
    """Refunds that reach another account than the wallet from which the points were held."""
    capture, back, forth = _named, postings.alias("back"), postings.alias("forth")
    joined = (
        entries.outerjoin(capture, and_(capture.c.book_id == entries.c.book_id, capture.c.id == entries.c.reverses_id))
        .outerjoin(
            back,
            and_(
                back.c.book_id == entries.c.book_id,
                back.c.entry_id == entries.c.id,
                back.c.destination_version.is_not(None),
            ),
        )
        .outerjoin(
            forth,
            and_(
                forth.c.book_id == entries.c.book_id,
                forth.c.entry_id == capture.c.resolves_id,
                forth.c.source_id == back.c.destination_id,
            ),
        )
    )
    return (
        select(entries.c.id, back.c.destination_id)
        .select_from(joined)
        .where(book.entries, entries.c.kind == "refund", entries.c.reverses_id.is_not(None))
        .where(back.c.n.is_not(None), forth.c.n.is_(None))
    )
