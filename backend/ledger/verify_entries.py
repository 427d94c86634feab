"""Checks 4 and 5: every entry is complete, and points come from allocations only and keep their fund."""

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, union_all

from backend.ledger.accounts import ISSUANCE, UNDATED, VINTAGE
from backend.ledger.book import Extent, reading
from backend.ledger.findings import Report
from backend.ledger.kinds import CLIENT_KEYED, ISSUING, MOVES, RESOLUTIONS, REVERSALS
from backend.ledger.models import entries, lots, postings


def verify_completeness(book: Extent, report: Report) -> None:
    """4: every entry has what its kind needs and nothing else, and its postings are numbered from 1 on."""
    kind = entries.c.kind
    rules: dict[str, ColumnElement[bool]] = {
        "kind_is_known": kind.in_(list(MOVES)),
        "key_begins_with_kind": func.substr(entries.c.key, 1, func.length(kind) + 1) == kind + ":",
        "reason_is_given": entries.c.reason != "",
        "actor_is_given": entries.c.actor != "",
        "origin_is_given": entries.c.origin != "",
        "client_key_has_fingerprint": kind.in_(list(CLIENT_KEYED)) == entries.c.fingerprint.is_not(None),
        "resolution_names_hold": kind.in_(list(RESOLUTIONS)) == entries.c.resolves_id.is_not(None),
        "reversal_names_entry": kind.in_(list(REVERSALS)) == entries.c.reverses_id.is_not(None),
        "hold_expires": (kind == "hold") == entries.c.hold_expires_at.is_not(None),
    }
    broken = select(
        entries.c.id, kind, entries.c.key, *(case((rule, 1), else_=0).label(name) for name, rule in rules.items())
    ).where(book.entries, or_(*(~rule for rule in rules.values())))
    for row in reading(book, broken):
        for name in rules:
            if not getattr(row, name):
                report.found(4, name, f"entry {row.id}", f"a {row.kind} under the key {row.key!r}")
    moved = (
        select(postings.c.entry_id, func.count().label("times"), func.max(postings.c.n).label("last"))
        .where(book.postings)
        .group_by(postings.c.entry_id)
        .subquery()
    )
    gaps = (
        select(entries.c.id, kind, func.coalesce(moved.c.times, 0).label("times"), moved.c.last)
        .outerjoin(moved, moved.c.entry_id == entries.c.id)
        .where(book.entries, or_(moved.c.times.is_(None), moved.c.times != moved.c.last))
    )
    for row in reading(book, gaps):
        said = f"a {row.kind} has {row.times} postings, the last numbered {row.last}"
        report.found(4, "postings_are_numbered", f"entry {row.id}", said)


def verify_origins_of_points(book: Extent, report: Report) -> None:
    """5: what changes its last day keeps its fund, entry by entry; only decisions issue points, or end them."""
    leg = union_all(
        *(
            select(
                postings.c.entry_id,
                postings.c.lot_id,
                (postings.c.amount * literal(sign)).label("amount"),
            ).where(book.postings, postings.c[side] == VINTAGE.id_in(book.id))
            for side, sign in (("source_id", -1), ("destination_id", 1))
        )
    ).subquery()
    left = func.sum(leg.c.amount)
    converted = (
        select(leg.c.entry_id, lots.c.fund, left.label("left"))
        .join(lots, (lots.c.id == leg.c.lot_id) & (lots.c.book_id == book.id))
        .group_by(leg.c.entry_id, lots.c.fund)
        .having(left != 0)
    )
    for row in reading(book, converted):
        said = f"leaves {row.left} points of fund {row.fund!r} between two last days"
        report.found(5, "points_keep_their_fund", f"entry {row.entry_id}", said)
    form = case((lots.c.unit != "points", lots.c.unit), (lots.c.last_day == UNDATED, "U"), else_="D")
    may = or_(*(and_(entries.c.kind == kind, form == issued) for kind, issued in ISSUING.items()))
    for side in (postings.c.source_id, postings.c.destination_id):
        issuing = (
            select(entries.c.id, entries.c.kind, postings.c.amount, form.label("form"))
            .join(entries, (entries.c.book_id == postings.c.book_id) & (entries.c.id == postings.c.entry_id))
            .join(lots, (lots.c.book_id == postings.c.book_id) & (lots.c.id == postings.c.lot_id))
            .where(book.postings, side == ISSUANCE.id_in(book.id), ~may)
        )
        for row in reading(book, issuing):
            said = f"a {row.kind} brings {row.amount} {row.form} into the world or out of it"
            report.found(5, "issues_what_it_may", f"entry {row.id}", said)
