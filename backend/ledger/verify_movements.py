"""Checks 4 and 8, and the last days of 1: every posting is one that its kind allows, at a time that its lot allows.

One pass over the postings sorts them into groups: kind of entry, kinds of the two accounts, lot, and what is odd about
them. There are few groups, so each is judged in Python; a bad one is then asked for its entries.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from backend.foundation.clock import start_of_day
from backend.ledger.accounts import BOUNDED, POTS, WALLETS, Lot
from backend.ledger.book import Extent, reading
from backend.ledger.findings import SHOWN, Report
from backend.ledger.kinds import AFTER_LAST_DAY, MOVES
from backend.ledger.models import accounts, entries, lots, postings

_source, _destination = accounts.alias("source"), accounts.alias("destination")

_JOINED = (
    postings.outerjoin(entries, (entries.c.book_id == postings.c.book_id) & (entries.c.id == postings.c.entry_id))
    .outerjoin(_source, (_source.c.book_id == postings.c.book_id) & (_source.c.id == postings.c.source_id))
    .outerjoin(
        _destination,
        (_destination.c.book_id == postings.c.book_id) & (_destination.c.id == postings.c.destination_id),
    )
)

# A wallet's held points are held for that wallet, and go back to it.
_STRAYS = or_(
    and_(_destination.c.kind == "held", _destination.c.owner != _source.c.kind + ":" + _source.c.owner),
    and_(
        _source.c.kind == "held",
        _destination.c.kind.in_(WALLETS),
        _source.c.owner != _destination.c.kind + ":" + _destination.c.owner,
    ),
)


def _is(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


_GROUPED: dict[str, ColumnElement[Any]] = {
    "kind": entries.c.kind,
    "source": _source.c.kind,
    "destination": _destination.c.kind,
    "lot_id": postings.c.lot_id,
    "source_steps": _is(postings.c.source_version.is_not(None) & postings.c.source_after.is_not(None)),
    "destination_steps": _is(postings.c.destination_version.is_not(None) & postings.c.destination_after.is_not(None)),
    "strays": _is(_STRAYS),
}


def verify_movements(book: Extent, report: Report) -> None:
    """Judge every group of postings; name the entries of the bad ones."""
    known = {row.id: Lot(row.unit, row.fund, row.last_day) for row in reading(book, _lots(book))}
    groups = (
        select(
            *(column.label(name) for name, column in _GROUPED.items()),
            func.count().label("times"),
            func.min(entries.c.occurred_at).label("first"),
            func.max(entries.c.occurred_at).label("last"),
        )
        .select_from(_JOINED)
        .where(book.postings)
        .group_by(*_GROUPED.values())
    )
    for group in book.session.execute(groups).all():
        for number, rule, said in _faults(group, known.get(group.lot_id)):
            _name(book, report, group, number, rule, said)
        for number, rule, begin, end in _windows(group, known.get(group.lot_id)):
            if (begin and group.first < begin) or (end and group.last >= end):
                _name_outside(book, report, group, number, rule, begin, end)


def _lots(book: Extent) -> Any:
    return select(lots).where(lots.c.book_id == book.id)


def _faults(group: Any, lot: Lot | None) -> Iterator[tuple[int, str, str]]:
    """What is wrong with every posting of the group."""
    if group.kind is None or group.source is None or group.destination is None or lot is None:
        yield 4, "posting_is_whole", "a posting without its entry, account or lot"
        return
    moves = f"a {group.kind} moves {lot.form} from {group.source} to {group.destination}"
    if (group.source, group.destination, lot.form) not in MOVES.get(group.kind, ()):
        yield 4, "kind_allows_move", moves
    for side, steps in ((group.source, group.source_steps), (group.destination, group.destination_steps)):
        if bool(steps) != (side in BOUNDED):
            yield 3, "step_is_recorded", f"{moves}; the balance of {side} after it is {'' if steps else 'not '}recorded"
    if group.strays:
        yield 6, "held_for_its_wallet", f"{moves} of another wallet"


def _windows(group: Any, lot: Lot | None) -> Iterator[tuple[int, str, datetime | None, datetime | None]]:
    """From when on such a posting may have happened, and the first instant that is too late for it."""
    if lot is None or lot.form != "D" or group.first is None or not lot.is_sane:
        return
    year, too_late = lot.last_day.year, start_of_day(lot.last_day + timedelta(days=1))
    if group.kind == "award" and group.destination in WALLETS:
        yield 1, "last_day_fits_award", start_of_day(date(year - 1, 1, 1)), start_of_day(date(year, 1, 1))
    if group.kind == "refund" and group.source == "vintage":  # the earliest 31 December at least 30 days ahead
        yield 1, "last_day_fits_refund", start_of_day(date(year - 1, 12, 2)), start_of_day(date(year, 12, 2))
    if group.kind == "refund" and group.source == "merchant":
        renewed = group.destination == "vintage"
        yield 6, "refund_renews_what_expired", too_late if renewed else None, None if renewed else too_late
    if group.source in POTS and group.kind == "expire":
        yield 8, "expired_after_its_day", too_late, None
    elif group.source in POTS and group.kind not in AFTER_LAST_DAY:
        yield 8, "spent_in_time", None, too_late


def _entries_of(book: Extent, group: Any) -> Any:
    alike = (column.is_not_distinct_from(getattr(group, name)) for name, column in _GROUPED.items())
    return (
        select(postings.c.entry_id, postings.c.n, entries.c.occurred_at)
        .select_from(_JOINED)
        .where(book.postings, *alike)
    )


def _name(book: Extent, report: Report, group: Any, number: int, rule: str, said: str) -> None:
    named = 0
    for row in book.session.execute(_entries_of(book, group).limit(SHOWN)).all():
        report.found(number, rule, f"entry {row.entry_id} posting {row.n}", said)
        named += 1
    report.add(number, group.times - named)


def _name_outside(
    book: Extent, report: Report, group: Any, number: int, rule: str, begin: datetime | None, end: datetime | None
) -> None:
    outside = [entries.c.occurred_at < begin] if begin else []
    outside += [entries.c.occurred_at >= end] if end else []
    for row in reading(book, _entries_of(book, group).where(or_(*outside))):
        said = f"happened at {row.occurred_at.isoformat()}, and its lot allows {_said(begin)} to {_said(end)}"
        report.found(number, rule, f"entry {row.entry_id} posting {row.n}", said)


def _said(at: datetime | None) -> str:
    return at.isoformat() if at else "…"
