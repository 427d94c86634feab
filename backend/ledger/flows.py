"""What became of one fund's points, counted from the postings."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from backend.ledger.book import Book
from backend.ledger.models import accounts, entries, lots, postings

_WITH_PEOPLE = ("person", "household", "group", "charity_pool", "held")


def flow_of(book: Book, fund: str) -> dict[str, int]:
    """Points of a fund: what came in and moved by kind, and where they are now. Returns include what was undone."""
    arrived = (
        select(entries.c.kind, func.sum(postings.c.amount))
        .join(postings, (postings.c.book_id == entries.c.book_id) & (postings.c.entry_id == entries.c.id))
        .join(lots, (lots.c.book_id == postings.c.book_id) & (lots.c.id == postings.c.lot_id))
        .join(accounts, (accounts.c.book_id == postings.c.book_id) & (accounts.c.id == postings.c.destination_id))
        .where(entries.c.book_id == book.id, lots.c.fund == fund, lots.c.unit == "points", _arrives())
        .group_by(entries.c.kind)
    )
    moved: dict[str, int] = {kind: int(points) for kind, points in book.session.execute(arrived)}
    there = {kind: _at(book, fund, kind) for kind in ("fund", "activity_budget", *_WITH_PEOPLE, "merchant")}
    return {
        "allocated": moved.get("allocate", 0),
        "withdrawn": moved.get("withdraw", 0),
        "reserved": moved.get("reserve", 0),
        "returned": sum(moved.get(kind, 0) for kind in ("return", "reverse", "recover")),
        "earned": moved.get("award", 0),
        "expired": moved.get("expire", 0),
        "in_fund": there["fund"],
        "in_activities": there["activity_budget"],
        "with_residents": sum(there[kind] for kind in _WITH_PEOPLE),
        "with_merchants": there["merchant"],
        "settled": _settled(book, fund),
    }


def _arrives() -> ColumnElement[bool]:
    """One movement of each kind: a conversion between undated and dated points has two, and counts once."""
    return accounts.c.kind != "vintage"


def _at(book: Book, fund: str, kind: str) -> int:
    """Points of the fund that all accounts of the kind have: gained less lost."""
    return _sum(book, fund, kind, postings.c.destination_id) - _sum(book, fund, kind, postings.c.source_id)


def _settled(book: Book, fund: str) -> int:
    """Points that left through statements, less what came back through them."""
    closed = entries.c.kind == "close"
    return _sum(book, fund, "issuance", postings.c.destination_id, closed) - _sum(
        book, fund, "issuance", postings.c.source_id, closed
    )


def _sum(book: Book, fund: str, kind: str, side: Any, *where: ColumnElement[bool]) -> int:
    query = (
        select(func.coalesce(func.sum(postings.c.amount), 0))
        .join(lots, (lots.c.book_id == postings.c.book_id) & (lots.c.id == postings.c.lot_id))
        .join(accounts, (accounts.c.book_id == postings.c.book_id) & (accounts.c.id == side))
        .where(postings.c.book_id == book.id, lots.c.fund == fund, lots.c.unit == "points", accounts.c.kind == kind)
    )
    if where:
        query = query.join(
            entries, (entries.c.book_id == postings.c.book_id) & (entries.c.id == postings.c.entry_id)
        ).where(*where)
    return int(book.session.scalar(query) or 0)
