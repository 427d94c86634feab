"""Check 9: what the features say about their entries, held against the ledger, both ways and with amounts.

The upper floors bring *claims*: one row per entry that one of their rows names. The ledger learns nothing about them
but an entry, a kind, an amount, an origin and, where a feature knows them, a key, accounts and the shares of funds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from backend.ledger.accounts import ISSUANCE, PAYABLE
from backend.ledger.book import Extent, reading
from backend.ledger.findings import Report
from backend.ledger.kinds import OF_ITSELF
from backend.ledger.models import accounts, entries, lots, postings

NOBODY = literal("nobody")

_ACCOUNTS = 5  # that a claim may name


@dataclass(frozen=True)
class Evidence:
    """What one feature says about its entries.

    `kinds` are the kinds of which it knows every entry. `claims` selects columns made by `claim`, `shares` columns
    made by `share`. `contradictions` select `subject` and `said` for rows of the feature that contradict each other.
    """

    feature: str
    kinds: tuple[str, ...]
    claims: tuple[Select[Any], ...]
    shares: tuple[Select[Any], ...] = ()
    contradictions: tuple[Select[Any], ...] = ()


def written(*parts: Any) -> ColumnElement[str]:
    """Texts and ids in one text, without hyphens: databases write ids in different ways."""
    columns = [cast(literal(part) if isinstance(part, str) else part, String) for part in parts]
    text: ColumnElement[str] = columns[0]
    for column in columns[1:]:
        text = text + column
    return func.replace(text, "-", "")


def claim(
    *, entry: Any, kind: str, amount: Any, origin: Any, key: Any = None, accounts: Mapping[str, Any] | None = None
) -> tuple[ColumnElement[Any], ...]:
    """The columns of a claim. Origin, key and the owners of accounts are `written`; no key: not compared.

    Where the entry touches an account of a kind that is named, it is the one of that owner; `NOBODY` for a kind that
    it must not touch. Named "source" or "destination", every posting has that account there, `written` as kind:owner.
    """
    nothing = cast(null(), String)
    named = [*(accounts or {}).items(), *[(None, None)] * _ACCOUNTS][:_ACCOUNTS]
    return (
        entry.label("entry_id"),
        literal(kind).label("kind"),
        amount.label("amount"),
        origin.label("origin"),
        (nothing if key is None else key).label("key"),
        *((nothing if kind is None else literal(kind)).label(f"account_{n}") for n, (kind, _) in enumerate(named)),
        *((nothing if owner is None else owner).label(f"owner_{n}") for n, (_, owner) in enumerate(named)),
    )


def share(*, entry: Any, fund: Any, amount: Any) -> tuple[ColumnElement[Any], ...]:
    """The columns of a fund's share in an entry; `fund` is `written`."""
    return entry.label("entry_id"), fund.label("fund"), amount.label("amount")


def verify_kinds(book: Extent, report: Report, *, evidence: Sequence[Evidence]) -> None:
    """An entry of a kind that no feature knows has no business at all."""
    known = OF_ITSELF.union(*(feature.kinds for feature in evidence))
    strange = select(entries.c.id, entries.c.kind).where(book.entries, entries.c.kind.not_in(known))
    for row in reading(book, strange):
        report.found(9, "entry_has_business", f"entry {row.id}", f"a {row.kind}, which no feature posts")


def verify_feature(book: Extent, report: Report, *, feature: Evidence) -> None:
    """Claims name entries that are as they say, every entry is claimed once, and amounts are equal."""
    claims = _within(book, union_all(*feature.claims).subquery())
    _compare_words(book, report, feature, claims)
    _compare_amounts(book, report, feature, claims)
    _compare_accounts(book, report, feature, claims)
    if feature.shares:
        _compare_shares(book, report, feature)
    for contradiction in feature.contradictions:
        for row in reading(book, contradiction):
            report.found(9, "business_fits_itself", f"{feature.feature} {row.subject}", row.said)


def _within(book: Extent, named: Any) -> Any:
    """What is said about the entries that are verified."""
    return named if book.since is None else select(named).where(named.c.entry_id >= book.since).subquery()


def _compare_words(book: Extent, report: Report, feature: Evidence, claims: Any) -> None:
    differs: dict[str, ColumnElement[bool]] = {
        "entry_is_there": entries.c.id.is_(None),
        "kind_is_the_same": entries.c.kind != claims.c.kind,
        "origin_is_the_same": func.replace(entries.c.origin, "-", "") != claims.c.origin,
        "key_is_the_same": claims.c.key.is_not(None) & (func.replace(entries.c.key, "-", "") != claims.c.key),
    }
    query = (
        select(
            claims,
            entries.c.kind.label("is_kind"),
            entries.c.origin.label("is_origin"),
            entries.c.key.label("is_key"),
            *(case((condition, 1), else_=0).label(name) for name, condition in differs.items()),
        )
        .select_from(claims.outerjoin(entries, (entries.c.book_id == book.id) & (entries.c.id == claims.c.entry_id)))
        .where(or_(*differs.values()))
    )
    for row in reading(book, query):
        for name in differs:
            if getattr(row, name):
                said = (
                    f"{feature.feature} claim a {row.kind} of {row.amount} for {row.origin}; "
                    f"the ledger has {row.is_kind} under {row.is_key!r} for {row.is_origin}"
                )
                report.found(9, name, f"entry {row.entry_id}", said)


def _compare_amounts(book: Extent, report: Report, feature: Evidence, claims: Any) -> None:
    moved = (
        select(
            entries.c.id.label("entry_id"),
            func.sum(_counted(book)).label("moved"),
            literal(0).label("claimed"),
            literal(0).label("claims"),
        )
        .select_from(entries)
        .outerjoin(postings, (postings.c.book_id == entries.c.book_id) & (postings.c.entry_id == entries.c.id))
        .where(book.entries, entries.c.kind.in_(feature.kinds))
        .group_by(entries.c.id)
    )
    claimed = select(claims.c.entry_id, cast(null(), BigInteger), claims.c.amount, literal(1))
    both = union_all(moved, claimed).subquery()
    amount, told, times = func.sum(both.c.moved), func.sum(both.c.claimed), func.sum(both.c.claims)
    query = (
        select(both.c.entry_id, amount.label("moved"), told.label("claimed"), times.label("claims"))
        .group_by(both.c.entry_id)
        .having(or_(times != 1, amount != told))
    )
    for row in reading(book, query):
        subject = f"entry {row.entry_id}"
        if row.claims == 0:
            report.found(
                9, "entry_has_business", subject, f"moves {row.moved}, and no row of {feature.feature} names it"
            )
        elif row.claims > 1:
            report.found(9, "entry_is_claimed_once", subject, f"{row.claims} rows of {feature.feature} name it")
        elif row.moved is not None:  # else there is no such entry, and it was said
            said = f"moves {row.moved}, {feature.feature} say {row.claimed}"
            report.found(9, "amount_is_the_same", subject, said)


def _counted(book: Extent) -> ColumnElement[int]:
    """What of a posting is the entry's amount: a capture and a payment are about what left, to where there is no
    balance; a close about the fen it owes, or takes back; every other kind about what arrived where there is one."""
    leaves = postings.c.destination_version.is_(None)
    leaving = entries.c.kind.in_(("capture", "pay"))
    payable = PAYABLE.id_in(book.id)
    return case(
        (and_(entries.c.kind == "close", postings.c.source_id == payable), postings.c.amount),
        (and_(entries.c.kind == "close", postings.c.destination_id == payable), -postings.c.amount),
        (entries.c.kind == "close", 0),
        (or_(and_(leaving, leaves), and_(~leaving, ~leaves)), postings.c.amount),
        else_=0,
    )


def _compare_accounts(book: Extent, report: Report, feature: Evidence, claims: Any) -> None:
    """The accounts of the kinds that the feature names are those of the owners that it names."""
    source, destination = accounts.alias("source"), accounts.alias("destination")

    def is_strange(side: Any, name: str) -> ColumnElement[bool]:
        owner = func.replace(side.c.owner, "-", "")
        whole = side.c.kind + ":" + owner
        named = ((claims.c[f"account_{n}"], claims.c[f"owner_{n}"]) for n in range(_ACCOUNTS))
        return or_(
            *(
                or_(and_(account == side.c.kind, told != owner), and_(account == name, told != whole))
                for account, told in named
            )
        )

    strange_source = is_strange(source, "source")
    query = (
        select(
            claims.c.entry_id,
            case((strange_source, source.c.kind), else_=destination.c.kind).label("is_kind"),
            case((strange_source, source.c.owner), else_=destination.c.owner).label("is_owner"),
        )
        .select_from(claims)
        .outerjoin(postings, (postings.c.book_id == book.id) & (postings.c.entry_id == claims.c.entry_id))
        .outerjoin(source, (source.c.book_id == book.id) & (source.c.id == postings.c.source_id))
        .outerjoin(destination, (destination.c.book_id == book.id) & (destination.c.id == postings.c.destination_id))
        .where(claims.c.account_0.is_not(None), or_(strange_source, is_strange(destination, "destination")))
    )
    for row in reading(book, query):
        said = f"touches {row.is_kind} {row.is_owner}, which {feature.feature} do not name"
        report.found(9, "account_is_the_same", f"entry {row.entry_id}", said)


def _compare_shares(book: Extent, report: Report, feature: Evidence) -> None:
    """What each fund pays in an entry is what the feature wrote down when it fixed the worth.

    What comes back from outside, as when a close has more voided than captured of a lot, counts against it. What a
    capture gives back to the wallet is not paid.
    """
    shares = _within(book, union_all(*feature.shares).subquery())
    shared = select(shares.c.entry_id, shares.c.fund, shares.c.amount.label("amount"))
    comes_back = postings.c.source_id == ISSUANCE.id_in(book.id)
    amount = case((comes_back, postings.c.amount), else_=-postings.c.amount)
    paid = (
        select(postings.c.entry_id, func.replace(lots.c.fund, "-", ""), amount)
        .join(lots, (lots.c.book_id == postings.c.book_id) & (lots.c.id == postings.c.lot_id))
        .join(entries, (entries.c.book_id == postings.c.book_id) & (entries.c.id == postings.c.entry_id))
        .where(postings.c.book_id == book.id, postings.c.entry_id.in_(select(shares.c.entry_id)))
        .where(lots.c.unit == "points", or_(entries.c.kind != "capture", postings.c.destination_version.is_(None)))
    )
    both = union_all(shared, paid).subquery()
    left = func.sum(both.c.amount)
    query = (
        select(both.c.entry_id, both.c.fund, left.label("left"))
        .group_by(both.c.entry_id, both.c.fund)
        .having(left != 0)
    )
    for row in reading(book, query):
        said = f"fund {row.fund}: {feature.feature} and the ledger differ by {row.left}"
        report.found(9, "shares_are_the_same", f"entry {row.entry_id}", said)
