"""Check 1: accounts and lots are what their ids say, and only what fits lies in an account."""

from sqlalchemy import or_, select

from backend.ledger.accounts import BOUNDED, UNBOUNDED, UNDATED, WALLETS, Account, Lot
from backend.ledger.book import Extent, reading
from backend.ledger.findings import Report
from backend.ledger.models import accounts, balances, lots

_ALONE = ("issuance", "vintage", "service", "payable", "paid", "charity_pool")  # a book has one account of each


def verify_ids(book: Extent, report: Report) -> None:
    """Every id is the hash of what it stands for; kinds are known; dated points end with a year."""
    for row in reading(book, select(accounts).where(accounts.c.book_id == book.id)):
        account = Account(row.kind, row.owner)
        if row.id != account.id_in(book.id):
            report.found(1, "account_id_is_hash", row.id, f"says it is {account.kind} {account.owner!r}")
        if account.kind not in BOUNDED | UNBOUNDED:
            report.found(1, "account_kind_is_known", row.id, f"is of the unknown kind {account.kind!r}")
        if account.kind in _ALONE and account.owner:
            report.found(1, "is_one_account", row.id, f"a second {account.kind}: {account.owner!r}")
    for row in reading(book, select(lots).where(lots.c.book_id == book.id)):
        lot = Lot(row.unit, row.fund, row.last_day)
        if row.id != lot.id_in(book.id):
            report.found(1, "lot_id_is_hash", row.id, f"says it is {lot}")
        if lot.unit == "points" and not lot.fund:
            report.found(1, "points_have_a_fund", row.id, "points that nobody pays for")
        if lot.unit != "points" and (lot.fund or lot.last_day != UNDATED):
            report.found(1, "other_units_are_one_lot", row.id, f"a second lot of {lot.unit}")
        if not lot.is_sane:
            report.found(1, "last_day_ends_a_year", row.id, f"its last day is {lot.last_day}")


def verify_places(book: Extent, report: Report) -> None:
    """A fund has undated points of its own, a budget undated ones; wallets, and what they hold, dated ones."""
    is_points, is_undated = lots.c.unit == "points", lots.c.last_day == UNDATED
    own = is_points & is_undated & (accounts.c.owner == lots.c.fund)
    fits = or_(
        (accounts.c.kind == "fund") & own,
        (accounts.c.kind == "activity_budget") & is_points & is_undated,
        accounts.c.kind.in_((*WALLETS, "held", "charity_pool")) & is_points & ~is_undated,
        (accounts.c.kind == "person") & (lots.c.unit == "minutes"),
        (accounts.c.kind == "recoverable") & (lots.c.unit == "owed"),
        accounts.c.kind.in_(UNBOUNDED),  # has no balances at all: check 2
    )
    misplaced = (
        select(accounts.c.id, accounts.c.kind, accounts.c.owner, lots.c.unit, lots.c.fund, lots.c.last_day)
        .select_from(balances)
        .join(accounts, (accounts.c.book_id == balances.c.book_id) & (accounts.c.id == balances.c.account_id))
        .join(lots, (lots.c.book_id == balances.c.book_id) & (lots.c.id == balances.c.lot_id))
        .where(balances.c.book_id == book.id, ~fits)
    )
    for row in reading(book, misplaced):
        said = f"{row.kind} {row.owner!r} has {row.unit} of fund {row.fund!r} good to {row.last_day}"
        report.found(1, "account_has_only_its_own", row.id, said)
