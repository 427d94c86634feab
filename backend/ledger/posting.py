"""`post_many`: the one way to post. Its order is the same for everybody, so nobody deadlocks and nobody overspends.

1 lots and accounts exist          insert, nothing if they do
2 claims, in one order             insert; who is missing was posted before, or resolves what is resolved
3 turns at wallets                 by whoever plans on them or changes several of their rows
4 plans are spelt out              under lock of every wallet row they touch, in lock order; who owes repays
5 balances, in lock order          loses: conditional UPDATE; gains: upsert; both return what is now true
6 postings, with balances after    one insert

The caller's transaction is joined, never committed. A miss in 5 raises `Replan`: somebody else was faster, and the
whole deed is run again on what is true now. Only a plan made under lock says `InsufficientPoints`.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from backend.ledger import known
from backend.ledger.balancing import After, move
from backend.ledger.book import Book as Book
from backend.ledger.book import Place, inserting
from backend.ledger.book import Posted as Posted
from backend.ledger.claiming import claim
from backend.ledger.drafts import Draft
from backend.ledger.kinds import Posting
from backend.ledger.models import accounts, lots, postings
from backend.ledger.planning import needs_planning, plan
from backend.ledger.refusing import all_or_nothing
from backend.ledger.turns import take_turns


def post(book: Book, draft: Draft) -> Posted:
    """Post one entry: the batch of one."""
    return post_many(book, [draft])[0]


def post_many(book: Book, drafts: Sequence[Draft]) -> list[Posted]:
    """Post entries together, all or none; the answers are in the order of the drafts.

    Raises `KeyReused`, `AlreadyResolved`, `AlreadyReversed`, `InsufficientPoints`, `AwardExpired`, `BalanceTooLarge`,
    or `Replan`; after any of them the transaction can only be rolled back.
    """
    if not drafts:
        return []
    with all_or_nothing(book.session):
        _ensure_known(book, drafts)
        claims = claim(book, drafts)
        fresh = [draft for draft in drafts if not claims.answers[draft.id].is_replay]
        take_turns(book, fresh, planning=needs_planning(fresh, owing=claims.owing))
        happening = plan(book, fresh, owing=claims.owing)
        repaid = [entry for entry in happening if entry.id not in claims.answers]
        if repaid:
            claim(book, repaid)
        _record(book, happening, move(book, happening))
    return [claims.answers[draft.id] for draft in drafts]


def _ensure_known(book: Book, drafts: Sequence[Draft]) -> None:
    used = {side for draft in drafts for side in draft.sides}
    moved = {lot for draft in drafts for lot in draft.lots}  # what is taken from a wallet exists already
    rows = {account.id_in(book.id): {"kind": account.kind, "owner": account.owner} for account in used}
    _ensure(book, accounts, rows)
    _ensure(book, lots, {lot.id_in(book.id): vars(lot) for lot in moved})


def _ensure(book: Book, table: Table, rows: dict[UUID, dict[str, Any]]) -> None:
    unknown = known.missing(book.session, table.name, rows)
    if unknown:
        values = [{"book_id": book.id, "id": row_id} | rows[row_id] for row_id in sorted(unknown)]
        book.session.execute(inserting(book, table).on_conflict_do_nothing(), values)
        known.remember_after_commit(book.session, table.name, unknown)


def _record(book: Book, drafts: Sequence[Draft], after_each: Iterable[dict[Place, After]]) -> None:
    rows = [
        _row(book, draft, n, posting, after)
        for draft, after in zip(drafts, after_each, strict=True)
        for n, posting in enumerate(draft.postings, start=1)
    ]
    if rows:
        book.session.execute(inserting(book, postings), rows)


def _row(book: Book, draft: Draft, n: int, posting: Posting, after: dict[Place, After]) -> dict[str, Any]:
    source = after.get((posting.source, posting.lot))
    destination = after.get((posting.destination, posting.lot))
    return {
        "book_id": book.id,
        "entry_id": draft.id,
        "n": n,
        "lot_id": posting.lot.id_in(book.id),
        "source_id": posting.source.id_in(book.id),
        "destination_id": posting.destination.id_in(book.id),
        "amount": posting.amount,
        "source_after": source.balance if source else None,
        "source_version": source.version if source else None,
        "destination_after": destination.balance if destination else None,
        "destination_version": destination.version if destination else None,
    }
