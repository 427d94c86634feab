"""What became of funds' points, counted from the postings in one pass."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import func, select

from backend.ledger.book import Book
from backend.ledger.models import accounts, entries, lots, postings

_WITH_PEOPLE = ("person", "household", "group", "charity_pool", "held")
_BACK = ("return", "reverse", "recover")


def flows_of(book: Book, funds: Collection[str]) -> dict[str, dict[str, int]]:
    """Points of each fund: what came in and moved by kind, and where they are now. Returns include what was undone."""
    moved: dict[str, dict[str, int]] = {fund: defaultdict(int) for fund in funds}
    there: dict[str, dict[str, int]] = {fund: defaultdict(int) for fund in funds}
    settled: dict[str, int] = dict.fromkeys(funds, 0)
    source, destination = accounts.alias("source"), accounts.alias("destination")
    passed = (
        select(lots.c.fund, entries.c.kind, source.c.kind, destination.c.kind, func.sum(postings.c.amount))
        .select_from(postings)
        .join(lots, (lots.c.book_id == postings.c.book_id) & (lots.c.id == postings.c.lot_id))
        .join(entries, (entries.c.book_id == postings.c.book_id) & (entries.c.id == postings.c.entry_id))
        .join(source, (source.c.book_id == postings.c.book_id) & (source.c.id == postings.c.source_id))
        .join(
            destination, (destination.c.book_id == postings.c.book_id) & (destination.c.id == postings.c.destination_id)
        )
        .where(postings.c.book_id == book.id, lots.c.unit == "points", lots.c.fund.in_(funds))
        .group_by(lots.c.fund, entries.c.kind, source.c.kind, destination.c.kind)
    )
    for fund, kind, left, came, amount in book.session.execute(passed):
        points = int(amount)
        there[fund][left] -= points
        there[fund][came] += points
        if came != "vintage":  # undated points become dated ones in two movements, which count once
            moved[fund][kind] += points
        if kind == "close":
            settled[fund] += points if came == "issuance" else -points
    return {
        fund: {
            "allocated": moved[fund]["allocate"],
            "withdrawn": moved[fund]["withdraw"],
            "reserved": moved[fund]["reserve"],
            "returned": sum(moved[fund][kind] for kind in _BACK),
            "earned": moved[fund]["award"],
            "expired": moved[fund]["expire"],
            "in_fund": there[fund]["fund"],
            "in_activities": there[fund]["activity_budget"],
            "with_residents": sum(there[fund][kind] for kind in _WITH_PEOPLE),
            "with_merchants": there[fund]["merchant"],
            "settled": settled[fund],
        }
        for fund in funds
    }
