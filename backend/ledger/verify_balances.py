"""Checks 2, 3 and 7: balances are sums, their steps join without a gap, and what is held is what open holds say."""

from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, case, func, literal, select, union_all

from backend.ledger.accounts import UNBOUNDED
from backend.ledger.book import Extent, reading
from backend.ledger.findings import Report
from backend.ledger.models import accounts, balances, entries, postings


def verify_balances(book: Extent, report: Report) -> None:
    """2: per account and lot one balance row, with the sum of the postings and the number of the last step."""
    for row in reading(book, _sums(book) if book.since is None else _last_steps(book)):
        place = f"account {row.account_id} lot {row.lot_id}"
        if row.rows == 0:
            report.found(2, "balance_is_there", place, f"its postings leave {row.moved}, but it has no balance row")
        else:
            said = f"is {row.balance} after {row.version} entries; the postings say {row.moved} after {row.step}"
            report.found(2, "balance_is_sum", place, said)
    outside = (
        select(accounts.c.id, accounts.c.kind)
        .join(balances, (balances.c.book_id == accounts.c.book_id) & (balances.c.account_id == accounts.c.id))
        .where(accounts.c.book_id == book.id, accounts.c.kind.in_(UNBOUNDED))
    )
    for row in reading(book, outside):
        report.found(2, "outside_has_no_balance", f"account {row.id}", f"a balance row of {row.kind}")


def verify_steps(book: Extent, report: Report) -> None:
    """3: per account and lot, in the order of versions 1, 2, 3 …, each balance is the one before and what was moved.

    Not in the order of times or ids: two deeds may take place in another order than they began. Where only the
    newest entries are looked at, they go on from wherever the first of them begins.
    """
    leg = _legs(book).subquery() if book.since is None else _recent(book, book.since)
    # The legs of one entry are one step: they are peers in the window, summed and counted together.
    steps: dict[str, Any] = {
        "partition_by": (leg.c.account_id, leg.c.lot_id),
        "order_by": (leg.c.version, leg.c.entry_id),
    }
    chain: Any = select(
        leg,
        func.dense_rank().over(**steps).label("n"),
        func.sum(leg.c.moved).over(**steps).label("so_far"),
    ).subquery()
    begun: Any = literal(0)
    had: Any = literal(0)
    if book.since is not None:
        first: dict[str, Any] = {
            "partition_by": (chain.c.account_id, chain.c.lot_id),
            "order_by": (chain.c.version, chain.c.entry_id),
        }
        chain = select(
            chain,
            func.first_value(chain.c.version - chain.c.n).over(**first).label("begun"),
            func.first_value(chain.c.after - chain.c.so_far).over(**first).label("had"),
        ).subquery()
        begun, had = chain.c.begun, chain.c.had
    broken = select(chain).where(
        (chain.c.version != chain.c.n + begun) | (chain.c.after != chain.c.so_far + had) | (chain.c.after < 0)
    )
    for row in reading(book, broken):
        place = f"account {row.account_id} lot {row.lot_id} entry {row.entry_id}"
        said = f"step {row.n} is numbered {row.version} and says {row.after}; the postings so far make {row.so_far}"
        report.found(3, "steps_join", place, said)


def verify_held(book: Extent, report: Report) -> None:
    """7: per wallet and lot, what is held is the sum of the holds that nothing has resolved."""
    resolution = entries.alias("resolution")
    is_open = ~(
        select(resolution.c.id)
        .where(resolution.c.book_id == entries.c.book_id, resolution.c.resolves_id == entries.c.id)
        .exists()
    )
    set_aside = (
        select(postings.c.destination_id.label("account_id"), postings.c.lot_id, postings.c.amount.label("amount"))
        .select_from(entries)
        .outerjoin(postings, (postings.c.book_id == entries.c.book_id) & (postings.c.entry_id == entries.c.id))
        .where(entries.c.book_id == book.id, entries.c.kind == "hold", is_open)
    )
    held = (
        select(balances.c.account_id, balances.c.lot_id, (-balances.c.balance).label("amount"))
        .join(accounts, (accounts.c.book_id == balances.c.book_id) & (accounts.c.id == balances.c.account_id))
        .where(balances.c.book_id == book.id, accounts.c.kind == "held")
    )
    both = union_all(set_aside, held).subquery()
    over = func.sum(both.c.amount)
    broken = (
        select(both.c.account_id, both.c.lot_id, over.label("over"))
        .group_by(both.c.account_id, both.c.lot_id)
        .having(over != 0)
    )
    for row in reading(book, broken):
        place = f"account {row.account_id} lot {row.lot_id}"
        report.found(7, "held_is_open_holds", place, f"open holds and what is held differ by {row.over}")


def _sums(book: Extent) -> Select[Any]:
    """Places whose balance row is not the sum of all postings."""
    moved = _legs(book).subquery()
    stated = select(
        balances.c.account_id,
        balances.c.lot_id,
        literal(0).label("moved"),
        literal(0).label("step"),
        balances.c.balance,
        balances.c.version,
        literal(1).label("rows"),
    ).where(balances.c.book_id == book.id)
    summed = select(
        moved.c.account_id,
        moved.c.lot_id,
        moved.c.moved,
        moved.c.version.label("step"),
        literal(0).label("balance"),
        literal(0).label("version"),
        literal(0).label("rows"),
    )
    both = union_all(summed, stated).subquery()
    moved_sum, balance = func.sum(both.c.moved), func.sum(both.c.balance)
    step, version = func.max(both.c.step), func.max(both.c.version)
    rows = func.sum(both.c.rows)
    return (
        select(
            both.c.account_id,
            both.c.lot_id,
            moved_sum.label("moved"),
            balance.label("balance"),
            step.label("step"),
            version.label("version"),
            rows.label("rows"),
        )
        .group_by(both.c.account_id, both.c.lot_id)
        .having((rows != 1) | (moved_sum != balance) | (step != version))
    )


def _last_steps(book: Extent) -> Select[Any]:
    """Places whose balance row is not what the newest posting left there."""
    leg = _recent(book, book.since or UUID(int=0))
    newest = func.row_number().over(
        partition_by=(leg.c.account_id, leg.c.lot_id), order_by=(leg.c.version.desc(), leg.c.entry_id.desc())
    )
    last = select(leg, newest.label("age")).subquery()
    same = (
        (balances.c.book_id == book.id)
        & (balances.c.account_id == last.c.account_id)
        & (balances.c.lot_id == last.c.lot_id)
    )
    return (
        select(
            last.c.account_id,
            last.c.lot_id,
            last.c.after.label("moved"),
            last.c.version.label("step"),
            balances.c.balance,
            balances.c.version,
            case((balances.c.version.is_(None), 0), else_=1).label("rows"),
        )
        .select_from(last.outerjoin(balances, same))
        .where(last.c.age == 1)
        .where(
            balances.c.version.is_(None) | (balances.c.balance != last.c.after) | (balances.c.version != last.c.version)
        )
    )


def _recent(book: Extent, since: UUID) -> Any:
    """Per place that was touched since, its legs from the first version of that time on."""
    leg = _legs(book).subquery()
    first = func.min(case((leg.c.entry_id >= since, leg.c.version))).over(partition_by=(leg.c.account_id, leg.c.lot_id))
    dated = select(leg, first.label("first")).subquery()
    return select(dated).where(dated.c.version >= dated.c.first).subquery()


def _legs(book: Extent) -> CompoundSelect[Any]:
    """Both sides of every posting that changed a balance: what moved, and what the row said afterwards."""

    def leg(side: str, moved: Any) -> Select[Any]:
        return select(
            postings.c[f"{side}_id"].label("account_id"),
            postings.c.lot_id,
            postings.c.entry_id,
            postings.c[f"{side}_version"].label("version"),
            postings.c[f"{side}_after"].label("after"),
            moved.label("moved"),
        ).where(book.postings_nearby, postings.c[f"{side}_version"].is_not(None))

    return union_all(leg("source", -postings.c.amount), leg("destination", postings.c.amount))
